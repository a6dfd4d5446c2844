import type { Keyring } from "../platform/keyring.ts";

/** A caller's `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) and the request it came with. */
export interface IdempotencyKey {
  readonly caller: string;
  readonly key: string;
  /** The request's content: the same key with another content is a mistake of the caller. */
  readonly content: string;
}

/**
 * The form of a key that objects store: MACs of the key with its caller and operation, and of the request's
 * content, so that neither is stored in clear.
 */
export interface IdempotencyRequest {
  readonly key: string;
  readonly content: string;
}

/** @param operation Keeps the same key of a caller apart in different operations. */
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
