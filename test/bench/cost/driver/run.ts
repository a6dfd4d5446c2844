import { DAY_MS } from "../../../../src/platform/time.ts";
import type { Portion, Setup } from "../protocol.ts";
import { EPOCH_MS } from "./clock.ts";
import { total } from "./counts.ts";
import { scheduled } from "./invoke.ts";
import { numberAt } from "./numbers.ts";
import { begin } from "./story.ts";
import { at, runUntil } from "./timeline.ts";

const TEN_MINUTES_MS = 600_000;

/** The schedules of wrangler.toml. */
const SWEEP = "*/10 * * * *";
const DAILY = "17 3 * * *";
const DAILY_AT_MS = (3 * 60 + 17) * 60_000;

/** All verifications, evenly spread, and the deployment's schedules as long as they come. */
export class Run {
  readonly #setup: Setup;

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  /** Starts a portion of them, and lets everything happen that is due before the next. */
  async start({ first, count, ofAll }: Portion): Promise<void> {
    const { everyMs, numbersPerRange, namesUser, story } = this.#setup;
    const timeOf = (place: number) => EPOCH_MS + place * everyMs;
    for (let place = first; place < first + count; place += 1) {
      const to = numberAt(place, ofAll, numbersPerRange);
      const ip = `203.${(place >> 16) & 255}.${(place >> 8) & 255}.${place & 255}`;
      const named = namesUser ? { client: { ip }, limits: { account: `u_${place}` } } : null;
      at(timeOf(place), () => begin({ to, named }, story));
    }
    const [from, until] = [timeOf(first), timeOf(first + count)];
    for (const time of multiples(TEN_MINUTES_MS, from, until)) at(time, () => scheduled(SWEEP));
    for (const day of multiples(DAY_MS, from - DAILY_AT_MS, until - DAILY_AT_MS)) {
      at(day + DAILY_AT_MS, () => scheduled(DAILY));
    }
    await runUntil(until);
  }

  /** What they leave behind: alarms of weeks, and rows of the journal until it has forgotten all of them. */
  async finish(): Promise<void> {
    await runUntil(Number.POSITIVE_INFINITY);
    const deleted = () => total("d1_rows_written", "DELETE");
    let day = Date.now() + (this.#setup.retentionDays + 1) * DAY_MS;
    // A day's run does not delete without end.
    for (let before = -1; before < deleted(); day += DAY_MS) {
      before = deleted();
      at(day, () => scheduled(DAILY));
      await runUntil(Number.POSITIVE_INFINITY);
    }
  }
}

function* multiples(of: number, from: number, until: number): Generator<number> {
  for (let time = Math.ceil(from / of) * of; time < until; time += of) yield time;
}
