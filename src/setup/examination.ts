import { toIso } from "../platform/time.ts";
import type { Check, Evidence, Repair, Severity } from "./checks/check.ts";
import { CHECK_IDS, type CheckId } from "./checks/ids.ts";
import type { Findings } from "./findings.ts";
import type { MetaError } from "./graph.ts";

export type State = "ok" | "warning" | "failed" | "unknown" | "skipped";

/**
 * - `ready`: codes go out on WhatsApp.
 * - `limited`: the number works, but not every code can be sent on WhatsApp yet.
 * - `trial`: Meta's test number.
 * - `blocked`: something else stands in the way, or Meta does not answer.
 */
export type Verdict = "ready" | "limited" | "trial" | "blocked";

export interface CheckResult {
  readonly id: CheckId;
  readonly severity: Severity;
  readonly state: State;
  readonly sentence: string;
  readonly why: string | null;
  readonly repair: Repair | null;
  readonly evidence: Evidence | null;
  readonly meta: MetaError | null;
}

export interface Examination {
  readonly verdict: Verdict;
  /** RFC 3339. */
  readonly checkedAt: string;
  /** The first thing to do, in one sentence. */
  readonly next: string;
  /** In the order of {@link CHECK_IDS}. */
  readonly checks: readonly CheckResult[];
}

/**
 * Examines what a look found. A check whose ground has failed is skipped, so that one cause gives one sentence; one that
 * has nothing to examine is left out.
 */
export function examine(findings: Findings, checks: readonly Check[]): Examination {
  const byId = new Map(checks.map((check) => [check.id, check]));
  const results = new Map<CheckId, CheckResult | null>();
  const resultOf = (id: CheckId): CheckResult | null => {
    const known = results.get(id);
    if (known !== undefined) return known;
    const check = byId.get(id);
    const result = check === undefined ? null : resultFor(check, check.needs.map(resultOf), findings);
    results.set(id, result);
    return result;
  };
  const all = CHECK_IDS.map(resultOf).filter((result) => result !== null);
  return { ...concluded(all), checkedAt: toIso(findings.now), checks: all };
}

/** The verdict and the next step that follow from results, wherever they come from. */
export function concluded(results: readonly CheckResult[]): Pick<Examination, "verdict" | "next"> {
  return { verdict: verdictOn(results), next: nextStep(results) };
}

function resultFor(
  check: Check,
  grounds: readonly (CheckResult | null)[],
  findings: Findings,
): CheckResult | null {
  const { id, severity } = check;
  const ground = grounds.find((result) => result?.state === "failed" || result?.state === "skipped");
  if (ground !== undefined && ground !== null) {
    const cause = ground.state === "skipped" ? ground.sentence : `Not examined: ${ground.id} comes first.`;
    return Object.assign({ id, severity, state: "skipped" as const, sentence: cause }, NOTHING_TO_SAY);
  }
  const result = check.examine(findings);
  if (result === null) return null;
  const { state, sentence } = result;
  return Object.assign({ id, severity, state, sentence }, NOTHING_TO_SAY, result);
}

const NOTHING_TO_SAY = { why: null, repair: null, evidence: null, meta: null } as const;

/** Faults that leave a working number, which users can write to. */
const LIMITS: readonly CheckId[] = [
  "template.eligibility",
  "account.verified",
  "account.payment",
  "templates.present",
];

/** Without an answer to these nothing can be promised. */
const CRUCIAL: readonly CheckId[] = [
  "token.valid",
  "token.assigned",
  "number.registered",
  "template.eligibility",
];

function verdictOn(results: readonly CheckResult[]): Verdict {
  const failed = results.filter(({ state }) => state === "failed");
  const isRed = (id: CheckId) => results.some((result) => result.id === id && isFault(result));
  if (results.some(({ id, state }) => state === "unknown" && CRUCIAL.includes(id))) return "blocked";
  const stands = failed.filter(({ id, severity }) => severity === "blocks" && !LIMITS.includes(id));
  if (stands.some(({ id }) => id !== "number.test")) return "blocked";
  if (isRed("number.test")) return "trial";
  return LIMITS.some(isRed) ? "limited" : "ready";
}

export function isFault({ state }: CheckResult): boolean {
  return state === "failed" || state === "warning";
}

const SEVERITIES: readonly Severity[] = ["blocks", "degrades", "warns", "informs"];

/** The worst fault; of equals, the first of the list. */
function nextStep(results: readonly CheckResult[]): string {
  const rank = ({ severity, state }: CheckResult) =>
    SEVERITIES.indexOf(severity) + (state === "failed" ? 0 : SEVERITIES.length);
  const [worst] = results.filter(isFault).toSorted((a, b) => rank(a) - rank(b));
  if (worst !== undefined) return worst.repair?.text ?? worst.sentence;
  const unknown = results.filter(({ state }) => state === "unknown");
  if (unknown.length === 0) return "Nothing: every check is fine.";
  return `Check again later: ${unknown.length} ${unknown.length === 1 ? "check" : "checks"} could not be answered.`;
}
