import type { Random } from "../random.ts";

/** How often a service fails, from 0 to 1 each. */
export interface Trouble {
  /** Refused before anything has happened. */
  readonly refuse: number;
  /** Done, but whoever asked learns nothing: the connection closes. */
  readonly forget: number;
  /** Slow, by up to {@link LONGEST_DELAY_MS}. */
  readonly delay: number;
}

/** How everything around the Worker behaves just now. */
export interface Weather {
  readonly queue: Trouble;
  readonly d1: Trouble;
  readonly kv: Trouble;
  /** How many calls to WhatsApp and the SMS gateway meet one of their faults. */
  readonly whatsApp: number;
  /** How many events the team's own endpoint refuses. */
  readonly endpoint: number;
  /** How many webhooks come more than once, and how late they may be. */
  readonly webhooks: { readonly repeat: number; readonly delayMs: number };
  /** How many of a queue's messages come once more after they were taken, and how late they may be. */
  readonly messages: { readonly repeat: number; readonly delayMs: number };
}

const LONGEST_DELAY_MS = 300;
const NONE: Trouble = { refuse: 0, forget: 0, delay: 0 };
const SOME: Trouble = { refuse: 0.03, forget: 0.02, delay: 0.05 };
const DOWN: Trouble = { refuse: 0.9, forget: 0.05, delay: 0 };

export const CLEAR: Weather = {
  queue: NONE,
  d1: NONE,
  kv: NONE,
  whatsApp: 0,
  endpoint: 0,
  webhooks: { repeat: 0, delayMs: 0 },
  messages: { repeat: 0, delayMs: 0 },
};

/** What the weather usually is while the run is on: most things work, nothing comes once and in order. */
const CHANGEABLE: Weather = {
  queue: SOME,
  d1: SOME,
  kv: SOME,
  whatsApp: 0.04,
  endpoint: 0.04,
  webhooks: { repeat: 0.3, delayMs: 400 },
  messages: { repeat: 0.1, delayMs: 300 },
};

/** One thing at a time is down altogether, so that the others show what they do without it. */
const STORMS: readonly [Weather, ...Weather[]] = [
  { ...CHANGEABLE, queue: DOWN },
  { ...CHANGEABLE, d1: DOWN },
  { ...CHANGEABLE, kv: DOWN },
  { ...CHANGEABLE, whatsApp: 0.35 },
  { ...CHANGEABLE, endpoint: 0.5 },
  { ...CHANGEABLE, webhooks: { repeat: 0.9, delayMs: 3_000 }, messages: { repeat: 0.6, delayMs: 2_000 } },
];

/** The next weather: fair half of the time, then changeable, now and then a storm. */
export function nextWeather(random: Random): Weather {
  if (random.chance(0.4)) return random.pick(STORMS);
  return random.chance(0.2) ? CLEAR : CHANGEABLE;
}

/** The weather of the moment, which whoever runs the world changes. */
export class Sky {
  weather: Weather = CLEAR;
}

/** What is to become of one call to a service. */
export type Fate = { readonly kind: "work" | "refuse" | "forget"; readonly delayMs: number };

export function fateOf({ refuse, forget, delay }: Trouble, random: Random): Fate {
  const delayMs = random.chance(delay) ? random.between(10, LONGEST_DELAY_MS) : 0;
  const draw = random.next();
  if (draw < refuse) return { kind: "refuse", delayMs };
  return { kind: draw < refuse + forget ? "forget" : "work", delayMs };
}
