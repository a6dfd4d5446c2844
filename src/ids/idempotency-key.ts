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

/**
 * A caller's `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) as the object sees it: MACs of
 * the key with its caller and operation, and of the request's content, so that neither is stored in clear.
 */
export interface IdempotencyRequest {
  readonly key: string;
  readonly content: string;
}
