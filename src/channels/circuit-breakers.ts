import { MINUTE_MS } from "../platform/time.ts";
import type { ProviderError } from "./failure.ts";

/** An open circuit: the error that opened it and until when only a probe is sent. */
export interface OpenCircuit {
  readonly code: string;
  readonly title: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly until: number;
}

/** A circuit that opened (`open` set) or closed (`open` null). */
export interface CircuitChange {
  readonly key: string;
  readonly open: OpenCircuit | null;
}

/**
 * Whether a call may be sent. `wait`: the sender is unproven and enough calls are already testing it; ask
 * again shortly.
 */
export type Permit = "allow" | "wait" | "deny";

/**
 * What a call showed about its circuits. `timeout`: no answer or a transient error. `skipped`: allowed but
 * not made.
 */
export type CallResult =
  | "worked"
  | "timeout"
  | "skipped"
  | { readonly key: string; readonly error: ProviderError };

/** How long a circuit stays open after the first error of a class; each failed probe doubles it. */
const FIRST_OPEN_MS = { backoff: 5_000, fix: 30_000, stop: 60_000, down: 10_000 } as const;
const LONGEST_OPEN_MS = 15 * MINUTE_MS;

/** A circuit whose last success is at most this old is proven; its calls are not limited. */
const PROVEN_FOR_MS = MINUTE_MS;
/** How many calls may test an unproven circuit at once. */
const PROBES_AT_ONCE = 3;
/** This many timeouts in a row open the circuit. */
const TIMEOUTS_UNTIL_DOWN = 3;

/** How long a circuit rests after the first error of a class, and after a failed probe twice as long. */
export function restAfter(error: Pick<ProviderError, "class">, former: OpenCircuit | null): number {
  if (former !== null) return Math.min((former.until - former.since) * 2, LONGEST_OPEN_MS);
  const isOwn = error.class === "backoff" || error.class === "stop";
  return isOwn ? FIRST_OPEN_MS[error.class] : FIRST_OPEN_MS.fix;
}

/** A circuit that denies a call, and until when. */
export interface Rest {
  readonly key: string;
  readonly until: number;
}

/** A probe that is under way decides within this time, usually much sooner. */
const PROBE_MS = 3_000;

interface Breaker {
  open: OpenCircuit | null;
  openMs: number;
  probing: boolean;
  inFlight: number;
  provenAt: number;
  /** When the last call worked; unlike `provenAt` it survives an opening. */
  workedAt: number;
  timeouts: number;
}

/**
 * Circuit breakers by key: `account`, `sender/{id}`, `template/{name}/{language}`,
 * `sender/{id}/country/{country}`. One error of class `fix` or `stop` opens a circuit at once, because every
 * further call would meet it. When the open time is over, a single probe decides whether it closes, so a
 * blocked sender gets no burst of calls.
 */
export class CircuitBreakers {
  readonly #breakers = new Map<string, Breaker>();
  readonly #onChange: (change: CircuitChange) => void;

  constructor(onChange: (change: CircuitChange) => void) {
    this.#onChange = onChange;
  }

