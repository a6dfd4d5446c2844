import type { PricedMessage } from "../../messages/delivery-update.ts";
import { priceOf } from "../../messages/prices.ts";
import type { Background } from "../../platform/async.ts";
import { DAY_MS } from "../../platform/time.ts";
import type { Closing, GuardRequest, Rule, RuleMatch } from "../rule.ts";
import type { Cap, CapSettings } from "../settings.ts";
import type { Ledger } from "./ledger.ts";
import { NO_COUNTRY, type Tally, today } from "./tally.ts";

/** The price category of a code until the provider reports the real one. */
const USUAL_CATEGORY = "authentication";

/** A cap that has been reached: its country, or the whole deployment, sends nothing more until the day ends. */
export interface CapReached extends Cap {
  readonly figure: number;
  readonly windowMs: number;
  readonly retryAfterMs: number;
}

const NONE = { sends: 0, cost: 0 };

/**
 * The first cap that is reached for a country. The tally is a minute or two old, so the sends of that time may
 * pass a cap; exact caps would put one object on the path of every start.
 */
export function reachedCap(
  tally: Tally,
  { caps }: CapSettings,
  country: string,
  now: number,
): CapReached | null {
  if (caps.length === 0) return null;
  const entry = tally[country];
  const ofCountry = entry === undefined ? NONE : today(entry, now);
  const ofDeployment = Object.values(tally)
    .map((each) => today(each, now))
    .reduce((a, b) => ({ sends: a.sends + b.sends, cost: a.cost + b.cost }), NONE);
  const retryAfterMs = DAY_MS - (now % DAY_MS);
  for (const cap of caps) {
    const figure = (cap.scope === "country" ? ofCountry : ofDeployment)[cap.counts];
    if (figure >= cap.limit) return { ...cap, figure, windowMs: DAY_MS, retryAfterMs };
  }
  return null;
}

/** The price of a message in US dollars; 0 where the table has none. */
export function costOf({ prices }: CapSettings, country: string, category: string): number {
  return priceOf(prices, country, category) ?? 0;
}

/** Caps the sends and the cost of a day. Counts what is sent, not what is requested. */
export class HardCaps implements Rule {
  readonly #ledger: Ledger;
  readonly #settings: CapSettings;

  constructor(ledger: Ledger, settings: CapSettings) {
    this.#ledger = ledger;
    this.#settings = settings;
  }

  evaluate(request: Pick<GuardRequest, "country" | "method">): RuleMatch | null {
    const country = request.country ?? NO_COUNTRY;
    const { mode } = this.#settings;
    if (mode === "off" || request.method === "message") return null;
    const cap = reachedCap(this.#ledger.tally, this.#settings, country, Date.now());
    if (cap === null) return null;
    const { rule, scope, counts, figure, limit, windowMs, retryAfterMs } = cap;
    return {
      rule,
      code: "traffic_blocked",
      mode,
      detail: "The daily limit for codes is reached.",
      figures: { scope: scope === "country" ? country : scope, [counts]: figure },
      limits: { quota: limit, window_seconds: windowMs / 1000 },
      wait: { retryAfterMs, name: rule.replaceAll("_", "-"), quota: limit, windowMs },
    };
  }

  onSent(request: GuardRequest, background: Background): void {
    const country = request.country ?? NO_COUNTRY;
    const cost = costOf(this.#settings, country, USUAL_CATEGORY);
    const unchecked = request.codeCheckedBy === "caller" ? 1 : 0;
    this.#ledger.count({ country, sends: 1 - unchecked, unchecked, approvals: 0, cost }, background);
  }

  /** Corrects the estimate of {@link onSent}. The correction is exchanged with the isolate's next send. */
  onPriced(messages: readonly PricedMessage[]): void {
    for (const message of messages) {
      const country = message.country ?? NO_COUNTRY;
      const charged = message.billable ? costOf(this.#settings, country, message.category) : 0;
      const cost = charged - costOf(this.#settings, country, USUAL_CATEGORY);
      if (cost !== 0) this.#ledger.note({ country, sends: 0, unchecked: 0, approvals: 0, cost });
    }
  }

  async onClosed(closings: readonly Closing[], background: Background): Promise<void> {
    for (const { country, status, messages, codeCheckedBy } of closings) {
      if (status !== "approved") continue;
      const approvals = messages.length;
      // What the caller has approved is measured from now on; the day has counted its sends.
      const sends = codeCheckedBy === "caller" ? approvals : 0;
      const counts = { sends, unchecked: -sends, approvals, cost: 0 };
      this.#ledger.count({ country: country ?? NO_COUNTRY, ...counts }, background);
    }
  }
}
