import { Buffer } from "node:buffer";

/** A place in a list that is ordered newest first, with ids to break ties. The entry itself may be gone. */
export interface ListPosition<Id extends string = string> {
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly id: Id;
  /**
   * Set where the list continues within a minute too full to be sorted, in the order of its ids; `createdAt` is then the
   * time of the newest entries that are still to be listed.
   */
  readonly byId?: true;
}

const CURSOR = /^(\d{1,15})\.(\w+)(\.i)?$/;

/** Serializes a position as the opaque cursor of a list's `next` and `after`. */
export function serializeCursor({ createdAt, id, byId }: ListPosition): string {
  return Buffer.from(`${createdAt}.${id}${byId === true ? ".i" : ""}`).toString("base64url");
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
  const [, time, text = "", byId] = CURSOR.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  const id = time === undefined ? null : parseId(text);
  if (id === null) return null;
  const position = { createdAt: Number(time), id };
  return byId === undefined ? position : { ...position, byId: true };
}
