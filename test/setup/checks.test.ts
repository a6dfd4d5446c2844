import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CHECK_IDS, type CheckId } from "../../src/setup/checks/ids.ts";
import { LAST_MIGRATION } from "../../src/setup/checks/platform.ts";
import type { Verdict } from "../../src/setup/examination.ts";
import { SETTINGS } from "../simulator/rig.ts";
import { AccountAtMeta, examineAll, faultsOf, SECRETS } from "./account-at-meta.ts";
import { CASES } from "./cases.ts";

describe("A healthy account", () => {
  it("has green checks alone, and the verdict ready", async () => {
    const examination = examineAll(await (await AccountAtMeta.with({})).look());
    expect(examination.checks.filter(({ state }) => state !== "ok")).toEqual([]);
    expect(examination).toMatchObject({ verdict: "ready", next: "Nothing: every check is fine." });
    expect(examination.checks.map(({ id }) => id)).toEqual(CHECK_IDS);
  });
});

describe("A fault", () => {
  it.each(CASES)(
    "of $id has this check alone: $what",
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

  it("is not guessed while Meta does not answer", async () => {
    const at = await AccountAtMeta.with({});
    const graph = at.graph({ fetch: () => Promise.reject(new DOMException("late", "TimeoutError")) });
    const { checks, verdict, next } = examineAll(await at.look(graph));
    expect(faultsOf({ checks })).toEqual([]);
    const unknown = checks.filter(({ state }) => state === "unknown");
    expect(unknown.length).toBeGreaterThan(20);
    expect(new Set(unknown.map(({ sentence }) => sentence))).toContain("Meta did not answer in time.");
    expect(verdict).toBe("blocked");
    expect(next).toBe(`Check again later: ${unknown.length} checks could not be answered.`);
  });

  it.each([
    ["a healthy account", {}, 12],
    ["a wrong app secret", { account: { app_secret: "another secret" } }, 12],
  ] as const)("is found with a dozen calls of Meta: %s", async (_, changes, most) => {
    const at = await AccountAtMeta.with(changes);
    const graph = at.graph();
    await at.look(graph);
    expect(graph.calls).toBeLessThanOrEqual(most);
  });

  it("is found at any of several numbers, which is then named without its digits", async () => {
    const more = { id: "106540352242923", display_phone_number: "+44 20 7946 0958", verified_name: "Two" };
    const phoneNumberIds = [SETTINGS.phoneNumberId, more.id];
    const at = await AccountAtMeta.with({
      account: { more_numbers: [more], is_on_biz_app: true },
      settings: { phoneNumberIds },
    });
    const examination = examineAll(await at.look());
    expect(faultsOf(examination).map(({ sentence }) => sentence)).toEqual([
      "The number +1********00 is also in the Business app: 20 messages a second at most.",
    ]);
    expect(JSON.stringify(examination)).not.toMatch(/7946|5550100/);
  });
});

describe("The list of checks", () => {
  it("has a case for each check", () => {
    const tested = new Set<CheckId>(CASES.map(({ id }) => id));
    expect(CHECK_IDS.filter((id) => !tested.has(id))).toEqual([]);
  });

  it("knows the newest migration of the journal", () => {
    expect(readdirSync("src/journal/migrations").toSorted().at(-1)).toBe(LAST_MIGRATION);
  });

  it("is that of docs/doctor.md, with the sentence and the repair of each check", async () => {
    const [, table] =
      /<!-- checks -->\n\n([\s\S]*?)\n\n<!-- \/checks -->/.exec(readFileSync("docs/doctor.md", "utf8")) ?? [];
    expect(table).toBe(await documentedChecks());
  });
});

/** The table of the documentation: of each check the first case, in the order of the list. */
async function documentedChecks(): Promise<string> {
  const rows = ["| check | what the doctor says, for example | what helps |", "|---|---|---|"];
  for (const id of CHECK_IDS) {
    const changes = CASES.find((given) => given.id === id)?.changes ?? {};
    const [fault] = faultsOf(examineAll(await (await AccountAtMeta.with(changes)).look()));
    const by = fault?.repair?.by === "doctor" ? "**The doctor:** " : "";
    rows.push(`| \`${id}\` | ${fault?.sentence} | ${by}${fault?.repair?.text} |`);
  }
  return rows.join("\n");
}
