import type { Background } from "../../platform/background.ts";
import { log } from "../../platform/log.ts";
import { MINUTE_MS } from "../../platform/time.ts";
import type { CapSettings } from "./caps.ts";
import { mergeTallies, type Tally } from "./tally.ts";
import type { CountryReport, TallyShard } from "./tally-shard.ts";

/** So many that none is busy: each isolate reports to one of them, and reads them all. */
const SHARDS = 4;

/** How old an isolate's picture of all may become while it sends: where there are caps, and where only moods. */
const CAPPED_REFRESH_MS = 10_000;
const REFRESH_MS = MINUTE_MS;

/**
 * What an isolate knows of the day's traffic by country: its own counts and the others', exchanged in the
 * background. A cap may be passed by what is sent between two exchanges, and what an isolate counted last is
 * lost when it ends before it could tell; exact caps would put one object on the path of every start.
 */
export class Ledger {
  readonly #namespace: DurableObjectNamespace<TallyShard>;
  readonly #refreshMs: number;
  readonly #own = Math.floor(Math.random() * SHARDS);
  #unreported = new Map<string, CountryReport>();
  #known: Tally = {};
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(namespace: DurableObjectNamespace<TallyShard>, { mode, caps }: CapSettings) {
    this.#namespace = namespace;
    this.#refreshMs = mode === "off" || caps.length === 0 ? REFRESH_MS : CAPPED_REFRESH_MS;
  }

  /** The day so far, as of the last exchange. */
  get tally(): Tally {
    return this.#known;
  }

  count(entry: CountryReport, background: Background): void {
    this.note(entry);
    if (Date.now() - this.#refreshedAt >= this.#refreshMs) background(this.#exchange());
  }

  /** Counts what will be told with whatever {@link count} comes next. */
  note(entry: CountryReport): void {
    const { country } = entry;
    const former = this.#unreported.get(country) ?? { country, sends: 0, approvals: 0, cost: 0 };
    this.#unreported.set(country, {
      country,
      sends: former.sends + entry.sends,
      approvals: former.approvals + entry.approvals,
      cost: former.cost + entry.cost,
    });
  }

  /** What could not be told is told next time; a picture with a hole in it is none. */
  async #exchange(): Promise<void> {
    this.#refreshedAt = Date.now();
    const reports = [...this.#unreported.values()];
    this.#unreported = new Map();
    const shards = Array.from({ length: SHARDS }, (_, shard) => this.#namespace.getByName(`tally-${shard}`));
    const tallies = await Promise.allSettled(
      shards.map(async (shard, index) => (index === this.#own ? shard.report(reports) : shard.read())),
    );
    if (tallies[this.#own]?.status === "rejected") for (const entry of reports) this.note(entry);
    const known = tallies.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    if (known.length === SHARDS) this.#known = mergeTallies(known, Date.now());
    else log("warn", "The day's traffic could not be shared", { count: SHARDS - known.length });
  }
}
