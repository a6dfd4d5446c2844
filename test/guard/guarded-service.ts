import {
  createExecutionContext,
  createMessageBatch,
  getQueueResult,
  runInDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createHmac } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { createApp } from "../../src/app.ts";
import { deploy } from "../../src/deployment.ts";
import type { Event } from "../../src/events/event.ts";
import type { GuardEvent } from "../../src/guard/decision.ts";
import type { Mode, RuleName } from "../../src/guard/rule.ts";
import { ownerOf, type VerificationId } from "../../src/ids/verification-id.ts";
import type { ProblemCode } from "../../src/platform/problem.ts";
import { consume } from "../../src/queues.ts";
import { type Answer, type Deployment, messagesTo } from "../deployment.ts";

/** The Worker in a fresh isolate with a guard of the test's own, and the guard's events. */
export class GuardedService {
  readonly events: GuardEvent[] = [];
  readonly #env: Env;
  readonly #deployed: ReturnType<typeof deploy>;
  readonly #app: ReturnType<typeof createApp>;

  /** @param more Bindings and secrets that replace those of the tests. */
  constructor(GUARD: object, more: object = {}) {
    const EVENTS = {
      sendBatch: async (messages: Iterable<MessageSendRequest<Event>>) => {
        for (const { body } of messages) if (body.kind === "guard") this.events.push(body);
      },
    };
    this.#env = Object.assign({}, env, { GUARD, EVENTS, ...more });
    this.#deployed = deploy(this.#env);
    this.#app = createApp(this.#deployed);
  }

  /** Makes a call of the API and waits for the background work after it. */
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts on any body
  async call(method: string, path: string, body?: unknown, headers: object = {}): Promise<Answer<any>> {
    const context = createExecutionContext();
    const request = new Request(`https://sandi.test${path}`, {
      method,
      headers: { authorization: `Bearer ${env.ADMIN_KEY}`, ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const response = await this.#app.fetch(request, context);
    const text = await response.text();
    await waitOnExecutionContext(context);
    const isJson = response.headers.get("content-type")?.includes("json");
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
  }

  /** Delivers a webhook of WhatsApp with its signature. */
  async webhook(body: object): Promise<number> {
    const context = createExecutionContext();
    const text = JSON.stringify(body);
    const hex = createHmac("sha256", env.WHATSAPP_APP_SECRET).update(text).digest("hex");
    const headers = { "x-hub-signature-256": `sha256=${hex}` };
    const request = new Request("https://sandi.test/webhooks/whatsapp", {
      method: "POST",
      headers,
      body: text,
    });
    const { status } = await this.#app.fetch(request, context);
    await waitOnExecutionContext(context);
    return status;
  }

  /** Records the events in the journal, as the queue's consumer does. */
  journal(): Promise<void> {
    return this.#deployed.guardLog.record(this.events);
  }

  /** Consumes a batch of events as the queue delivers it. */
  async deliver(events: readonly Event[], attempts = 1) {
    const messages = events.map((body) => ({ id: body.id, timestamp: new Date(), attempts, body }));
    const batch = createMessageBatch<Event>("sandi-events", messages);
    await consume(batch, this.#deployed);
    return getQueueResult(batch, createExecutionContext());
  }

  /** The use cases, for what no call of `/v1` asks of them. */
  get verifications() {
    return this.#deployed.verifications;
  }

  start(body: object, headers: object = {}) {
    return this.call("POST", "/v1/verifications", body, headers);
  }

  /** The number of an event, unsealed as for a webhook endpoint. */
  numberOf({ toSealed, id }: GuardEvent): string {
    if (toSealed === null) throw new Error("The event has no number");
    return this.#deployed.config.keyring.open(toSealed, id);
  }
}

/**
 * Collects the events that the numbers' objects publish from now on, in place of the queue.
 *
 * @param id Any verification's.
 */
export async function divertEvents(id: string): Promise<Event[]> {
  const object = env.PHONE_NUMBERS.getByName(ownerOf(id as VerificationId));
  const queue = await runInDurableObject(
    object,
    (instance) => (instance as unknown as { env: Env }).env.EVENTS,
  );
  const events: Event[] = [];
  vi.spyOn(queue, "sendBatch").mockImplementation(async (messages) => {
    for (const { body } of messages as Iterable<MessageSendRequest<Event>>) events.push(body);
    return {} as QueueSendBatchResponse;
  });
  return events;
}

/** One rule, and a request that it matches. */
export interface RuleCase {
  readonly rule: RuleName;
  readonly code: ProblemCode;
  /** The guard's configuration with the rule in a mode. */
  guard(mode: Mode): object;
  readonly env?: object;
  /** Makes the calls that have to come before the request. */
  prepare?(service: GuardedService): Promise<unknown>;
  /** The body of the start that the rule matches. */
  readonly request: { readonly to: string; readonly [field: string]: unknown };
  readonly figures?: object;
  readonly limits?: object;
}

/** Tests what every rule does in each mode: refuse and report, only report, or nothing. */
export function describeRuleInEveryMode(
  name: string,
  { rule, code, ...given }: RuleCase,
  deployment: Deployment,
) {
  const { request, figures = expect.anything(), limits = expect.anything() } = given;

  async function ask(mode: Mode) {
    const service = new GuardedService(given.guard(mode), given.env);
    await given.prepare?.(service);
    service.events.length = 0;
    const before = (await messagesTo(deployment, request.to)).length;
    const answer = await service.start(request);
    const received = (await messagesTo(deployment, request.to)).length - before;
    return { service, answer, received };
  }

  function expectEvent(service: GuardedService, refused: boolean) {
    expect(service.events).toHaveLength(1);
    const [event] = service.events;
    if (event === undefined) throw new Error("No event was reported");
    expect(event).toMatchObject({
      type: "guard.blocked",
      decision: { rule, code, refused, figures, limits, purpose: "login", callerId: "operator" },
    });
    expect(service.numberOf(event)).toBe(request.to);
    expect(JSON.stringify(event)).not.toContain(request.to.slice(1));
    return event;
  }

  describe(name, () => {
    it(`refuses with ${code} and reports the match`, async () => {
      const { service, answer, received } = await ask("enforce");
      expect([answer.body.code, received]).toEqual([code, 0]);
      const { decision } = expectEvent(service, true);
      const { headers, status, text } = answer;
      expect(text).not.toContain(request.to.slice(1));
      if (status !== 429) return expect([status, headers.get("retry-after")]).toEqual([403, null]);
      const { quota, window_seconds: window } = decision.limits;
      const wait = Number(headers.get("retry-after"));
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(Number(window));
      expect(headers.get("ratelimit-policy")).toMatch(new RegExp(`^"[a-z0-9_-]+";q=${quota};w=${window}$`));
      expect(headers.get("ratelimit")).toMatch(new RegExp(`^"[a-z0-9_-]+";r=0;t=${wait}$`));
    });

    it("only reports the match in record_only, and the message is sent", async () => {
      const { service, answer, received } = await ask("record_only");
      expect([answer.status, received]).toEqual([201, 1]);
      expectEvent(service, false);
    });

    it("reports nothing when it is off", async () => {
      const { service, answer, received } = await ask("off");
      expect([answer.status, received, service.events]).toEqual([201, 1, []]);
    });
  });
}
