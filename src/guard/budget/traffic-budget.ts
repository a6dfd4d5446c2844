import { ownerOf } from "../../ids/verification-id.ts";
import type { E164 } from "../../numbering/e164.ts";
import type { Background } from "../../platform/background.ts";
import type { Keyring } from "../../platform/keyring.ts";
import type { MaybePromise } from "../../platform/maybe-promise.ts";
import type { GuardLists } from "../destinations/lists.ts";
import { type Range, rangeOf } from "../range.ts";
import type { ReportDecision } from "../report.ts";
import type { Closing, GuardRequest, Rule, RuleMatch } from "../rule.ts";
import type { DestinationRange } from "./destination-range.ts";
import type { Ledger } from "./ledger.ts";
import type { Block, RangeClosing } from "./range-budget.ts";
import type { BudgetSettings } from "./settings.ts";
import { countryBreach, countryPressure } from "./tally.ts";

/** Stands for numbers that belong to no country. */
export const NO_COUNTRY = "none";

interface Dependencies {
  readonly ranges: DurableObjectNamespace<DestinationRange>;
  readonly ledger: Ledger;
  readonly lists: GuardLists;
  readonly keyring: Keyring;
  readonly reportDecision: ReportDecision;
}

/** What goes to a destination range against what comes back approved. The range's own object decides. */
export class TrafficBudget implements Rule {
  readonly #deps: Dependencies;
  readonly #settings: BudgetSettings;

  constructor(dependencies: Dependencies, settings: BudgetSettings) {
    this.#deps = dependencies;
    this.#settings = settings;
  }

  /** Where it only records, nobody waits for it. */
  evaluate(question: GuardRequest, background: Background): MaybePromise<RuleMatch | null> {
    const { mode } = this.#settings;
    if (mode === "enforce") return this.#askRange(question, mode);
    if (mode === "record_only") background(this.#record(question));
    return null;
  }

  async onNotSent({ to, name }: GuardRequest): Promise<void> {
    if (this.#settings.mode !== "off") await this.#rangeOf(to).refund(name);
  }

  /**
   * One call a range. What goes to the safe list is none of its business, for nobody asked it. Tells nobody where
   * one of the numbers is sealed under a key that is gone.
   */
  async onClosed(closings: readonly Closing[], background: Background): Promise<void> {
    const { lists, ranges, keyring } = this.#deps;
    if (this.#settings.mode === "off") return;
    const byRange = new Map<Range, RangeClosing[]>();
    for (const { id, toSealed, status, messages, createdAt } of closings) {
      const name = ownerOf(id);
      const to = keyring.open(toSealed, name) as E164;
      if ((await lists.find("safe", to, background)) !== null) continue;
      const told = { name, sends: messages.length, approved: status === "approved", startedAt: createdAt };
      byRange.set(rangeOf(to), [...(byRange.get(rangeOf(to)) ?? []), told]);
    }
    await Promise.all(
      [...byRange].map(([range, some]) => ranges.getByName(range).settle(some, this.#settings)),
    );
  }

  async onDenied(to: E164): Promise<void> {
    if (this.#settings.mode !== "off") await this.#rangeOf(to).recordComplaint();
  }

  async #record(question: GuardRequest): Promise<void> {
    const finding = await this.#askRange(question, "record_only");
    if (finding !== null) await this.#deps.reportDecision(finding, question);
  }

  async #askRange(
    { to, name, country }: GuardRequest,
    mode: Exclude<BudgetSettings["mode"], "off">,
  ): Promise<RuleMatch | null> {
    const { tally } = this.#deps.ledger;
    const breach = countryBreach(tally, this.#settings, country ?? NO_COUNTRY, Date.now());
    const verdict = await this.#rangeOf(to).evaluate(name, this.#settings, countryPressure(breach));
    return verdict.kind === "allow" ? null : toFinding(verdict, to, mode);
  }

  #rangeOf(to: E164) {
    return this.#deps.ranges.getByName(rangeOf(to));
  }
}

function toFinding(block: Block, to: E164, mode: RuleMatch["mode"]): RuleMatch {
  const {
    rule,
    unverified,
    limit,
    verified,
    bestDay,
    consecutiveBlocks: strikes,
    windowMs,
    retryAfterMs,
  } = block;
  return {
    rule,
    code: "traffic_blocked",
    mode,
    detail: "Too many codes to this range of numbers came to nothing.",
    figures: { range: rangeOf(to), unverified, verified, best_day: bestDay, blocks_in_a_row: strikes },
    limits: { quota: limit, window_seconds: windowMs / 1000 },
    wait: { retryAfterMs, name: rule.replaceAll("_", "-"), quota: limit, windowMs },
  };
}
