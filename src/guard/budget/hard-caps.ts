import type { PricedMessage } from "../../messages/delivery-update.ts";
import type { Background } from "../../platform/background.ts";
import type { Closing, GuardRequest, Rule, RuleMatch } from "../rule.ts";
import { type CapSettings, priceOf, reachedCap } from "./caps.ts";
import type { Ledger } from "./ledger.ts";
import { NO_COUNTRY } from "./traffic-budget.ts";

/** What a code costs before the provider has said in which category it counts. */
const USUAL_CATEGORY = "authentication";

/** So much a day and no more, whatever the traffic is like. Counts what goes out, not what is asked for. */
export class HardCaps implements Rule {
  readonly #ledger: Ledger;
  readonly #settings: CapSettings;

  constructor(ledger: Ledger, settings: CapSettings) {
    this.#ledger = ledger;
    this.#settings = settings;
  }

  evaluate({ country }: Pick<GuardRequest, "country">): RuleMatch | null {
    const where = country ?? NO_COUNTRY;
    const { mode } = this.#settings;
    if (mode === "off") return null;
    const cap = reachedCap(this.#ledger.tally, this.#settings, where, Date.now());
    if (cap === null) return null;
    const { rule, scope, counts, figure, limit, windowMs, retryAfterMs } = cap;
    return {
      rule,
      code: "traffic_blocked",
      mode,
      detail: "The day's allowance for codes is used up.",
      figures: { scope: scope === "country" ? where : scope, [counts]: figure },
      limits: { quota: limit, window_seconds: windowMs / 1000 },
      wait: { retryAfterMs, name: rule.replaceAll("_", "-"), quota: limit, windowMs },
    };
  }

  onSent({ country }: GuardRequest, background: Background): void {
    const where = country ?? NO_COUNTRY;
    const cost = priceOf(this.#settings, where, USUAL_CATEGORY);
    this.#ledger.count({ country: where, sends: 1, approvals: 0, cost }, background);
  }

  /** The usual price was a guess. What is corrected is told with the isolate's next send. */
  onPriced(messages: readonly PricedMessage[]): void {
    for (const { country, category, billable } of messages) {
      const where = country ?? NO_COUNTRY;
      const charged = billable ? priceOf(this.#settings, where, category) : 0;
      const cost = charged - priceOf(this.#settings, where, USUAL_CATEGORY);
      if (cost !== 0) this.#ledger.note({ country: where, sends: 0, approvals: 0, cost });
    }
  }

  async onClosed(closings: readonly Closing[], background: Background): Promise<void> {
    for (const { country, status, messages } of closings) {
      if (status !== "approved") continue;
      const where = country ?? NO_COUNTRY;
      this.#ledger.count({ country: where, sends: 0, approvals: messages.length, cost: 0 }, background);
    }
  }
}
