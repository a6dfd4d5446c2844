import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../platform/time.ts";

/**
 * What is known of one network of users: one address of a household, or of a carrier that gives thousands of users the
 * same one. Times are milliseconds since the epoch.
 */
export interface NetworkState {
  /** By hour, oldest first: how many codes were approved for its users. */
  readonly approvals: readonly HourCount[];
  /** When owners of numbers denied having requested a code that this network requested, oldest first. */
  readonly denials: readonly number[];
  /** Until when it gets no codes; 0 if it was never blocked. */
  readonly blockedUntil: number;
  /** Blocks without a day of rest between them. */
  readonly consecutiveBlocks: number;
  /** The numbers for which it checked a wrong code, oldest first. */
  readonly wrongNumbers: readonly WrongNumber[];
}

interface HourCount {
  readonly hour: number;
  readonly count: number;
}

interface WrongNumber {
  /** The beginning of the name of the number's object. */
  readonly tag: string;
  readonly at: number;
}

export const EMPTY: NetworkState = {
  approvals: [],
  denials: [],
  blockedUntil: 0,
  consecutiveBlocks: 0,
  wrongNumbers: [],
};

/** Fewer denials in a day never block a network. */
export const LEAST_DENIALS = 2;

/**
 * A network is blocked when more than one code in fifty was denied. A carrier's shared address approves hundreds of codes
 * a day, so that a few denials by its other users, or by an attacker among them, block it for none.
 */
export const APPROVALS_PER_DENIAL = 50;

/** The lengths of the first, second … block in a row; the last one repeats. */
const BLOCK_MS = [10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS];

/** More than any threshold needs, so that the record stays small. */
const KEPT_DENIALS = 100;
const KEPT_WRONG_NUMBERS = 500;
const TAG_LENGTH = 8;

/** A network's block, and the counts that led to it. */
export interface NetworkBlock {
  readonly until: number;
  readonly denials: number;
  readonly approvals: number;
}

export function approve(before: NetworkState, count: number, now: number): NetworkState {
  const state = advance(before, now);
  const hour = Math.floor(now / HOUR_MS);
  const current = state.approvals.find((entry) => entry.hour === hour)?.count ?? 0;
  const earlier = state.approvals.filter((entry) => entry.hour !== hour);
  return { ...state, approvals: [...earlier, { hour, count: current + count }] };
}

/** Counts a denial. Returns the block that it begins or that has begun, or null. */
export function deny(
  before: NetworkState,
  now: number,
): { readonly state: NetworkState; readonly block: NetworkBlock | null } {
  const advanced = advance(before, now);
  const state = { ...advanced, denials: [...advanced.denials, now].slice(-KEPT_DENIALS) };
  const denials = state.denials.length;
  const approvals = approvalsOf(state);
  // Returned again, in case that the list of blocked networks has lost it.
  if (now < state.blockedUntil) return { state, block: { until: state.blockedUntil, denials, approvals } };
  if (denials < LEAST_DENIALS || denials * APPROVALS_PER_DENIAL <= approvals) return { state, block: null };
  const { consecutiveBlocks } = state;
  const until = now + (BLOCK_MS[Math.min(consecutiveBlocks, BLOCK_MS.length - 1)] ?? DAY_MS);
  return {
    state: { ...state, blockedUntil: until, consecutiveBlocks: consecutiveBlocks + 1 },
    block: { until, denials, approvals },
  };
}

/** How many numbers a network may check wrong codes for within an hour, and whether it has checked more. */
export interface SprayStatus {
  readonly numbers: number;
  readonly limit: number;
  /** When enough of them are an hour old; null while the network is within its limit. */
  readonly exceededUntil: number | null;
}

/**
 * Counts wrong codes for numbers. People mistype their own code: of a shared address that approves many codes more numbers
 * are expected, so the limit grows to half of what it approved.
 *
 * @param numbers How many numbers are allowed in any case.
 */
export function noteWrongNumbers(
  before: NetworkState,
  names: readonly string[],
  numbers: number,
  now: number,
): { readonly state: NetworkState; readonly status: SprayStatus } {
  const advanced = advance(before, now);
  const tags = new Set(names.map((name) => name.slice(0, TAG_LENGTH)));
  const others = advanced.wrongNumbers.filter(({ tag }) => !tags.has(tag));
  const noted = [...others, ...[...tags].map((tag) => ({ tag, at: now }))].slice(-KEPT_WRONG_NUMBERS);
  const state = { ...advanced, wrongNumbers: noted };
  const limit = Math.max(numbers, Math.floor(approvalsOf(state) / 2));
  const last = noted.at(-limit - 1);
  const exceededUntil = last === undefined ? null : last.at + HOUR_MS;
  return { state, status: { numbers: noted.length, limit, exceededUntil } };
}

/** Ends a block for an operator; what led to it counts no more. */
export function unblock({ approvals }: NetworkState): NetworkState {
  return { ...EMPTY, approvals };
}

/** The codes approved within a day. */
function approvalsOf({ approvals }: NetworkState): number {
  return approvals.reduce((sum, { count }) => sum + count, 0);
}

function advance(state: NetworkState, now: number): NetworkState {
  const oldestHour = Math.floor((now - DAY_MS) / HOUR_MS);
  const hasRested = now >= state.blockedUntil + DAY_MS;
  return {
    approvals: state.approvals.filter(({ hour }) => hour > oldestHour),
    denials: state.denials.filter((at) => at > now - DAY_MS),
    blockedUntil: hasRested ? 0 : state.blockedUntil,
    consecutiveBlocks: hasRested ? 0 : state.consecutiveBlocks,
    wrongNumbers: state.wrongNumbers.filter(({ at }) => at > now - HOUR_MS),
  };
}
