import { Buffer } from "node:buffer";
import { parseVerificationId, type VerificationId } from "../ids/verification-id.ts";

/** A place in the order of lists, newest first: a verification's, whether or not it is still there. */
export interface Position {
  readonly createdAt: number;
  readonly id: VerificationId;
}

/** Spells a position as a cursor, which nobody but {@link parseCursor} has to understand. */
export function toCursor({ createdAt, id }: Position): string {
  return Buffer.from(`${createdAt}.${id}`).toString("base64url");
}

/** Reads a cursor that {@link toCursor} wrote; null when it is none. */
export function parseCursor(cursor: string): Position | null {
  const [, time, text = ""] = /^(\d{1,15})\.(\w+)$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  const id = parseVerificationId(text);
  return id === null ? null : { createdAt: Number(time), id };
}

/** Sorts newest first. Ids break ties as SQLite orders text, by their bytes. */
export function newestFirst(one: Position, other: Position): number {
  if (one.createdAt !== other.createdAt) return other.createdAt - one.createdAt;
  if (one.id === other.id) return 0;
  return one.id < other.id ? 1 : -1;
}
