import { MINUTE_MS } from "../platform/time.ts";
import type { ProviderError } from "./failure.ts";

/** Why a circuit is open, and until when nothing but a probe goes through. */
export interface OpenCircuit {
  readonly code: string;
  readonly title: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly until: number;
}

/** A change of a circuit; null closes it. */
export interface CircuitChange {
  readonly key: string;
  readonly open: OpenCircuit | null;
}

/** `wait` where it is not known yet whether a sender works and enough calls are finding out. */
export type Permit = "go" | "wait" | "no";

/** It worked, nobody answered sensibly, it was not made after all, or it met an error about one of its keys. */
export type CallResult =
  | "worked"
  | "timeout"
  | "untried"
  | { readonly key: string; readonly error: ProviderError };

/** How long a circuit rests after the first error of a class; each failed probe doubles it. */
const FIRST_REST_MS = { backoff: 5_000, fix: 30_000, stop: 60_000, down: 10_000 } as const;
const LONGEST_REST_MS = 15 * MINUTE_MS;

/** A sender that has answered well within this time is known to work. */
const PROVEN_FOR_MS = MINUTE_MS;
/** How many calls may find out whether an unproven one works. */
const PROBES_AT_ONCE = 3;
/** So many calls in a row without a sensible answer mean that it is down. */
const SILENCES_UNTIL_DOWN = 3;

interface Breaker {
  open: OpenCircuit | null;
  restMs: number;
  probing: boolean;
  inFlight: number;
  provenAt: number;
  timeouts: number;
}

/**
 * Circuit breakers by key (an account, a sender, a template, a country). One error of class `fix` or `stop`
 * opens a circuit at once, for it will meet every user; when its rest is over, a single probe decides.
 * Nothing hammers a sender that is blocked.
 */
export class CircuitBreakers {
  readonly #breakers = new Map<string, Breaker>();
  readonly #onChange: (change: CircuitChange) => void;

  constructor(onChange: (change: CircuitChange) => void) {
    this.#onChange = onChange;
  }

  /**
   * May a call that depends on all of these go out? The answer `go` has to be followed by {@link leave}.
   * An `impatient` caller has waited long enough and goes without knowing.
   */
  enter(keys: readonly string[], now: number, impatient = false): Permit {
    const lines = keys.map((key) => this.#breaker(key));
    if (lines.some(({ open, probing }) => open !== null && (now < open.until || probing))) return "no";
    const unproven = lines.filter(({ open, provenAt }) => open === null && now - provenAt >= PROVEN_FOR_MS);
    if (!impatient && unproven.some(({ inFlight }) => inFlight >= PROBES_AT_ONCE)) return "wait";
    for (const line of lines) {
      line.inFlight += 1;
      line.probing = line.open !== null;
    }
    return "go";
  }

  /** Tells what a call found. A silence is held against the first of its keys. */
  leave(keys: readonly string[], found: CallResult, now: number): void {
    for (const key of keys) {
      const line = this.#breaker(key);
      line.inFlight -= 1;
      line.probing = false;
      if (found === "worked") this.#recordSuccess(key, line, now);
    }
    if (found === "timeout") this.#recordTimeout(keys[0] ?? "", now);
    else if (typeof found === "object") this.trip(found.key, found.error, now);
  }

  /** Opens a circuit for an error that will meet everybody who depends on the key, however it became known. */
  trip(key: string, error: ProviderError, now: number): void {
    const restMs =
      error.class === "backoff" || error.class === "stop" ? FIRST_REST_MS[error.class] : FIRST_REST_MS.fix;
    this.#open(key, error, restMs, now);
  }

  /** Takes over what others have found. */
  adopt(circuits: Readonly<Record<string, OpenCircuit>>, now: number): void {
    for (const [key, line] of this.#breakers) {
      if (line.open !== null && circuits[key] === undefined && now >= line.open.until) line.open = null;
    }
    for (const [key, open] of Object.entries(circuits)) {
      const line = this.#breaker(key);
      if (line.open !== null && line.open.until >= open.until) continue;
      line.open = open;
      // Whoever probes next goes on where the others were, and does not begin with no rest at all.
      line.restMs = Math.min(open.until - open.since, LONGEST_REST_MS);
    }
  }

  #open(
    key: string,
    { code, title }: Pick<ProviderError, "code" | "title">,
    firstRestMs: number,
    now: number,
  ): void {
    const line = this.#breaker(key);
    if (line.open !== null && now < line.open.until) return;
    line.restMs = line.open === null ? firstRestMs : Math.min(line.restMs * 2, LONGEST_REST_MS);
    line.open = { code, title, since: line.open?.since ?? now, until: now + line.restMs };
    line.provenAt = Number.NEGATIVE_INFINITY;
    this.#onChange({ key, open: line.open });
  }

  #recordSuccess(key: string, line: Breaker, now: number): void {
    line.provenAt = now;
    line.timeouts = 0;
    if (line.open === null) return;
    line.open = null;
    this.#onChange({ key, open: null });
  }

  #recordTimeout(key: string, now: number): void {
    const line = this.#breaker(key);
    line.timeouts += 1;
    if (line.timeouts < SILENCES_UNTIL_DOWN && line.open === null) return;
    this.#open(key, { code: "no_answer", title: "The provider does not answer" }, FIRST_REST_MS.down, now);
  }

  #breaker(key: string): Breaker {
    let line = this.#breakers.get(key);
    if (line === undefined) {
      const provenAt = Number.NEGATIVE_INFINITY;
      line = { open: null, restMs: 0, probing: false, inFlight: 0, provenAt, timeouts: 0 };
      this.#breakers.set(key, line);
    }
    return line;
  }
}
