import type { Background } from "../../platform/async.ts";
import type { LocationCache } from "../../platform/location-cache.ts";
import { log } from "../../platform/log.ts";
import { MINUTE_MS } from "../../platform/time.ts";
import type { CapSettings } from "../settings.ts";
import { mergeTallies, type Tally } from "./tally.ts";
import type { CountryReport, TallyShard } from "./tally-shard.ts";

/** Enough that none becomes busy: each isolate reports to one of them and reads them all. */
const SHARDS = 4;

/** How old an isolate's copy of the tally may become while it sends: with caps, and without. */
export const CAPPED_REFRESH_MS = 10_000;
export const REFRESH_MS = MINUTE_MS;

/**
 * An isolate's view of the day's traffic by country: its own counts and those of other isolates, exchanged in the
 * background. Sends between two exchanges may pass a cap, and the last counts of an isolate that ends before it
 * reports them are lost; exact caps would put one object on the path of every start.
 */
export class Ledger {
  readonly #namespace: DurableObjectNamespace<TallyShard>;
  readonly #refreshMs: number;
  readonly #cache: LocationCache | null;
  /** The shard that this isolate reports to. */
  readonly #shard = Math.floor(Math.random() * SHARDS);
  #unreported = new Map<string, CountryReport>();
  #known: Tally = {};
  #refreshedAt = Number.NEGATIVE_INFINITY;

  /** @param cache What isolates of a data centre share; null where each asks for itself. */
  constructor(
    namespace: DurableObjectNamespace<TallyShard>,
    { mode, caps }: CapSettings,
    cache: LocationCache | null = null,
  ) {
    this.#namespace = namespace;
    this.#cache = cache;
    this.#refreshMs = mode === "off" || caps.length === 0 ? REFRESH_MS : CAPPED_REFRESH_MS;
  }

  /** The tally as of the last exchange. */
  get tally(): Tally {
    return this.#known;
  }

  /** Counts, and exchanges counts in the background when that is due. */
  count(entry: CountryReport, background: Background): void {
    this.note(entry);
    if (Date.now() - this.#refreshedAt >= this.#refreshMs) background(this.#exchange());
  }

  /** Counts, and leaves the exchange to the next {@link count}. */
  note(entry: CountryReport): void {
    const { country } = entry;
    const former = this.#unreported.get(country) ?? {
      country,
      sends: 0,
      unchecked: 0,
      approvals: 0,
      cost: 0,
    };
    this.#unreported.set(country, {
      country,
      sends: former.sends + entry.sends,
      unchecked: former.unchecked + entry.unchecked,
      approvals: former.approvals + entry.approvals,
      cost: former.cost + entry.cost,
    });
  }

  /** Keeps unreported counts for the next exchange, and the last tally unless every shard has answered. */
  async #exchange(): Promise<void> {
    this.#refreshedAt = Date.now();
    const reports = [...this.#unreported.values()];
    this.#unreported = new Map();
    const shards = Array.from({ length: SHARDS }, (_, index) => `tally-${index}`);
    const results = await Promise.allSettled(
      shards.map(
        async (name, index): Promise<Tally> =>
          index === this.#shard
            ? await this.#namespace.getByName(name).report(reports)
            : await this.#read(name),
      ),
    );
    if (results[this.#shard]?.status === "rejected") for (const entry of reports) this.note(entry);
    const tallies = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    if (tallies.length === SHARDS) this.#known = mergeTallies(tallies, Date.now());
    else log("warn", "Guard tally exchange failed", { count: SHARDS - tallies.length });
  }

  #read(name: string): Promise<Tally> {
    const ask = async (): Promise<Tally> => await this.#namespace.getByName(name).read();
    return this.#cache === null ? ask() : this.#cache.get(name, this.#refreshMs, ask);
  }
}
