import { DurableObject } from "cloudflare:workers";
import type { Counts } from "./counters.ts";
import { DAY_MS, HOUR_MS } from "./counters.ts";
import { mergeTallies, report, type Tally } from "./tally.ts";

/** What an isolate has seen of a country since it last told. */
export type CountryReport = Counts & { readonly country: string; readonly cost: number };

const TALLY = "tally";
const FORGET_AFTER_MS = 16 * DAY_MS;
/** An alarm that is moved at every report would be a row each. */
const ALARM_MARGIN_MS = HOUR_MS;

/** One of the objects that add up, by country, what isolates report. On no request's path. */
export class TallyShard extends DurableObject<Env> {
  #alarmAt = 0;

  /** Takes in what an isolate has counted, and answers what this object knows. */
  report(reports: readonly CountryReport[]): Tally {
    const now = Date.now();
    const tally = reports.reduce(
      (sum, { country, ...counts }) => report(sum, country, counts, now),
      mergeTallies([this.read()], now),
    );
    this.ctx.storage.kv.put(TALLY, tally);
    if (this.#alarmAt < now + FORGET_AFTER_MS - ALARM_MARGIN_MS) {
      this.#alarmAt = now + FORGET_AFTER_MS;
      void this.ctx.storage.setAlarm(this.#alarmAt);
    }
    return tally;
  }

  read(): Tally {
    return this.ctx.storage.kv.get<Tally>(TALLY) ?? {};
  }

  override alarm(): Promise<void> {
    return this.ctx.storage.deleteAll();
  }
}
