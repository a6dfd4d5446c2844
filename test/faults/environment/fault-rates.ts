import type { Random } from "../../world/random.ts";

/** How often calls to a service fail; probabilities from 0 to 1. */
export interface ServiceFaults {
  /** Refused before the service did anything. */
  readonly refuse: number;
  /** Performed, but the connection closes before the response. */
  readonly drop: number;
  /** Delayed by up to {@link MAX_DELAY_MS}. */
  readonly delay: number;
}

/** How unreliable everything around the Worker is at the moment. */
export interface FaultRates {
  readonly queue: ServiceFaults;
  readonly d1: ServiceFaults;
  readonly kv: ServiceFaults;
  /** The share of calls to WhatsApp and the SMS gateway that meet one of their faults. */
  readonly provider: number;
  /** The share of events that the team's endpoint refuses. */
  readonly endpoint: number;
  /** The share of webhooks that are delivered more than once, and their longest delay. */
  readonly webhooks: { readonly repeat: number; readonly delayMs: number };
  /** The share of queue messages that are delivered again after their acknowledgement, and their longest delay. */
  readonly messages: { readonly repeat: number; readonly delayMs: number };
}

const MAX_DELAY_MS = 300;
const RELIABLE: ServiceFaults = { refuse: 0, drop: 0, delay: 0 };
const UNRELIABLE: ServiceFaults = { refuse: 0.03, drop: 0.02, delay: 0.05 };
const DOWN: ServiceFaults = { refuse: 0.9, drop: 0.05, delay: 0 };

export const NO_FAULTS: FaultRates = {
  queue: RELIABLE,
  d1: RELIABLE,
  kv: RELIABLE,
  provider: 0,
  endpoint: 0,
  webhooks: { repeat: 0, delayMs: 0 },
  messages: { repeat: 0, delayMs: 0 },
};

/** Most calls work; webhooks and messages are repeated and reordered. */
const USUAL: FaultRates = {
  queue: UNRELIABLE,
  d1: UNRELIABLE,
  kv: UNRELIABLE,
  provider: 0.04,
  endpoint: 0.04,
  webhooks: { repeat: 0.3, delayMs: 400 },
  messages: { repeat: 0.1, delayMs: 300 },
};

/** Each takes a single service down, to show how the others do without it. */
const OUTAGES: readonly [FaultRates, ...FaultRates[]] = [
  { ...USUAL, queue: DOWN },
  { ...USUAL, d1: DOWN },
  { ...USUAL, kv: DOWN },
  { ...USUAL, provider: 0.35 },
  { ...USUAL, endpoint: 0.5 },
  { ...USUAL, webhooks: { repeat: 0.9, delayMs: 3_000 }, messages: { repeat: 0.6, delayMs: 2_000 } },
];

/** The next rates: an outage in 40 % of draws, no faults in 12 %, otherwise the usual ones. */
export function drawFaultRates(random: Random): FaultRates {
  if (random.chance(0.4)) return random.pick(OUTAGES);
  return random.chance(0.2) ? NO_FAULTS : USUAL;
}

/** The rates in force, which every service reads for each call. */
export class Faults {
  rates: FaultRates = NO_FAULTS;
}

/** What happens to a single call to a service. */
export interface CallFault {
  readonly kind: "none" | "refuse" | "drop";
  readonly delayMs: number;
}

export function drawCallFault({ refuse, drop, delay }: ServiceFaults, random: Random): CallFault {
  const delayMs = random.chance(delay) ? random.between(10, MAX_DELAY_MS) : 0;
  const drawn = random.next();
  if (drawn < refuse) return { kind: "refuse", delayMs };
  return { kind: drawn < refuse + drop ? "drop" : "none", delayMs };
}
