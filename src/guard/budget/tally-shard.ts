import { DurableObject } from "cloudflare:workers";
import { DAY_MS } from "../../platform/time.ts";
import type { Counts } from "./counters.ts";
import { mergeTallies, report, type Tally } from "./tally.ts";

/** What an isolate has seen of a country since it last told. */
export type CountryReport = Counts & { readonly country: string; readonly cost: number };

const TALLY = "tally";
const FORGET_AFTER_MS = 16 * DAY_MS;

/** One of the objects that add up, by country, what isolates report. On no request's path. */
export class TallyShard extends DurableObject<Env> {
  /** Takes in what an isolate has counted, and answers what this object knows. */
  report(reports: readonly CountryReport[]): Tally {
    const now = Date.now();
    const known = this.ctx.storage.kv.get<Tally>(TALLY);
    const tally = reports.reduce(
      (sum, { country, ...counts }) => report(sum, country, counts, now),
      mergeTallies([known ?? {}], now),
    );
    this.ctx.storage.kv.put(TALLY, tally);
    // Once, for an alarm is a row as well: it sets itself anew.
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
