import { DurableObject } from "cloudflare:workers";
import { DAY_MS } from "../../platform/time.ts";
import type { Counts } from "./counters.ts";
import { mergeTallies, report, type Tally } from "./tally.ts";

/** The traffic of a country that an isolate has seen since its last report. */
export interface CountryReport extends Counts {
  readonly country: string;
  readonly cost: number;
  /** Sends whose code is not checked here, which the day counts and the budget does not. */
  readonly unchecked: number;
}

const TALLY = "tally";
const FORGET_AFTER_MS = 16 * DAY_MS;

/** One of the objects that add up the reports of isolates by country. Called in the background only. */
export class TallyShard extends DurableObject<Env> {
  /** Adds the reports of an isolate and returns the new tally. */
  report(reports: readonly CountryReport[]): Tally {
    const now = Date.now();
    const known = this.ctx.storage.kv.get<Tally>(TALLY);
    const tally = reports.reduce(
      (sum, { country, ...counts }) => report(sum, country, counts, now),
      mergeTallies([known ?? {}], now),
    );
    this.ctx.storage.kv.put(TALLY, tally);
    // Set once, because setting an alarm bills a row; the alarm renews itself.
    if (known === undefined) void this.ctx.storage.setAlarm(now + FORGET_AFTER_MS);
    return tally;
  }

  read(): Tally {
    return this.ctx.storage.kv.get<Tally>(TALLY) ?? {};
  }

  override alarm(): Promise<void> {
    const now = Date.now();
    const isSilent = Object.keys(mergeTallies([this.read()], now)).length === 0;
    return isSilent ? this.ctx.storage.deleteAll() : this.ctx.storage.setAlarm(now + FORGET_AFTER_MS);
  }
}
