import type { RuleMatch } from "../rule.ts";

/** What is wrong with a destination. */
export type Fault = Pick<RuleMatch, "rule" | "figures" | "limits">;

/** One answer for every rule about destinations: whoever asks does not learn what the team has on its lists. */
export function notAllowed(fault: Fault, mode: RuleMatch["mode"]): RuleMatch {
  return {
    ...fault,
    code: "destination_not_allowed",
    mode,
    wait: null,
    detail: "This deployment sends no codes to this destination.",
  };
}
