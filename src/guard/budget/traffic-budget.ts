import type { E164 } from "../../phone/e164.ts";
import type { Background } from "../../verification/requests.ts";
import { rangeOf } from "../range.ts";
import type { Finding, GuardQuestion, Rule } from "../rule.ts";
import type { Tell } from "../teller.ts";
import type { DestinationRange } from "./destination-range.ts";
import type { Ledger } from "./ledger.ts";
import type { Block } from "./range-budget.ts";
import type { BudgetSettings } from "./settings.ts";
import { countryBreach, moodOf } from "./tally.ts";

/** Stands for numbers that belong to no country. */
export const NO_COUNTRY = "none";

/** What goes to a destination range against what comes back approved. The range's own object decides. */
export class TrafficBudget implements Rule {
  readonly #ranges: DurableObjectNamespace<DestinationRange>;
  readonly #ledger: Ledger;
  readonly #settings: BudgetSettings;
  readonly #tell: Tell;

  constructor(
    ranges: DurableObjectNamespace<DestinationRange>,
    ledger: Ledger,
    settings: BudgetSettings,
    tell: Tell,
  ) {
    this.#ranges = ranges;
    this.#ledger = ledger;
    this.#settings = settings;
    this.#tell = tell;
  }

  /** Where it only records, nobody waits for it. */
  async ask(question: GuardQuestion, background: Background): Promise<Finding | null> {
    const { mode } = this.#settings;
    if (mode === "enforce") return this.#askRange(question, mode);
    if (mode === "record_only") background(this.#record(question));
    return null;
  }

  async unsent({ to }: GuardQuestion): Promise<void> {
    if (this.#settings.mode !== "off") await this.#rangeOf(to).giveBack();
  }

  async approved(to: E164, sends: number): Promise<void> {
    if (this.#settings.mode !== "off") await this.#rangeOf(to).approve(sends, this.#settings);
  }

  async denied(to: E164): Promise<void> {
    if (this.#settings.mode !== "off") await this.#rangeOf(to).denounce();
  }

  async #record(question: GuardQuestion): Promise<void> {
    const finding = await this.#askRange(question, "record_only");
    if (finding !== null) await this.#tell(finding, question);
  }

  async #askRange(
    { to, country }: GuardQuestion,
    mode: Exclude<BudgetSettings["mode"], "off">,
  ): Promise<Finding | null> {
    const breach = countryBreach(this.#ledger.tally, this.#settings, country ?? NO_COUNTRY, Date.now());
    const verdict = await this.#rangeOf(to).ask(this.#settings, moodOf(breach));
    return verdict.kind === "allow" ? null : toFinding(verdict, to, mode);
  }

  #rangeOf(to: E164) {
    return this.#ranges.getByName(rangeOf(to));
  }
}

function toFinding(block: Block, to: E164, mode: Finding["mode"]): Finding {
  const { rule, unverified, limit, verified, bestDay, strikes, windowMs, retryAfterMs } = block;
  return {
    ...{ rule, code: "traffic_blocked", mode },
    detail: "Too many codes to this range of numbers came to nothing.",
    figures: { range: rangeOf(to), unverified, verified, best_day: bestDay, blocks_in_a_row: strikes },
    limits: { quota: limit, window_seconds: windowMs / 1000 },
    wait: { retryAfterMs, name: rule.replaceAll("_", "-"), quota: limit, windowMs },
  };
}
