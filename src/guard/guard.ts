import type { PricedMessage } from "../messages/delivery-update.ts";
import type { E164 } from "../numbering/e164.ts";
import type { Background } from "../platform/background.ts";
import { log } from "../platform/log.ts";
import type { MaybePromise } from "../platform/maybe-promise.ts";
import type { GuardLists } from "./destinations/lists.ts";
import type { ReportDecision } from "./report.ts";
import type { Attribution, Closing, GuardOutcome, GuardRequest, Rule, RuleMatch } from "./rule.ts";
import { expiry, type TestNumber, type TestNumbers } from "./test-numbers.ts";

interface Dependencies {
  readonly testNumbers: TestNumbers;
  readonly lists: GuardLists;
  /** Rules by what they cost: those of one stage are asked side by side, and what it refuses spares the next. */
  readonly stages: readonly (readonly Rule[])[];
  readonly reportDecision: ReportDecision;
}

/** Asked before a send: may it go there, so often, for whoever asks? */
export class Guard {
  readonly #deps: Dependencies;
  readonly #rules: readonly Rule[];

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
    this.#rules = dependencies.stages.flat();
  }

  /** Null lets the send go on. Every finding is told; one that refuses before the caller learns of it. */
  async evaluate(question: GuardRequest, background: Background): Promise<RuleMatch | null> {
    const { testNumbers, lists, stages } = this.#deps;
    const testNumber = testNumbers.get(question.to);
    if (testNumber !== undefined) return this.#askOfTest(testNumber, question);
    if ((await lists.find("safe", question.to, background)) !== null) return null;
    for (const [stage, rules] of stages.entries()) {
      const asked = askEach(rules, question, background);
      if (asked === null) continue;
      const answers = await Promise.all(asked);
      const findings = answers.filter((finding) => finding !== null);
      const refusal = findings.find(({ mode }) => mode === "enforce") ?? null;
      const told = Promise.all(findings.map((finding) => this.#deps.reportDecision(finding, question)));
      if (refusal === null) {
        if (findings.length > 0) background(told);
        continue;
      }
      const here = rules.filter((_, index) => answers[index]?.mode !== "enforce");
      const passed = [...stages.slice(0, stage).flat(), ...here];
      background(learn(passed, (rule) => rule.onNotSent?.(question)));
      await told;
      return refusal;
    }
    return null;
  }

  /**
   * Reports what became of a send that {@link evaluate} let through. The promise, where there is one, resolves
   * once a match that refused the send is durable: await it before the caller learns of the refusal. Everything
   * else is handed to the background.
   */
  report(request: GuardRequest, outcome: GuardOutcome, background: Background): MaybePromise<void> {
    const { sent, match } = outcome;
    if (!this.#deps.testNumbers.has(request.to)) {
      if (sent) this.#onSent(request, background);
      else background(this.#learn((rule) => rule.onNotSent?.(request)));
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
        didNotLearn(error);
      }
    }
  }

  /** Nothing is sent to it, so nothing but its own end speaks against it. */
  async #askOfTest(testNumber: TestNumber, question: GuardRequest): Promise<RuleMatch | null> {
    const expired = expiry(testNumber, Date.now());
    if (expired !== null) await this.#deps.reportDecision(expired, question);
    return expired;
  }

  /** Never rejects: what a rule cannot be told now, it is not told again. */
  async onClosed(closings: readonly Closing[], background: Background): Promise<void> {
    await this.#learn((rule) => rule.onClosed?.(closings, background));
  }

  onPriced(messages: readonly PricedMessage[]): void {
    for (const rule of this.#rules) rule.onPriced?.(messages);
  }

  async onDenied(to: E164, heldTo: Attribution): Promise<void> {
    await this.#learn((rule) => rule.onDenied?.(to, heldTo));
  }

  #learn(teach: (rule: Rule) => Promise<void> | undefined): Promise<void> {
    return learn(this.#rules, teach);
  }
}

async function learn(
  rules: readonly Rule[],
  teach: (rule: Rule) => Promise<void> | undefined,
): Promise<void> {
  const lessons = rules.map(teach).filter((lesson) => lesson !== undefined);
  for (const one of await Promise.allSettled(lessons)) {
    if (one.status === "rejected") didNotLearn(one.reason);
  }
}

function didNotLearn(error: unknown): void {
  log("error", "A guard rule did not learn", { error: String(error) });
}

/** Every rule's answer, in the rules' order; null where all say at once that they have found nothing. */
function askEach(
  rules: readonly Rule[],
  question: GuardRequest,
  background: Background,
): readonly MaybePromise<RuleMatch | null>[] | null {
  let answers: MaybePromise<RuleMatch | null>[] | null = null;
  for (const [index, rule] of rules.entries()) {
    const answer = answerOf(rule, question, background);
    if (answer === null) continue;
    answers ??= rules.map(() => null);
    answers[index] = answer;
  }
  return answers;
}

/** A fault in a rule keeps nobody from their code: it is logged, and the number's own limits hold in any case. */
function answerOf(
  rule: Rule,
  question: GuardRequest,
  background: Background,
): MaybePromise<RuleMatch | null> {
  try {
    const answer = rule.evaluate(question, background);
    return answer instanceof Promise ? answer.catch(foundNothing) : answer;
  } catch (error) {
    return foundNothing(error);
  }
}

function foundNothing(error: unknown): null {
  log("error", "A guard rule could not be asked", { error: String(error) });
  return null;
}
