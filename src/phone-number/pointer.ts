import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import { DAY_MS } from "../platform/time.ts";

/**
 * Where the object of an account's id has learned that the person is: in the object of the number that they are
 * dialled by. It is needed where no rule of numbering tells that the two are one person.
 */
export interface Pointer {
  readonly name: PhoneNumberName;
  /** When WhatsApp last confirmed it or a request followed it, to the day. */
  readonly usedAt: number;
}

/** The answer of an object that has a pointer: the same request belongs to the object of that name. */
export interface Moved {
  readonly kind: "moved";
  readonly name: PhoneNumberName;
}

/** Each send to the person confirms a pointer, so that an unused one is of a person without messages for that long. */
const POINTER_MS = 400 * DAY_MS;

/** When a pointer is forgotten. */
export function pointerEnd({ usedAt }: Pointer): number {
  return usedAt + POINTER_MS;
}

/** A pointer that still holds; null for an expired one. */
export function validPointer(pointer: Pointer | null, now: number): Pointer | null {
  return pointer !== null && pointerEnd(pointer) > now ? pointer : null;
}

/** The record with its pointer used. At most one write a day is spent on that: the same object otherwise. */
export function withUse<State extends { readonly pointer: Pointer | null }>(
  state: State,
  now: number,
): State {
  const { pointer } = state;
  if (pointer === null || now < pointer.usedAt + DAY_MS) return state;
  return { ...state, pointer: { ...pointer, usedAt: now } };
}

/** The record with a pointer to the object of this name. One that is there already stays, and counts as used. */
export function withPointer<State extends { readonly pointer: Pointer | null }>(
  state: State,
  name: PhoneNumberName,
  now: number,
): State {
  return validPointer(state.pointer, now) === null
    ? { ...state, pointer: { name, usedAt: now } }
    : withUse(state, now);
}
