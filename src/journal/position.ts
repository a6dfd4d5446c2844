import type { VerificationId } from "../ids/verification-id.ts";
import type { ListPosition } from "../platform/cursor.ts";

/** A verification's place in lists. */
export type Position = ListPosition<VerificationId>;

/** Sorts newest first. Ids break ties as SQLite orders text, by their bytes. */
export function newestFirst(a: Position, b: Position): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  if (a.id === b.id) return 0;
  return a.id < b.id ? 1 : -1;
}
