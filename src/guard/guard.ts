import type { EventVerification } from "../events/event.ts";
import { log } from "../log.ts";
import type { E164 } from "../phone/e164.ts";
import type { PricedMessage } from "../verification/decisions/delivery.ts";
import type { HeldTo } from "../verification/phone-state.ts";
import type { Background } from "../verification/requests.ts";
import type { GuardLists } from "./destinations/lists.ts";
import type { Finding, GuardQuestion, Rule } from "./rule.ts";
import type { Tell } from "./teller.ts";
import { expiry, type TestNumber, type TestNumbers } from "./test-numbers.ts";

interface Dependencies {
  readonly testNumbers: TestNumbers;
  readonly lists: GuardLists;
  /** Rules by what they cost: those of one stage are asked side by side, and what it refuses spares the next. */
  readonly stages: readonly (readonly Rule[])[];
  readonly tell: Tell;
}

/** Asked before a send: may it go there, so often, for whoever asks? */
export class Guard {
  readonly #deps: Dependencies;
  readonly tell: Tell;

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
    this.tell = dependencies.tell;
  }

  /** Null lets the send go on. Every finding is told; one that refuses before the caller learns of it. */
  async ask(question: GuardQuestion, background: Background): Promise<Finding | null> {
    const { testNumbers, lists, stages } = this.#deps;
    const testNumber = testNumbers.get(question.to);
    if (testNumber !== undefined) return this.#askOfTest(testNumber, question);
    if ((await lists.find("safe", question.to, background)) !== null) return null;
    const passed: Rule[] = [];
    for (const rules of stages) {
      const answers = await Promise.all(rules.map((rule) => answerOf(rule, question, background)));
      const findings = answers.filter((finding) => finding !== null);
      const refusal = findings.find(({ mode }) => mode === "enforce") ?? null;
      passed.push(...rules.filter((_, index) => answers[index]?.mode !== "enforce"));
      const told = Promise.all(findings.map((finding) => this.tell(finding, question)));
      if (refusal === null) {
        if (findings.length > 0) background(told);
        continue;
      }
      background(learn(passed, (rule) => rule.unsent?.(question)));
      await told;
      return refusal;
    }
    return null;
  }

  /** A message goes out. */
  async sent(question: GuardQuestion, background: Background): Promise<void> {
    if (this.#deps.testNumbers.has(question.to)) return;
    await this.#learn((rule) => rule.sent?.(question, background));
  }

  /** The guard let it go, and none goes out: the number's own limits, or a request that was answered before. */
  async unsent(question: GuardQuestion): Promise<void> {
    if (this.#deps.testNumbers.has(question.to)) return;
    await this.#learn((rule) => rule.unsent?.(question));
  }

  /** Nothing is sent to it, so nothing but its own end speaks against it. */
  async #askOfTest(testNumber: TestNumber, question: GuardQuestion): Promise<Finding | null> {
    const expired = expiry(testNumber, Date.now());
    if (expired !== null) await this.tell(expired, question);
    return expired;
  }

  /** Never rejects: what a rule cannot be told now, it is not told again. */
  async closed(closings: readonly EventVerification[], background: Background): Promise<void> {
    await this.#learn((rule) => rule.closed?.(closings, background));
  }

  priced(messages: readonly PricedMessage[]): void {
    for (const rule of this.#deps.stages.flat()) rule.priced?.(messages);
  }

  async denied(to: E164, heldTo: HeldTo): Promise<void> {
    await this.#learn((rule) => rule.denied?.(to, heldTo));
  }

  #learn(teach: (rule: Rule) => Promise<void> | undefined): Promise<void> {
    return learn(this.#deps.stages.flat(), teach);
  }
}

async function learn(
  rules: readonly Rule[],
  teach: (rule: Rule) => Promise<void> | undefined,
): Promise<void> {
  const lessons = rules.map(teach).filter((lesson) => lesson !== undefined);
  for (const one of await Promise.allSettled(lessons)) {
    if (one.status === "rejected") log("error", "A guard rule did not learn", { error: String(one.reason) });
  }
}

/** A fault in a rule keeps nobody from their code: it is logged, and the number's own limits hold in any case. */
async function answerOf(
  rule: Rule,
  question: GuardQuestion,
  background: Background,
): Promise<Finding | null> {
  try {
    return await rule.ask(question, background);
  } catch (error) {
    log("error", "A guard rule could not be asked", { error: String(error) });
    return null;
  }
}
