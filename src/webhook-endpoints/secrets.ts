import { Buffer } from "node:buffer";
import * as z from "zod";
import type { Keyring } from "../platform/keyring.ts";
import { DAY_MS } from "../platform/time.ts";

/** The middle of the 24 to 64 bytes that Standard Webhooks allows; as long as the digest it keys. */
const SECRET_BYTES = 32;

/** How long a receiver has to take over a new secret. */
export const ROTATION_MS = DAY_MS;

/** The secrets that sign now, the newest first. */
export type LiveSecrets = readonly [string, ...string[]];

const sealedSecrets = z.object({
  id: z.string(),
  secret: z.string(),
  previous_secret: z.string().nullable(),
  previous_secret_expires_at: z.number().nullable(),
});

/** The endpoints' secrets as their table holds them: sealed, each bound to its endpoint. */
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

  /** Those of an endpoint's row that are in force. */
  live(row: unknown, now: number): LiveSecrets {
    const { id, secret, previous_secret, previous_secret_expires_at } = sealedSecrets.parse(row);
    const isRotating = previous_secret !== null && (previous_secret_expires_at ?? 0) > now;
    return [this.#open(secret, id), ...(isRotating ? [this.#open(previous_secret, id)] : [])];
  }

  /**
   * Seals every secret anew, so that those made under `SECRET_KEY_PREVIOUS` outlive it. One that somebody
   * rotates meanwhile is left as it is.
   */
  async reseal(db: D1Database): Promise<void> {
    const { results } = await db.prepare("SELECT * FROM webhook_endpoints").run();
    if (results.length === 0) return;
    const statement = db.prepare(
      "UPDATE webhook_endpoints SET secret = ?3, previous_secret = ?4 WHERE id = ?1 AND secret = ?2",
    );
    const again = (sealed: string, id: string) => this.#seal(this.#open(sealed, id), id);
    await db.batch(
      results
        .map((row) => sealedSecrets.parse(row))
        .map(({ id, secret, previous_secret: previous }) =>
          statement.bind(id, secret, again(secret, id), previous && again(previous, id)),
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

/** Draws a secret in the spelling of Standard Webhooks. */
export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return `whsec_${Buffer.from(bytes).toString("base64")}`;
}
