import type { Keyring } from "../platform/keyring.ts";
import { DAY_MS, MINUTE_MS } from "../platform/time.ts";
import type { AppName } from "./app-name.ts";

/** How long a key is remembered with the answer to its first request. */
export const KEY_LIFETIME_MS = DAY_MS;

/** Never forgotten while its first request may still be sending, and never kept longer than what it answers. */
export const KEY_LIFETIME_BOUNDS_MS = { least: MINUTE_MS, most: KEY_LIFETIME_MS } as const;

/** A caller's `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) and the request that it came with. */
export interface IdempotencyKey {
  readonly app: AppName;
  /** The API key's id: two callers that choose the same key mean different requests. */
  readonly caller: string;
  readonly method: string;
  /** The path itself, with the ids in it: the same key for another verification is another request. */
  readonly path: string;
  readonly key: string;
  /** The body: the same key with another body is a mistake of the caller. */
  readonly content: string;
  /**
   * How long a number's object remembers the key with its answer, in milliseconds: within {@link KEY_LIFETIME_BOUNDS_MS},
   * and a day where it is absent. Other objects keep every key for a day.
   */
  readonly keptForMs?: number;
  /** With `keptForMs`: a send that failed for now is not remembered: callers that repeat a request until it succeeds get another try. */
  readonly forgetsFailure?: true;
}

/** The form of a key that objects store: MACs, so that neither the key nor the body is stored in clear. */
export interface IdempotencyRequest {
  /** Identifies app, caller, method, path and key together. */
  readonly key: string;
  readonly content: string;
  /** Absent for a day. */
  readonly keptForMs?: number;
  readonly forgetsFailure?: true;
}

/** The stored form of a key; null without one. */
export function requestOf(keyring: Keyring, given: IdempotencyKey | null): IdempotencyRequest | null {
  if (given === null) return null;
  const { app, caller, method, path, key, content, keptForMs, forgetsFailure } = given;
  const mac = (parts: readonly string[]) =>
    keyring.mac("request", JSON.stringify(parts))[0].toString("base64url");
  const request = { key: mac([app, caller, method, path, key]), content: mac([app, method, path, content]) };
  if (keptForMs === undefined) return request;
  const { least, most } = KEY_LIFETIME_BOUNDS_MS;
  const kept = { ...request, keptForMs: Math.min(Math.max(keptForMs, least), most) };
  return forgetsFailure === undefined ? kept : { ...kept, forgetsFailure };
}
