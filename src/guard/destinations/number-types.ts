import * as z from "zod";
import type { E164 } from "../../numbering/e164.ts";
import { compiled } from "../../numbering/numbering-plans/compiled.ts";
import type { NumberPatterns } from "../../numbering/numbering-plans/number-types.ts";
import { takeApart } from "../../numbering/numbering-plans/plan.ts";
import type { Background } from "../../platform/background.ts";
import { IsolateCache } from "../../platform/isolate-cache.ts";
import { log } from "../../platform/log.ts";
import { MINUTE_MS } from "../../platform/time.ts";

const pattern = z.string().optional();

/** By country calling code. */
const tableSchema = z.record(z.string(), z.object({ mobile: pattern, premium: pattern }));
type Table = Readonly<Record<string, NumberPatterns>>;

/** What a number's plan says it is for, as far as a rule asks. */
export interface NumberType {
  readonly mobile: boolean;
  readonly premium: boolean;
}

/** Where the build puts the table. The binding looks at the path alone. */
const ADDRESS = "https://assets.invalid/number-types.json";

/** After a reading that failed, the next one. */
const RETRY_MS = MINUTE_MS;

/**
 * What numbers are for, out of a table that is a static asset: as heavy as a third of the Worker. An isolate
 * reads it once, when the first rule asks.
 */
export class NumberTypes {
  readonly #assets: Pick<Fetcher, "fetch">;
  readonly #remembered = new IsolateCache(() => this.#readOnce(), { freshMs: RETRY_MS });
  #table: Table | null = null;

  constructor(assets: Pick<Fetcher, "fetch">) {
    this.#assets = assets;
  }

  /** Null where the number is in no country's plan, or the table could not be read. */
  async of(to: E164, background: Background): Promise<NumberType | null> {
    const table = await this.#remembered.get(background);
    const parts = takeApart(to);
    const patterns = parts && table?.[parts.callingCode];
    if (!parts || !patterns) return null;
    const fits = (wanted = "(?!)") => compiled(wanted).test(parts.national);
    return { mobile: fits(patterns.mobile), premium: fits(patterns.premium) };
  }

  async #readOnce(): Promise<Table | null> {
    if (this.#table !== null) return this.#table;
    try {
      const response = await this.#assets.fetch(ADDRESS);
      this.#table = tableSchema.parse(await response.json());
    } catch (error) {
      log("error", "The table of number types could not be read", { error: String(error) });
    }
    return this.#table;
  }
}
