import type { Keyring } from "../../platform/keyring.ts";
import { MINUTE_MS } from "../../platform/time.ts";

/**
 * How long each kind is valid. A code's minute is the bound of ASVS 10.4.3; the flow's time is that of the whole sign-in,
 * from its first page on.
 */
const LIFETIMES_MS = {
  request: 1.5 * MINUTE_MS,
  flow: 15 * MINUTE_MS,
  code: MINUTE_MS,
  access_token: 5 * MINUTE_MS,
} as const;

export type SealedKind = keyof typeof LIFETIMES_MS;

/** How long a kind is valid, in seconds. */
export function lifetimeSeconds(kind: SealedKind): number {
  return LIFETIMES_MS[kind] / 1000;
}

/**
 * What the sign-in remembers, in the hands of the browser or the client instead of a store: encrypted and authenticated by
 * AES-256-GCM. Each kind has a context of its own, so that none stands in for another.
 */
export class SealedTexts {
  readonly #keyring: Keyring;

  constructor(keyring: Keyring) {
    this.#keyring = keyring;
  }

  /** @param at When its life began, in milliseconds since the epoch. */
  seal(kind: SealedKind, content: unknown, at: number): string {
    return this.#keyring.seal(JSON.stringify([at, content]), contextOf(kind));
  }

  /** What was sealed as this kind; null for every other text and for one whose time is over. */
  open<Content>(kind: SealedKind, text: string, now: number): Content | null {
    let opened: string;
    try {
      opened = this.#keyring.open(text, contextOf(kind));
    } catch {
      return null;
    }
    // Authentic, so that it has the shape in which this kind is sealed.
    const [at, content] = JSON.parse(opened) as [number, Content];
    return now < at + LIFETIMES_MS[kind] ? content : null;
  }
}

/** The number is that of the content's shape: raise it when a kind changes. */
function contextOf(kind: SealedKind): string {
  return `sign-in/${kind}/1`;
}
