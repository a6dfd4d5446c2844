import type { BatchState, RecipientState } from "./batch-state.ts";

/** What the states of a recipient were called before records had a version. */
const FORMER_STATES = new Map<string, RecipientState>([
  ["fed", "enqueued"],
  ["taken", "sending"],
]);

/** Reads the stored state of a batch of before records had a version. */
export function fromFormerBatch(state: BatchState): BatchState {
  return { ...state, recipients: state.recipients.map((name) => FORMER_STATES.get(name) ?? name) };
}