  /**
   * Asks whether a call that depends on all these keys may be sent. After `allow`, {@link leave} must be
   * called.
   *
   * @param impatient the caller has waited its longest and is allowed even if the circuit is unproven
   */
  enter(keys: readonly string[], now: number, impatient = false): Permit {
    const breakers = keys.map((key) => this.#breaker(key));
    if (breakers.some(({ open, probing }) => open !== null && (now < open.until || probing))) return "deny";
    const unproven = breakers.filter(
      ({ open, provenAt }) => open === null && now - provenAt >= PROVEN_FOR_MS,
    );
    if (!impatient && unproven.some(({ inFlight }) => inFlight >= PROBES_AT_ONCE)) return "wait";
    for (const breaker of breakers) {
      breaker.inFlight += 1;
      breaker.probing = breaker.open !== null;
    }
    return "allow";
  }

  /** Records the result of a call that {@link enter} allowed. A timeout counts against the first key. */
  leave(keys: readonly string[], result: CallResult, now: number): void {
    for (const key of keys) {
      const breaker = this.#breaker(key);
      breaker.inFlight -= 1;
      breaker.probing = false;
      if (result === "worked") this.#recordSuccess(key, breaker, now);
    }
    if (result === "timeout") this.#recordTimeout(keys[0] ?? "", now);
    else if (typeof result === "object") this.trip(result.key, result.error, now);
  }

  /** Opens a circuit for an error in an answer that every caller of the key would meet. */
  trip(key: string, error: ProviderError, now: number): void {
    this.#open(key, error, restAfter(error, null), now);
  }

  /** The circuits that would deny a call that depends on these keys. */
  restsOf(keys: readonly string[], now: number): readonly Rest[] {
    return keys.flatMap((key) => {
      const { open, probing } = this.#breaker(key);
      if (open === null) return [];
      if (now < open.until) return { key, until: open.until };
      return probing ? { key, until: now + PROBE_MS } : [];
    });
  }

  /** When a call that depends on the key last worked, in milliseconds since the epoch. */
  workedAt(key: string): number {
    return this.#breaker(key).workedAt;
  }

  /**
   * Merges the open circuits that other isolates have reported. A rest that is over is over here too, so that a
   * probe is let through as soon as Meta has reinstated an account.
   */
  adopt(circuits: Readonly<Record<string, OpenCircuit>>, now: number): void {
    for (const [key, breaker] of this.#breakers) {
      if (breaker.open !== null && circuits[key] === undefined && now >= breaker.open.until)
        breaker.open = null;
    }
    for (const [key, open] of Object.entries(circuits)) {
      const breaker = this.#breaker(key);
      const hasEnded = open.until <= now && breaker.open !== null && breaker.open.since <= open.until;
      if (breaker.open !== null && breaker.open.until >= open.until && !hasEnded) continue;
      breaker.open = open;
      // Keep the reported duration, so that a failed probe doubles it instead of starting from zero.
      breaker.openMs = Math.min(open.until - open.since, LONGEST_OPEN_MS);
    }
  }

  #open(
    key: string,
    { code, title }: Pick<ProviderError, "code" | "title">,
    firstOpenMs: number,
    now: number,
  ): void {
    const breaker = this.#breaker(key);
    if (breaker.open !== null && now < breaker.open.until) return;
    breaker.openMs = breaker.open === null ? firstOpenMs : Math.min(breaker.openMs * 2, LONGEST_OPEN_MS);
    breaker.open = { code, title, since: breaker.open?.since ?? now, until: now + breaker.openMs };
    breaker.provenAt = Number.NEGATIVE_INFINITY;
    this.#onChange({ key, open: breaker.open });
  }

  #recordSuccess(key: string, breaker: Breaker, now: number): void {
    breaker.provenAt = now;
    breaker.workedAt = now;
    breaker.timeouts = 0;
    if (breaker.open === null) return;
    breaker.open = null;
    this.#onChange({ key, open: null });
  }

  #recordTimeout(key: string, now: number): void {
    const breaker = this.#breaker(key);
    breaker.timeouts += 1;
    if (breaker.timeouts < TIMEOUTS_UNTIL_DOWN && breaker.open === null) return;
    this.#open(key, { code: "no_answer", title: "The provider does not answer" }, FIRST_OPEN_MS.down, now);
  }

  #breaker(key: string): Breaker {
    let breaker = this.#breakers.get(key);
    if (breaker === undefined) {
      const provenAt = Number.NEGATIVE_INFINITY;
      const workedAt = provenAt;
      breaker = { open: null, openMs: 0, probing: false, inFlight: 0, provenAt, workedAt, timeouts: 0 };
      this.#breakers.set(key, breaker);
    }
    return breaker;
  }
}
