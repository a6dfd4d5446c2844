import type { Batches } from "../../../../notifications/batches/batches.ts";
import type { Endpoint } from "../../endpoint.ts";
import { steerBatch } from "./actions.ts";
import { createBatch } from "./create.ts";
import { getBatch } from "./get.ts";

/** The calls about batches, in the order of their documentation. */
export function batchCalls(batches: Batches): readonly Endpoint[] {
  return [
    createBatch(batches),
    getBatch(batches),
    steerBatch("pause", batches),
    steerBatch("resume", batches),
    steerBatch("cancel", batches),
  ];
}
