import type { Findings } from "../findings.ts";
import type { MetaError } from "../graph.ts";
import type { CheckId } from "./ids.ts";

/**
 * - `blocks`: no code goes out, or its fate stays unknown.
 * - `degrades`: some users or features are affected.
 * - `warns`: it will break, or costs.
 * - `informs`: worth knowing.
 */
export type Severity = "blocks" | "degrades" | "warns" | "informs";

export type CheckIdList = readonly CheckId[];

/** One thing that may stand between a deployment and a code on a phone. */
export interface Check {
  readonly id: CheckId;
  readonly severity: Severity;
  /** Its grounds: while one of them has failed, this check would only repeat it and is skipped. */
  readonly needs: CheckIdList;
  /** Null where there is nothing to examine, such as Cloudflare's side in the Worker. */
  readonly examine: (findings: Findings) => Result | null;
}

export type Result =
  | { readonly state: "ok"; readonly sentence: string; readonly evidence?: Evidence }
  | { readonly state: "unknown"; readonly sentence: string }
  | Fault;

/** What is wrong, in sentences for the person who has to act. */
export interface Fault {
  readonly state: "warning" | "failed";
  readonly sentence: string;
  /** What follows from it. */
  readonly why: string;
  readonly repair: Repair;
  readonly evidence?: Evidence;
  readonly meta?: MetaError;
}

export interface Repair {
  /** `doctor`: the doctor does it; `command`: the team runs one; `link`: someone clicks at Meta; `wait`: time alone. */
  readonly by: "doctor" | "command" | "link" | "wait";
  /** One sentence that reads alone: the next step of an examination quotes it. */
  readonly text: string;
  readonly url?: string;
}

export interface Evidence {
  readonly expected: unknown;
  readonly found: unknown;
}
