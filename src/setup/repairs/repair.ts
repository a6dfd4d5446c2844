import type { CheckId } from "../checks/ids.ts";
import type { Findings } from "../findings.ts";
import type { Answer, Graph, MetaError } from "../graph.ts";

/** What became of a repair. */
export type RepairOutcome =
  /** @property secret what is shown this once: the new two-step PIN of a number */
  | { readonly kind: "repaired"; readonly secret?: string }
  /** It was as it has to be; nothing was called. */
  | { readonly kind: "not_needed" }
  /** Another check comes first, or Meta did not tell whether it is needed. */
  | { readonly kind: "waits"; readonly sentence: string }
  | { readonly kind: "refused"; readonly error: MetaError }
  /** Meta did not answer; it may have carried out the call. */
  | { readonly kind: "unanswered"; readonly reason: string }
  /** It changes what another project or person set, and was not agreed to. */
  | { readonly kind: "needs_consent"; readonly sentence: string }
  /** A person has to do it. */
  | { readonly kind: "by_hand"; readonly sentence: string };

/** What repairs are made with. */
export interface RepairTools {
  readonly graph: Graph;
  /** The deployment's `WHATSAPP_VERIFY_TOKEN`, which Meta's handshake comes with. */
  readonly verifyToken: string;
  /** Whether the caller agrees to change what another project or person set. */
  readonly mayTakeOver: boolean;
  /** Six random digits. */
  newPin(): string;
  /** Creates what is missing of the starter set; undefined where no deployment can. */
  createTemplates?(names: readonly string[], languages: readonly string[]): Promise<RepairOutcome>;
  /** Is told how Meta answered a registration: null where it took it. */
  onRegistration?(refusal: MetaError | null): Promise<void>;
}

export type RepairFunction = (findings: Findings, tools: RepairTools) => Promise<RepairOutcome>;

export type Repairs = Partial<Readonly<Record<CheckId, RepairFunction>>>;

/** The outcome of a call that repairs by itself. */
export function outcomeOf(answer: Answer<unknown>): RepairOutcome {
  switch (answer.kind) {
    case "answered":
      return { kind: "repaired" };
    case "refused":
      return answer;
    case "silent":
      return { kind: "unanswered", reason: answer.reason };
  }
}

/** What to tell of an outcome beyond its kind; null where that says all. */
export function sentenceOf(outcome: RepairOutcome): string | null {
  switch (outcome.kind) {
    case "repaired":
    case "not_needed":
      return null;
    case "refused":
      return `Meta refused it with code ${outcome.error.code}: ${outcome.error.message}`;
    case "unanswered":
      return outcome.reason;
    default:
      return outcome.sentence;
  }
}
