import type { MetaError } from "./graph.ts";

/** What became of a repair. */
export type RepairOutcome =
  | { readonly kind: "repaired" }
  /** It was as it has to be; nothing was called. */
  | { readonly kind: "not_needed" }
  | { readonly kind: "refused"; readonly error: MetaError }
  /** Meta did not answer; it may have carried out the call. */
  | { readonly kind: "unknown"; readonly reason: string }
  /** It changes what another project or person set, and was not asked for by name. */
  | { readonly kind: "needs_consent"; readonly sentence: string }
  | { readonly kind: "not_repairable" };
