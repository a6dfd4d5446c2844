import { type BatchId, parseBatchId } from "../../../../ids/batch-id.ts";
import { Problem } from "../../../../platform/problem.ts";

/** Reads the id of a path. What is not even spelled like one was never issued, so it is not found. */
export function parseIdOr404(text: string): BatchId {
  const id = parseBatchId(text);
  if (id === null) throw new Problem("not_found");
  return id;
}
