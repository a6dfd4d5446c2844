import { Buffer } from "node:buffer";
import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import {
  type CryptoKey,
  compactVerify,
  decodeProtectedHeader,
  errors,
  importJWK,
  type JWK,
  SignJWT,
} from "jose";
import { base32 } from "../../ids/id.ts";
import type { E164 } from "../../numbering/e164.ts";
import { subscriberOf } from "../../numbering/subscriber.ts";
import type { Background } from "../../platform/async.ts";
import { IsolateCache } from "../../platform/isolate-cache.ts";
import { readJson } from "../../platform/json.ts";
import type { Keyring } from "../../platform/keyring.ts";
import { repeatOnce } from "../../platform/platform-fault.ts";
import { MINUTE_MS } from "../../platform/time.ts";
import {
  ISSUER_NAME,
  type Issuer,
  type IssuerKeys,
  SUBJECT_KEY_CONTEXT,
  signingKeyContext,
} from "./issuer.ts";
import {
  type Algorithm,
  isPublished,
  type PlacedKey,
  type PublicKey,
  placed,
  type SigningKey,
} from "./signing-keys.ts";

/** The claims of a token. */
export type Claims = Readonly<Record<string, unknown>>;

export interface TokenForm {
  /** The media type in the token's header, so that no kind of token is accepted for another (RFC 8725, 3.11). */
  readonly typ: string;
  readonly alg: Algorithm;
}

/** The keys of the issuer, opened. */
interface OpenedKeys {
  readonly subjectKey: KeyObject;
  readonly signingKeys: readonly SigningKey[];
  /** Private keys by `kid`, of those that sign now or next. */
  readonly privateKeys: ReadonlyMap<string, CryptoKey>;
}

interface Dependencies {
  readonly issuers: DurableObjectNamespace<Issuer>;
  readonly keyring: Keyring;
  readonly background: Background;
}

/** How long an isolate uses the keys without reading them again, and how long at most while that is under way. */
const FRESH_MS = 10 * MINUTE_MS;
const STALE_MS = 20 * MINUTE_MS;
const RETRY_MS = 5_000;

const UTF_8 = new TextDecoder();

/** 160 bits. */
const SUBJECT_BYTES = 20;

/**
 * Signs tokens in this isolate, with the keys of the {@link Issuer} object. Keys that were withdrawn are used for 20
 * minutes more at most, by isolates that have not heard of it.
 */
export class TokenIssuer {
  readonly #deps: Dependencies;
  readonly #keys: IsolateCache<OpenedKeys>;

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
    this.#keys = new IsolateCache(async () => this.#open(await repeatOnce(() => this.#issuer.read())), {
      freshMs: FRESH_MS,
      staleMs: STALE_MS,
      retryMs: RETRY_MS,
    });
  }

  /** Reads the keys if they are not in memory, so that a token can be signed after an act that must not fail. */
  async ready(): Promise<void> {
    await this.#opened();
  }

  /** Signs claims as a compact JWS. */
  async sign(claims: Claims, { typ, alg }: TokenForm): Promise<string> {
    const { signingKeys, privateKeys } = await this.#opened();
    const current = placed(signingKeys, Date.now()).find(
      (key) => key.alg === alg && key.status === "current",
    );
    const key = current && privateKeys.get(current.kid);
    if (key === undefined) throw new Error(`The issuer has no key that signs ${alg}`);
    return new SignJWT(claims).setProtectedHeader({ typ, alg, kid: current?.kid ?? "" }).sign(key);
  }

  /**
   * The claims of an ID token of this issuer, of any age, as long as its key is kept; null for every other text, and for
   * tokens of other types.
   */
  async verify(token: string): Promise<Claims | null> {
    const { signingKeys } = await this.#opened();
    try {
      const { kid, typ } = decodeProtectedHeader(token);
      const key = signingKeys.find((candidate) => candidate.kid === kid);
      if (key === undefined || typ !== "JWT") return null;
      const { payload } = await compactVerify(token, await importJWK({ ...key.publicKey }, key.alg), {
        algorithms: [key.alg],
      });
      const claims = readJson(UTF_8.decode(payload));
      return typeof claims === "object" ? (claims as Claims | null) : null;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return null;
      throw error;
    }
  }

  /**
   * The subject that stands for a phone number in the tokens of a sector.
   *
   * @param sector Of a client with pairwise subjects; null for the subject that all other clients share.
   */
  async subjectOf(to: E164, sector: string | null): Promise<string> {
    const { subjectKey } = await this.#opened();
    // A newline is in no sector, and both spellings of a number are one person.
    const mac = createHmac("sha256", subjectKey)
      .update(`${sector ?? ""}\n${subscriberOf(to)}`)
      .digest();
    return base32(mac.subarray(0, SUBJECT_BYTES));
  }

  /** The published key set (RFC 7517): the keys that sign, will sign, or have signed within a day. */
  async publicKeys(): Promise<{ readonly keys: readonly PublicKey[] }> {
    const { signingKeys } = await this.#opened();
    const now = Date.now();
    const published = placed(signingKeys, now).filter((key) => isPublished(key, now));
    return { keys: published.map(({ publicKey }) => publicKey) };
  }

  /** Every signing key with its place in the rotation, as the object has them now. */
  async list(): Promise<readonly PlacedKey[]> {
    return this.#adopt(await repeatOnce(() => this.#issuer.read()));
  }

  /** Begins a rotation of the signing keys, or withdraws them all where they are compromised. */
  async rotate(compromised: boolean): Promise<readonly PlacedKey[]> {
    return this.#adopt(await this.#issuer.rotate(compromised));
  }

  /** The daily work on the keys. */
  async maintain(): Promise<void> {
    await this.#issuer.maintain();
  }

  async #adopt(keys: IssuerKeys): Promise<readonly PlacedKey[]> {
    this.#keys.set(await this.#open(keys));
    return placed(keys.signingKeys, Date.now());
  }

  async #open({ sealedSubjectKey, signingKeys }: IssuerKeys): Promise<OpenedKeys> {
    const { keyring } = this.#deps;
    const subjectKey = createSecretKey(
      Buffer.from(keyring.open(sealedSubjectKey, SUBJECT_KEY_CONTEXT), "base64url"),
    );
    const used = placed(signingKeys, Date.now()).filter(({ status }) => status !== "former");
    const privateKeys = await Promise.all(
      used.map(async ({ kid, alg, sealed }) => {
        const jwk: JWK = JSON.parse(keyring.open(sealed ?? "", signingKeyContext(kid)));
        // Only a symmetric key is bytes.
        return [kid, (await importJWK(jwk, alg)) as CryptoKey] as const;
      }),
    );
    return { subjectKey, signingKeys, privateKeys: new Map(privateKeys) };
  }

  #opened(): Promise<OpenedKeys> | OpenedKeys {
    return this.#keys.get(this.#deps.background);
  }

  get #issuer() {
    return this.#deps.issuers.getByName(ISSUER_NAME);
  }
}
