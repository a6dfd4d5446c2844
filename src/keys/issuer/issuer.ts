import { DurableObject } from "cloudflare:workers";
import { Buffer } from "node:buffer";
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import { Keyring } from "../../platform/keyring.ts";
import { assertKnownVersion } from "../../platform/record-version.ts";
import {
  ALGORITHMS,
  type Algorithm,
  ANNOUNCED_MS,
  dueForRotation,
  prune,
  type SigningKey,
  withoutNext,
} from "./signing-keys.ts";

/** The keys of the deployment's issuer. What is private in them is sealed under `SECRET_KEY`. */
export interface IssuerKeys {
  /** The key of subjects, in base64url. It never changes: with another one, every user is a stranger. */
  readonly sealedSubjectKey: string;
  readonly signingKeys: readonly SigningKey[];
}

/** Raise it with a change that an older build must not read or overwrite. */
const VERSION = 1;
const RECORD = "record";

interface StoredKeys extends IssuerKeys {
  readonly version: number;
}

/** 256 bits, as many as SHA-256 has. */
const SUBJECT_KEY_BYTES = 32;

/** For `keyring.seal`: what is sealed for one use does not open for another. */
export const SUBJECT_KEY_CONTEXT = "issuer/subject-key";
export function signingKeyContext(kid: string): string {
  return `issuer/signing-key/${kid}`;
}

/** The name of the only object. */
export const ISSUER_NAME = "issuer";

/**
 * The keys that sign tokens, drawn here at their first use: an RSA key takes longer to draw than a request on the free
 * plan may compute. None is derived from `SECRET_KEY`, so that subjects and published keys outlive its rotation.
 *
 * Drawing a key waits, so it comes before the step that stores it; of two calls that draw at once, the second finds the
 * first one's keys and drops its own.
 */
export class Issuer extends DurableObject<Env> {
  /** The keys, drawn if there are none. */
  async read(): Promise<IssuerKeys> {
    return this.#load() ?? this.#create();
  }

  /**
   * Publishes the next key of each algorithm, which signs a day later; one that is published already stays. Where the
   * keys are compromised, they are withdrawn, the next one included, and new ones sign at once.
   */
  async rotate(compromised: boolean): Promise<IssuerKeys> {
    const before = await this.read();
    if (compromised) {
      const signingKeys = await this.#draw(ALGORITHMS, 0);
      return this.#step((keys) => ({ ...keys, signingKeys }), before);
    }
    return this.#publishNext(withoutNext, before);
  }

  /**
   * The daily work: publishes the next keys when they are due, forgets the oldest, and during a rotation of `SECRET_KEY`
   * seals everything under the current one. Without keys there is nothing to do.
   */
  async maintain(): Promise<void> {
    const before = this.#load();
    if (before === null) return;
    await this.#publishNext(dueForRotation, before);
    if (this.#previousSecret !== undefined) this.#step((keys) => this.#reseal(keys), before);
  }

  async #create(): Promise<IssuerKeys> {
    const subjectKey = Buffer.from(crypto.getRandomValues(new Uint8Array(SUBJECT_KEY_BYTES)));
    const sealedSubjectKey = this.#keyring.seal(subjectKey.toString("base64url"), SUBJECT_KEY_CONTEXT);
    const drawn = { sealedSubjectKey, signingKeys: await this.#draw(ALGORITHMS, 0) };
    return this.#step((keys) => keys, drawn);
  }

  async #publishNext(
    missing: (keys: readonly SigningKey[], now: number) => readonly Algorithm[],
    before: IssuerKeys,
  ): Promise<IssuerKeys> {
    const drawn = await this.#draw(missing(before.signingKeys, Date.now()), ANNOUNCED_MS);
    return this.#step(({ signingKeys, ...keys }, now) => {
      const stillMissing = missing(signingKeys, now);
      const added = drawn.filter(({ alg }) => stillMissing.includes(alg));
      return { ...keys, signingKeys: prune([...signingKeys, ...added], now) };
    }, before);
  }

  /** @param delayMs How long it is until the keys sign. */
  #draw(algorithms: readonly Algorithm[], delayMs: number): Promise<SigningKey[]> {
    return Promise.all(
      algorithms.map(async (alg) => {
        const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
        const publicHalf = await exportJWK(publicKey);
        const kid = await calculateJwkThumbprint(publicHalf);
        const sealed = this.#keyring.seal(
          JSON.stringify(await exportJWK(privateKey)),
          signingKeyContext(kid),
        );
        const createdAt = Date.now();
        return {
          kid,
          alg,
          publicKey: { ...textsOf(publicHalf), kid, use: "sig", alg },
          sealed,
          createdAt,
          signsFrom: createdAt + delayMs,
        };
      }),
    );
  }

  #reseal({ sealedSubjectKey, signingKeys }: IssuerKeys): IssuerKeys {
    const keyring = this.#keyring;
    const again = (sealed: string, context: string) => keyring.seal(keyring.open(sealed, context), context);
    return {
      sealedSubjectKey: again(sealedSubjectKey, SUBJECT_KEY_CONTEXT),
      signingKeys: signingKeys.map((key) => ({
        ...key,
        sealed: key.sealed === null ? null : again(key.sealed, signingKeyContext(key.kid)),
      })),
    };
  }

  /** Decides on the keys as they are now and stores the result. Synchronous, so that no other step comes between. */
  #step(decide: (keys: IssuerKeys, now: number) => IssuerKeys, initial: IssuerKeys): IssuerKeys {
    const stored = this.#load();
    const after = decide(stored ?? initial, Date.now());
    if (JSON.stringify(after) !== JSON.stringify(stored)) {
      this.ctx.storage.kv.put<StoredKeys>(RECORD, { ...after, version: VERSION });
    }
    return after;
  }

  #load(): IssuerKeys | null {
    const stored = this.ctx.storage.kv.get<StoredKeys>(RECORD);
    if (stored === undefined) return null;
    assertKnownVersion("issuer", stored.version, VERSION);
    const { sealedSubjectKey, signingKeys } = stored;
    return { sealedSubjectKey, signingKeys };
  }

  get #keyring(): Keyring {
    return new Keyring(this.env.SECRET_KEY, this.#previousSecret);
  }

  /** Optional, so that the generated type of the environment lacks it. */
  get #previousSecret(): string | undefined {
    const env: { readonly SECRET_KEY: string; readonly SECRET_KEY_PREVIOUS?: string } = this.env;
    return env.SECRET_KEY_PREVIOUS;
  }
}

/** The members of a public key; all of them are texts. */
function textsOf(jwk: object): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(jwk).filter(([, value]) => typeof value === "string"));
}
