import { parseVerificationId, type VerificationId } from "../../../ids/verification-id.ts";
import { Problem } from "../../../platform/problem.ts";

/** Reads the id of a path. What is not even spelled like one was never issued, so it is not found. */
export function parseIdOr404(text: string): VerificationId {
  const id = parseVerificationId(text);
  if (id === null) throw new Problem("not_found");
  return id;
}
