import { DEFAULT_APP } from "../../ids/app-name.ts";
import type { BatchState, RecipientState } from "./batch-state.ts";

/** What the states of a recipient were called before records had a version. */
const FORMER_STATES = new Map<string, RecipientState>([
  ["fed", "enqueued"],
  ["taken", "sending"],
]);

/**
 * Reads the stored state of a batch of an earlier version. Version 1 had no apps: its batches belong to the default app.
 * Before that, the states of recipients had other names.
 */
export function fromFormerBatch(state: BatchState, version: number | undefined): BatchState {
  const { recipients } = state;
  return {
    ...state,
    app: state.app ?? DEFAULT_APP,
    recipients:
      version === undefined ? recipients.map((name) => FORMER_STATES.get(name) ?? name) : recipients,
  };
}
