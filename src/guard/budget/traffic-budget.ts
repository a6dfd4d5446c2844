import { ownerOf } from "../../ids/verification-id.ts";
import type { E164 } from "../../numbering/e164.ts";
import type { Background, MaybePromise } from "../../platform/async.ts";
import type { Keyring } from "../../platform/keyring.ts";
import type { ReportDecision } from "../decision.ts";
import type { GuardLists } from "../destinations/lists.ts";
import { type Range, rangeOf } from "../range.ts";
import type { Closing, GuardRequest, Rule, RuleMatch } from "../rule.ts";
import type { BudgetSettings } from "../settings.ts";
import type { DestinationRange } from "./destination-range.ts";
import type { Ledger } from "./ledger.ts";
import type { Block, RangeClosing } from "./range-budget.ts";
import { countryBreach, countryPressure, NO_COUNTRY } from "./tally.ts";

interface Dependencies {
  readonly ranges: DurableObjectNamespace<DestinationRange>;
  readonly ledger: Ledger;
  readonly lists: GuardLists;
  readonly keyring: Keyring;
  readonly reportDecision: ReportDecision;
}

/** Limits the unverified sends to a destination range. The range's own object decides. */
export class TrafficBudget implements Rule {
  readonly #deps: Dependencies;
  readonly #settings: BudgetSettings;

  constructor(dependencies: Dependencies, settings: BudgetSettings) {
    this.#deps = dependencies;
    this.#settings = settings;
  }

  /** The caller waits for the answer in the mode `enforce` only. */
  evaluate(request: GuardRequest, background: Background): MaybePromise<RuleMatch | null> {
    const { mode } = this.#settings;
    const { to, method } = request;
    if (method === "message" || to === null) return null;
    if (mode === "enforce") return this.#evaluateRange(request, to, mode);
    if (mode === "record_only") background(this.#record(request, to));
    return null;
  }

  async onNotSent({ to, name, codeCheckedBy, method }: GuardRequest): Promise<void> {
    if (method === "message" || to === null) return;
    if (this.#settings.mode !== "off" && codeCheckedBy === "sandi") await this.#rangeOf(to).refund(name);
  }

  /**
   * Makes one call a range. Skips numbers on the safe list, whose sends were not counted either. Rejects, and
   * settles nothing, when a number is sealed under a key that the deployment no longer has.
   */
  async onClosed(closings: readonly Closing[], background: Background): Promise<void> {
    const { lists, ranges, keyring } = this.#deps;
    if (this.#settings.mode === "off") return;
    const byRange = new Map<Range, RangeClosing[]>();
    for (const closing of closings) {
      const { id, toSealed, status, messages, createdAt, codeCheckedBy = "sandi" } = closing;
      // Of a message that the user sent, nothing was counted.
      if (closing.method === "message") continue;
      const approved = status === "approved";
      // Whether its code was right is not known, unless the caller has said so.
      if (codeCheckedBy === "caller" && !approved) continue;
      const name = ownerOf(id);
      const to = keyring.open(toSealed, name) as E164;
      if ((await lists.find("safe", to, background)) !== null) continue;
      const range = rangeOf(to);
      const wasPending = codeCheckedBy === "sandi";
      const settled = { name, sends: messages.length, approved, wasPending, startedAt: createdAt };
      byRange.set(range, [...(byRange.get(range) ?? []), settled]);
    }
    await Promise.all(
      [...byRange].map(([range, closed]) => ranges.getByName(range).settle(closed, this.#settings)),
    );
  }

  async onDenied(to: E164): Promise<void> {
    if (this.#settings.mode !== "off") await this.#rangeOf(to).recordComplaint();
  }

  async #record(request: GuardRequest, to: E164): Promise<void> {
    const match = await this.#evaluateRange(request, to, "record_only");
    if (match !== null) await this.#deps.reportDecision(match, request);
  }

  async #evaluateRange(
    { name, country, codeCheckedBy }: GuardRequest,
    to: E164,
    mode: Exclude<BudgetSettings["mode"], "off">,
  ): Promise<RuleMatch | null> {
    const { tally } = this.#deps.ledger;
    const breach = countryBreach(tally, this.#settings, country ?? NO_COUNTRY, Date.now());
    const counted = codeCheckedBy === "sandi" ? name : null;
    const verdict = await this.#rangeOf(to).evaluate(counted, this.#settings, countryPressure(breach));
    return verdict.kind === "allow" ? null : toMatch(verdict, to, mode);
  }

  #rangeOf(to: E164) {
    return this.#deps.ranges.getByName(rangeOf(to));
  }
}

function toMatch(block: Block, to: E164, mode: RuleMatch["mode"]): RuleMatch {
  const { rule, unverified, limit, verified, bestDay, consecutiveBlocks, windowMs, retryAfterMs } = block;
  return {
    rule,
    code: "traffic_blocked",
    mode,
    detail: "Too many codes to this range of numbers were not verified.",
    figures: {
      range: rangeOf(to),
      unverified,
      verified,
      best_day: bestDay,
      blocks_in_a_row: consecutiveBlocks,
    },
    limits: { quota: limit, window_seconds: windowMs / 1000 },
    wait: { retryAfterMs, name: rule.replaceAll("_", "-"), quota: limit, windowMs },
  };
}
