import type { PricedMessage } from "../messages/delivery-update.ts";
import type { E164 } from "../numbering/e164.ts";
import type { Background } from "../platform/background.ts";
import { log } from "../platform/log.ts";
import type { MaybePromise } from "../platform/maybe-promise.ts";
import type { GuardLists } from "./destinations/lists.ts";
import type { ReportDecision } from "./report.ts";
import type { Attribution, Closing, GuardRequest, Rule, RuleMatch } from "./rule.ts";
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
  readonly reportDecision: ReportDecision;

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
    this.#rules = dependencies.stages.flat();
    this.reportDecision = dependencies.reportDecision;
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
      const told = Promise.all(findings.map((finding) => this.reportDecision(finding, question)));
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

  /** A message goes out, whatever a rule makes of it. */
  onSent(question: GuardRequest, background: Background): void {
    if (this.#deps.testNumbers.has(question.to)) return;
    for (const rule of this.#rules) {
      try {
        rule.onSent?.(question, background);
      } catch (error) {
        didNotLearn(error);
      }
    }
  }

  /** The guard let it go, and none goes out: the number's own limits, or a request that was answered before. */
  async onNotSent(question: GuardRequest): Promise<void> {
    if (this.#deps.testNumbers.has(question.to)) return;
    await this.#learn((rule) => rule.onNotSent?.(question));
  }

  /** Nothing is sent to it, so nothing but its own end speaks against it. */
  async #askOfTest(testNumber: TestNumber, question: GuardRequest): Promise<RuleMatch | null> {
    const expired = expiry(testNumber, Date.now());
    if (expired !== null) await this.reportDecision(expired, question);
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
