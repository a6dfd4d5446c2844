import type { IdempotencyRequest } from "../phone-number/decisions/idempotency.ts";
import type { Keyring } from "../platform/keyring.ts";

/** Who asks, under which key, so that the same request twice is one request. */
export interface IdempotencyKey {
  readonly caller: string;
  readonly key: string;
  readonly content: string;
}

/** What an object remembers of it: neither the caller's key nor what it stood for. */
export function requestOf(
  keyring: Keyring,
  operation: string,
  key: IdempotencyKey | null,
): IdempotencyRequest | null {
  if (key === null) return null;
  const mac = (parts: readonly string[]) =>
    keyring.mac("request", JSON.stringify(parts))[0].toString("base64url");
  return { key: mac([operation, key.caller, key.key]), content: mac([operation, key.content]) };
}
