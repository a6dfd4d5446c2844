import { Buffer } from "node:buffer";
import * as z from "zod";
import type { Keyring } from "../platform/keyring.ts";
import { DAY_MS } from "../platform/time.ts";

/** Standard Webhooks allows 24 to 64 bytes; this is the length of the SHA-256 digest that the secret keys. */
const SECRET_BYTES = 32;

/** How long the previous secret keeps signing after a rotation. */
export const ROTATION_MS = DAY_MS;

/** The secrets in force, newest first. */
export type LiveSecrets = readonly [string, ...string[]];

const sealedSecrets = z.object({
  id: z.string(),
  secret: z.string(),
  previous_secret: z.string().nullable(),
  previous_secret_expires_at: z.number().nullable(),
});

/** Seals and opens the secrets of endpoints. A sealed secret opens for its own endpoint only. */
export class EndpointSecrets {
  readonly #keyring: Keyring;

  constructor(keyring: Keyring) {
    this.#keyring = keyring;
  }

  /** Draws a secret for an endpoint. */
  draw(id: string): { readonly secret: string; readonly sealed: string } {
    const secret = newSecret();
    return { secret, sealed: this.#seal(secret, id) };
  }

  /** Opens the secrets of a row that are in force at a time (milliseconds since the epoch). */
  live(row: unknown, now: number): LiveSecrets {
    const { id, secret, previous_secret, previous_secret_expires_at } = sealedSecrets.parse(row);
    const isRotating = previous_secret !== null && (previous_secret_expires_at ?? 0) > now;
    return [this.#open(secret, id), ...(isRotating ? [this.#open(previous_secret, id)] : [])];
  }

  /**
   * Seals every secret under the current `SECRET_KEY`, so that `SECRET_KEY_PREVIOUS` can be removed later. A secret
   * that is rotated at the same time is left alone.
   */
  async reseal(db: D1Database): Promise<void> {
    const { results } = await db.prepare("SELECT * FROM webhook_endpoints").run();
    if (results.length === 0) return;
    const statement = db.prepare(
      "UPDATE webhook_endpoints SET secret = ?3, previous_secret = ?4 WHERE id = ?1 AND secret = ?2",
    );
    const sealAgain = (sealed: string, id: string) => this.#seal(this.#open(sealed, id), id);
    await db.batch(
      results
        .map((row) => sealedSecrets.parse(row))
        .map(({ id, secret, previous_secret: previous }) =>
          statement.bind(id, secret, sealAgain(secret, id), previous && sealAgain(previous, id)),
        ),
    );
  }

  #seal(secret: string, id: string): string {
    return this.#keyring.seal(secret, `webhook-endpoint/${id}`);
  }

  #open(sealed: string, id: string): string {
    return this.#keyring.open(sealed, `webhook-endpoint/${id}`);
  }
}

/** Draws a secret in the format of Standard Webhooks: `whsec_` and base64. */
export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return `whsec_${Buffer.from(bytes).toString("base64")}`;
}
