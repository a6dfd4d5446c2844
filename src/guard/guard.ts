import type { PricedMessage } from "../messages/delivery-update.ts";
import type { E164 } from "../numbering/e164.ts";
import { subscriberOf } from "../numbering/subscriber.ts";
import type { Background, MaybePromise } from "../platform/async.ts";
import { log } from "../platform/log.ts";
import type { ReportDecision } from "./decision.ts";
import type { GuardLists } from "./destinations/lists.ts";
import type { Attribution, Closing, GuardOutcome, GuardRequest, Rule, RuleMatch } from "./rule.ts";
import type { TestNumber, TestNumbers } from "./settings.ts";
import { expiry } from "./test-numbers.ts";

interface Dependencies {
  readonly testNumbers: TestNumbers;
  readonly lists: GuardLists;
  /** The rules about where a number belongs, which a number that was learned has to pass as well. */
  readonly destinations: readonly Rule[];
  /** Rules by their cost: those of a stage are evaluated concurrently, and a refusal saves the next stage. */
  readonly stages: readonly (readonly Rule[])[];
  readonly reportDecision: ReportDecision;
}

/** Decides before each send whether its destination, its frequency and its requester are acceptable. */
export class Guard {
  readonly #deps: Dependencies;
  readonly #rules: readonly Rule[];

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
    this.#rules = dependencies.stages.flat();
  }

  /** Returns null for an allowed send. Reports every match; a refusal is durable before the caller learns of it. */
  async evaluate(request: GuardRequest, background: Background): Promise<RuleMatch | null> {
    const { testNumbers, lists, stages } = this.#deps;
    const { to } = request;
    if (to !== null) {
      const testNumber = testNumbers.get(subscriberOf(to));
      if (testNumber !== undefined) return this.#evaluateTestNumber(testNumber, request);
      if ((await lists.find("safe", to, background)) !== null) return null;
    }
    for (const [stage, rules] of stages.entries()) {
      const pending = evaluateAll(rules, request, background);
      if (pending === null) continue;
      const answers = await Promise.all(pending);
      const matches = answers.filter((match) => match !== null);
      const refusal = matches.find(({ mode }) => mode === "enforce") ?? null;
      const reported = Promise.all(matches.map((match) => this.#deps.reportDecision(match, request)));
      if (refusal === null) {
        if (matches.length > 0) background(reported);
        continue;
      }
      const allowing = rules.filter((_, index) => answers[index]?.mode !== "enforce");
      const earlier = stages.slice(0, stage).flat();
      background(update([...earlier, ...allowing], (rule) => rule.onNotSent?.(request)));
      await reported;
      return refusal;
    }
    return null;
  }

  /** The same for a number that the user's message has shown, by the rules about destinations alone. */
  async evaluateDestination(
    request: GuardRequest & { readonly to: E164 },
    background: Background,
  ): Promise<RuleMatch | null> {
    const { lists, destinations, reportDecision } = this.#deps;
    if ((await lists.find("safe", request.to, background)) !== null) return null;
    const answers = await Promise.all(evaluateAll(destinations, request, background) ?? []);
    const matches = answers.filter((match) => match !== null);
    await Promise.all(matches.map((match) => reportDecision(match, request)));
    return matches.find(({ mode }) => mode === "enforce") ?? null;
  }

  /**
   * Reports what became of a send that {@link evaluate} let through. The promise, where there is one, resolves
   * once a match that refused the send is durable: await it before the caller learns of the refusal. Everything
   * else is handed to the background.
   */
  report(request: GuardRequest, outcome: GuardOutcome, background: Background): MaybePromise<void> {
    const { sent, match } = outcome;
    if (request.to === null || !this.#deps.testNumbers.has(subscriberOf(request.to))) {
      if (sent) this.#onSent(request, background);
      else background(this.#update((rule) => rule.onNotSent?.(request)));
    }
    if (match === null) return;
    const reported = this.#deps.reportDecision(match, request);
    if (match.mode === "enforce") return reported;
    background(reported);
  }

  #onSent(request: GuardRequest, background: Background): void {
    for (const rule of this.#rules) {
      try {
        rule.onSent?.(request, background);
      } catch (error) {
        logFailedUpdate(error);
      }
    }
  }

  /** No rule but its last day applies to a test number, because no message is sent to it. */
  async #evaluateTestNumber(testNumber: TestNumber, request: GuardRequest): Promise<RuleMatch | null> {
    const expired = expiry(testNumber, Date.now());
    if (expired !== null) await this.#deps.reportDecision(expired, request);
    return expired;
  }

  /** Never rejects: an update that fails is logged and not repeated. */
  async onClosed(closings: readonly Closing[], background: Background): Promise<void> {
    await this.#update((rule) => rule.onClosed?.(closings, background));
  }

  onPriced(messages: readonly PricedMessage[]): void {
    for (const rule of this.#rules) rule.onPriced?.(messages);
  }

  async onDenied(to: E164, attribution: Attribution): Promise<void> {
    await this.#update((rule) => rule.onDenied?.(to, attribution));
  }

  #update(notify: (rule: Rule) => Promise<void> | undefined): Promise<void> {
    return update(this.#rules, notify);
  }
}

async function update(
  rules: readonly Rule[],
  notify: (rule: Rule) => Promise<void> | undefined,
): Promise<void> {
  const updates = rules.map(notify).filter((pending) => pending !== undefined);
  for (const result of await Promise.allSettled(updates)) {
    if (result.status === "rejected") logFailedUpdate(result.reason);
  }
}

function logFailedUpdate(error: unknown): void {
  log("error", "Guard rule update failed", { error: String(error) });
}

/** The answers in the order of the rules; null where all of them are null at once, so that nothing is awaited. */
function evaluateAll(
  rules: readonly Rule[],
  request: GuardRequest,
  background: Background,
): readonly MaybePromise<RuleMatch | null>[] | null {
  let answers: MaybePromise<RuleMatch | null>[] | null = null;
  for (const [index, rule] of rules.entries()) {
    const answer = evaluateSafely(rule, request, background);
    if (answer === null) continue;
    answers ??= rules.map(() => null);
    answers[index] = answer;
  }
  return answers;
}

/** A rule that fails allows the send: users still get their codes, and the number's own limits apply. */
function evaluateSafely(
  rule: Rule,
  request: GuardRequest,
  background: Background,
): MaybePromise<RuleMatch | null> {
  try {
    const answer = rule.evaluate(request, background);
    return answer instanceof Promise ? answer.catch(logFailedEvaluation) : answer;
  } catch (error) {
    return logFailedEvaluation(error);
  }
}

function logFailedEvaluation(error: unknown): null {
  log("error", "Guard rule evaluation failed", { error: String(error) });
  return null;
}
