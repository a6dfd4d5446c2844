/** A seeded source of random numbers from 0 to 1. */
export type Random = () => number;

/** A code that comes to an isolate, in milliseconds since the start. */
export interface Arrival {
  readonly at: number;
  readonly isolate: number;
}

export interface Scenario {
  readonly arrivals: readonly Arrival[];
  readonly ms: number;
  readonly paceAnswers: boolean;
  readonly random: Random;
}

export interface Outcome {
  readonly codes: number;
  readonly refused: number;
  /** How many a single sender that sees every code would refuse. */
  readonly needed: number;
  /** How often WhatsApp answered 130429. */
  readonly refusals: number;
  readonly silenceMs: number;
  /** How long each code that was sent took. */
  readonly waits: readonly number[];
}

/** How codes come. */
export const KINDS = ["even", "uneven", "bursts", "churn", "no answer"] as const;
export type Kind = (typeof KINDS)[number];

export interface Offer {
  readonly kind: Kind;
  readonly isolates: number;
  /** Codes a second. */
  readonly perSecond: number;
  readonly seconds: number;
  readonly seed: number;
}

/** As long as a code waits for a sender. */
const PATIENCE_MS = 2_000;

/** How long an isolate lives where they come and go. */
const LIFE_MS = 20_000;
/** Where codes come in bursts: in a part of each period so many times as many, and half of them to one isolate. */
const BURST = { everyMs: 5_000, part: 0.2, times: 1.5, hot: 0.5 };

/** Draws when codes come and to which isolate: at random, as they come from many people who do not know of each other. */
export function draw({ kind, isolates, perSecond, seconds, seed }: Offer): Scenario {
  const random = seeded(seed);
  const ms = seconds * 1000;
  const shares = Array.from({ length: isolates }, (_, index) => (kind === "uneven" ? 1 / (index + 1) : 1));
  const lives = Array.from({ length: isolates }, () => random() * LIFE_MS);
  const arrivals: Arrival[] = [];
  for (let at = 0; ; ) {
    const inBurst = kind === "bursts" && (at % BURST.everyMs) / BURST.everyMs < BURST.part;
    const calm = (1 - BURST.part * BURST.times) / (1 - BURST.part);
    const times = kind !== "bursts" ? 1 : inBurst ? BURST.times : calm;
    at += (-Math.log(1 - random()) * 1000) / (perSecond * times);
    if (at >= ms) break;
    const hot = Math.floor(at / BURST.everyMs) % isolates;
    const place = inBurst && random() < BURST.hot ? hot : choose(shares, random);
    const life = kind === "churn" ? Math.floor((at + (lives[place] ?? 0)) / LIFE_MS) : 0;
    arrivals.push({ at, isolate: place + life * isolates });
  }
  return { arrivals, ms, paceAnswers: kind !== "no answer", random };
}

/** The fewest codes that must be refused: one sender sees all of them, sends each as soon as the limit allows, and gives up after the same time. */
export function fewestRefused(arrivals: readonly Arrival[], limit: number): number {
  const sent: number[] = [];
  let refused = 0;
  for (const { at } of arrivals) {
    const free = Math.max(at, (sent.at(-limit) ?? Number.NEGATIVE_INFINITY) + 1000);
    if (free - at > PATIENCE_MS) refused += 1;
    else sent.push(free);
  }
  return refused;
}

function choose(shares: readonly number[], random: Random): number {
  let left = random() * shares.reduce((sum, share) => sum + share, 0);
  const chosen = shares.findIndex((share) => {
    left -= share;
    return left < 0;
  });
  return Math.max(0, chosen);
}

/** mulberry32. */
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
