import { Buffer } from "node:buffer";

/** A place in a list that is ordered newest first, with ids to break ties. The entry itself may be gone. */
export interface ListPosition<Id extends string = string> {
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly id: Id;
}

/** Serializes a position as the opaque cursor of a list's `next` and `after`. */
export function serializeCursor({ createdAt, id }: ListPosition): string {
  return Buffer.from(`${createdAt}.${id}`).toString("base64url");
}

/**
 * Parses a cursor that {@link serializeCursor} wrote; null when the text is not one.
 *
 * @param parseId Returns the list's kind of id, or null when the text is not one.
 */
export function parseCursor<Id extends string>(
  cursor: string,
  parseId: (text: string) => Id | null,
): ListPosition<Id> | null {
  const [, time, text = ""] = /^(\d{1,15})\.(\w+)$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  const id = time === undefined ? null : parseId(text);
  return id === null ? null : { createdAt: Number(time), id };
}
