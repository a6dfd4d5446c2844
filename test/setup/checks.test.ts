import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CHECK_IDS, type CheckId } from "../../src/setup/checks/ids.ts";
import { LAST_MIGRATION } from "../../src/setup/checks/platform.ts";
import type { Verdict } from "../../src/setup/examination.ts";
import { AccountAtMeta, examineAll, faultsOf, SECRETS } from "./account-at-meta.ts";
import { CASES } from "./cases.ts";

describe("A healthy account", () => {
  it("has nothing but green checks, and the verdict ready", async () => {
    const examination = examineAll(await (await AccountAtMeta.with({})).look());
    expect(examination.checks.filter(({ state }) => state !== "ok")).toEqual([]);
    expect(examination).toMatchObject({ verdict: "ready", next: "Nothing: every check is fine." });
    expect(examination.checks.map(({ id }) => id)).toEqual(CHECK_IDS);
  });
});

describe("Every fault has one check that says it", () => {
  it.each(CASES)(
    "$id: $what",
    async ({ id, changes, sentence, verdict = "blocked" as Verdict, state = "failed" }) => {
      const examination = examineAll(await (await AccountAtMeta.with(changes)).look());
      const faults = faultsOf(examination);
      expect(faults.map((fault) => fault.id)).toEqual([id]);
      expect(faults[0]).toMatchObject({ sentence, state });
      expect(faults[0]?.repair?.text).toMatch(/^[A-Z].*[.!]$/);
      expect(examination.next).toBe(faults[0]?.repair?.text);
      expect(examination.verdict).toBe(verdict);
      const text = JSON.stringify(examination);
      expect(SECRETS.filter((secret) => text.includes(secret))).toEqual([]);
    },
  );

  it("has a case for each check", () => {
    const tested = new Set<CheckId>(CASES.map(({ id }) => id));
    expect(CHECK_IDS.filter((id) => !tested.has(id))).toEqual([]);
  });

  it("knows the newest migration of the journal", () => {
    expect(readdirSync("src/journal/migrations").toSorted().at(-1)).toBe(LAST_MIGRATION);
  });
});
