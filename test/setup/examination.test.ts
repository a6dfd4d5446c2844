import { describe, expect, it } from "vitest";
import type { Check, Result, Severity } from "../../src/setup/checks/check.ts";
import type { CheckId } from "../../src/setup/checks/ids.ts";
import { examine } from "../../src/setup/examination.ts";
import type { Findings } from "../../src/setup/findings.ts";

const FINDINGS = { now: Date.parse("2026-11-30T12:00:00Z") } as Findings;

type State = Result["state"] | "absent";

function check(
  id: CheckId,
  state: State,
  needs: readonly CheckId[] = [],
  severity: Severity = "blocks",
): Check {
  return { id, severity, needs, examine: () => resultOf(id, state) };
}

function resultOf(id: CheckId, state: State): Result | null {
  if (state === "absent") return null;
  if (state === "ok" || state === "unknown") return { state, sentence: `${id} is ${state}.` };
  return { state, sentence: `${id} is red.`, why: "It hurts.", repair: { by: "wait", text: `Mend ${id}.` } };
}

const statesOf = (checks: readonly Check[]) =>
  Object.fromEntries(examine(FINDINGS, checks).checks.map(({ id, state }) => [id, state]));

describe("An examination", () => {
  it("skips what rests on a failed check, through any number of steps, and names the cause", () => {
    const checks = [
      check("app.published", "failed", ["webhook.account"]),
      check("webhook.account", "failed", ["token.assigned"]),
      check("token.assigned", "failed", ["token.valid"]),
      check("token.valid", "failed"),
      check("api.version", "ok", [], "warns"),
    ];
    expect(statesOf(checks)).toEqual({
      "app.published": "skipped",
      "webhook.account": "skipped",
      "token.assigned": "skipped",
      "token.valid": "failed",
      "api.version": "ok",
    });
    expect(examine(FINDINGS, checks).checks[0]?.sentence).toBe("Not examined: token.valid comes first.");
  });

  it("examines what rests on a warning, on what is unknown and on what is absent", () => {
    const needs: CheckId[] = ["token.lasting", "token.valid", "cf.token"];
    const grounds = [
      check("token.lasting", "warning"),
      check("token.valid", "unknown"),
      check("cf.token", "absent"),
    ];
    expect(statesOf([...grounds, check("webhook.account", "ok", needs)])).toEqual({
      "token.lasting": "warning",
      "token.valid": "unknown",
      "webhook.account": "ok",
    });
  });

  it("names the worst fault as the next step, then the first of the list", () => {
    const checks = [
      check("templates.ttl", "warning", [], "degrades"),
      check("number.registered", "failed"),
      check("webhook.account", "failed"),
    ];
    expect(examine(FINDINGS, checks).next).toBe("Mend webhook.account.");
  });

  it("says that nothing is to be done, or what could not be answered", () => {
    expect(examine(FINDINGS, [check("token.valid", "ok")]).next).toBe("Nothing: every check is fine.");
    expect(examine(FINDINGS, [check("token.valid", "unknown")]).next).toBe(
      "Check again later: 1 check could not be answered.",
    );
  });

  it.each([
    ["ready", [check("token.valid", "ok"), check("api.version", "warning", [], "warns")]],
    ["blocked", [check("token.valid", "failed"), check("number.test", "failed")]],
    ["blocked", [check("token.valid", "unknown")]],
    ["ready", [check("token.valid", "ok"), check("app.published", "unknown")]],
    ["trial", [check("number.test", "failed"), check("account.verified", "warning", [], "degrades")]],
    ["limited", [check("template.eligibility", "failed")]],
    ["limited", [check("account.verified", "warning", [], "degrades")]],
    ["blocked", [check("template.eligibility", "failed"), check("webhook.account", "failed")]],
  ] as const)("has the verdict %s", (verdict, checks) => {
    expect(examine(FINDINGS, checks)).toMatchObject({ verdict, checkedAt: "2026-11-30T12:00:00.000Z" });
  });
});
