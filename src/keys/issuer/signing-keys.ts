import { DAY_MS } from "../../platform/time.ts";

/** Each has keys of its own. RS256 is what every relying party reads (OpenID Connect Core, section 15.1). */
export const ALGORITHMS = ["RS256", "ES256"] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** A public key as a JSON Web Key (RFC 7517), with `kid`, `use` and `alg`. */
export type PublicKey = Readonly<Record<string, string>>;

/** A signing key as the object stores it. Times are milliseconds since the epoch. */
export interface SigningKey {
  /** The key's thumbprint, RFC 7638. */
  readonly kid: string;
  readonly alg: Algorithm;
  readonly publicKey: PublicKey;
  /** The private key as JSON, sealed. Null once another key signs. */
  readonly sealed: string | null;
  readonly createdAt: number;
  /** From then on it signs, until the next one does. */
  readonly signsFrom: number;
}

export const KEY_STATUSES = ["next", "current", "former"] as const;

/** A key with its place in the rotation. */
export interface PlacedKey extends SigningKey {
  readonly status: (typeof KEY_STATUSES)[number];
  /** When a former key leaves the published set; null before. */
  readonly publishedUntil: number | null;
}

/** How long a key is published before it signs, so that every relying party has read it by then. */
export const ANNOUNCED_MS = DAY_MS;
/** How long it stays published after it has signed for the last time. Tokens live for minutes. */
export const KEPT_MS = DAY_MS;
export const ROTATION_MS = 90 * DAY_MS;
/** Former keys of each algorithm whose public halves are kept: a hint may be a token of any age. */
export const FORMER_KEYS = 4;

/** The keys with their places at a time; of each algorithm the newest first. */
export function placed(keys: readonly SigningKey[], now: number): readonly PlacedKey[] {
  return ALGORITHMS.flatMap((alg) => {
    const newestFirst = keys.filter((key) => key.alg === alg).toSorted((a, b) => b.signsFrom - a.signsFrom);
    // Where no key has begun to sign, this clock is behind the one by which the first was drawn.
    const signing = newestFirst.find(({ signsFrom }) => signsFrom <= now) ?? newestFirst.at(-1);
    return newestFirst.map((key, index): PlacedKey => {
      if (key === signing) return { ...key, status: "current", publishedUntil: null };
      if (key.signsFrom > now) return { ...key, status: "next", publishedUntil: null };
      const successor = newestFirst[index - 1] ?? key;
      return { ...key, status: "former", publishedUntil: successor.signsFrom + KEPT_MS };
    });
  });
}

/** Whether a key is in the published set. */
export function isPublished({ publishedUntil }: PlacedKey, now: number): boolean {
  return publishedUntil === null || now < publishedUntil;
}

/** Drops the private halves that no longer sign, and the oldest public ones. */
export function prune(keys: readonly SigningKey[], now: number): readonly SigningKey[] {
  const former = new Map<Algorithm, number>();
  return placed(keys, now).flatMap(({ status, publishedUntil: _, ...key }) => {
    if (status !== "former") return [key];
    const count = (former.get(key.alg) ?? 0) + 1;
    former.set(key.alg, count);
    return count > FORMER_KEYS ? [] : [{ ...key, sealed: null }];
  });
}

/** The algorithms that have no next key. */
export function withoutNext(keys: readonly SigningKey[], now: number): readonly Algorithm[] {
  const announced = new Set(
    placed(keys, now)
      .filter(({ status }) => status === "next")
      .map(({ alg }) => alg),
  );
  return ALGORITHMS.filter((alg) => !announced.has(alg));
}

/** The algorithms whose next key is due to be published, so that it signs when the current one has its age. */
export function dueForRotation(keys: readonly SigningKey[], now: number): readonly Algorithm[] {
  const young = new Set(
    placed(keys, now)
      .filter(({ status, signsFrom }) => status === "current" && now < signsFrom + ROTATION_MS - ANNOUNCED_MS)
      .map(({ alg }) => alg),
  );
  return withoutNext(keys, now).filter((alg) => !young.has(alg));
}
