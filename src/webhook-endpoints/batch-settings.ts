/** How an endpoint that takes batches wants them. */
export interface BatchSettings {
  /** A batch with this many events leaves at once. */
  readonly maxEvents: number;
  /** How long an event waits for its batch to become full, in milliseconds. */
  readonly maxWaitMs: number;
}

/** A body of a thousand events is about a megabyte, beyond which many receivers need a setting of their own. */
export const BATCH_EVENTS = { min: 1, max: 1_000, default: 100 };

/** Events come every two seconds at low rates, so that a shorter wait would only make more requests. */
export const BATCH_WAIT_MS = { min: 100, max: 60_000, default: 1_000 };

/** Reads the column `batch` of an endpoint: null where each event has its own request. */
export function storedBatch(json: string | null | undefined): BatchSettings | null {
  return json ? (JSON.parse(json) as BatchSettings) : null;
}
