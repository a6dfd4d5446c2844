/**
 * Runs the product's own sending (dispatch, circuit breakers, throughput, the objects of health and pace) in many
 * isolates against a WhatsApp that counts strictly, on a simulated clock. Bundled by `npm run bench:senders`, also with
 * the source of an earlier commit.
 */
import { WhatsAppClient } from "../../../src/channels/whatsapp/client.ts";
import { Dispatch, whatsAppChannel } from "../../../src/channels/whatsapp/dispatch.ts";
import { WhatsAppHealth } from "../../../src/channels/whatsapp/health.ts";
import * as pace from "../../../src/channels/whatsapp/sender-pace.ts";
import { senderSchema } from "../../../src/channels/whatsapp/senders.ts";
import { SharedCircuits } from "../../../src/channels/whatsapp/shared-circuits.ts";
import type { Code } from "../../../src/codes/code.ts";
import type { E164 } from "../../../src/numbering/e164.ts";
import { at, runUntil } from "../cost/driver/timeline.ts";
import { type Arrival, fewestRefused, type Outcome, type Random, type Scenario } from "./scenario.ts";

/** From a Worker to WhatsApp, and until the answer is back. */
const TO_WHATSAPP_MS = { from: 20, to: 70 };
const ANSWER_MS = { from: 40, to: 160 };
/** From an isolate to an object, and back. */
const TO_OBJECT_MS = { from: 15, to: 100 };

const settle = setImmediate;
const drained = () => new Promise<void>((resume) => settle(resume));

/** Runs work at a simulated time, with all that follows from it at once. */
function later(milliseconds: number, work: () => void): void {
  at(Date.now() + Math.max(0, milliseconds), () => {
    work();
    return drained();
  });
}

globalThis.setTimeout = ((work: () => void, milliseconds = 0) => later(milliseconds, work)) as never;
AbortSignal.timeout = () => new AbortController().signal;
for (const level of ["info", "warn", "error"] as const) console[level] = () => {};

const wait = (milliseconds: number) => new Promise<void>((resume) => later(milliseconds, resume));

/** WhatsApp refuses what is above the limit in any second. Refused messages do not count. */
class StrictWhatsApp {
  readonly acceptedAt: number[] = [];
  refusals = 0;
  readonly #limit: number;
  readonly #random: Random;

  constructor(limit: number, random: Random) {
    this.#limit = limit;
    this.#random = random;
  }

  async answer(): Promise<Pick<Response, "status" | "text">> {
    await wait(between(TO_WHATSAPP_MS, this.#random));
    const before = this.acceptedAt.at(-this.#limit);
    const isFull = before !== undefined && before > Date.now() - 1000;
    if (isFull) this.refusals += 1;
    else this.acceptedAt.push(Date.now());
    await wait(between(ANSWER_MS, this.#random));
    const body = isFull ? { error: { code: 130429 } } : { messages: [{ id: "wamid.1" }] };
    return { status: isFull ? 400 : 200, text: async () => JSON.stringify(body) };
  }
}

/** A namespace whose objects answer after a while. */
function namespace(create: () => object, random: Random, answers = true): never {
  const objects = new Map<string, object>();
  const call = async (name: string, method: string, args: readonly unknown[]) => {
    await wait(between(TO_OBJECT_MS, random));
    if (!answers) throw new Error("The object does not answer");
    const object = objects.get(name) ?? create();
    objects.set(name, object);
    const { [method]: run } = object as Record<string, (...args: readonly unknown[]) => unknown>;
    const result = structuredClone(await run?.apply(object, structuredClone(args) as unknown[]));
    await wait(between(TO_OBJECT_MS, random));
    return result;
  };
  const getByName = (name: string) =>
    new Proxy(
      {},
      {
        get:
          (_, method) =>
          (...args: readonly unknown[]) =>
            call(name, String(method), args),
      },
    );
  return { getByName } as never;
}

function context(): DurableObjectState {
  const rows = new Map<string, unknown>();
  const kv = {
    get: (key: string) => rows.get(key),
    put: (key: string, value: unknown) => void rows.set(key, structuredClone(value)),
  };
  return { storage: { kv }, waitUntil: () => {} } as never;
}

/** Sends every code of a scenario, and counts what became of them. */
export async function simulate(scenario: Scenario, limit: number): Promise<Outcome> {
  const { random, arrivals } = scenario;
  Math.random = random;
  const whatsApp = new StrictWhatsApp(limit, random);
  globalThis.fetch = (() => whatsApp.answer()) as never;
  const health = namespace(() => new WhatsAppHealth(context(), {} as Env), random);
  const SenderPace = pace.SenderPace as typeof pace.SenderPace | null;
  const paces =
    SenderPace === null
      ? null
      : namespace(() => new SenderPace(context(), {} as Env), random, scenario.paceAnswers);
  const sender = senderSchema.parse({ phone_number_id: "100000000000001", messages_per_second: 80 });
  const isolate = () => {
    const client = new WhatsAppClient({
      baseUrl: "https://graph.test",
      apiVersion: "v26.0",
      accessToken: "t",
    });
    const shared = new SharedCircuits(health, async () => false);
    const shares = paces === null ? undefined : new pace.SharedPace(paces);
    return whatsAppChannel(new Dispatch(client, [sender], shared, shares as never));
  };
  const isolates = new Map<number, ReturnType<typeof isolate>>();
  const startedAt = Date.now();
  const waits: number[] = [];
  let refused = 0;
  const send = async ({ isolate: number, at: arrivedAt }: Arrival, index: number) => {
    const channel = isolates.get(number) ?? isolate();
    isolates.set(number, channel);
    const { kind } = await channel.send({
      to: `+62812${10_000_000 + index}` as E164,
      code: "123456" as Code,
      callbackData: "",
      template: "verification_code",
      language: "id",
      locale: "id",
      bind: null,
    });
    if (kind === "accepted") waits.push(Date.now() - startedAt - arrivedAt);
    else refused += 1;
  };
  for (const [index, arrival] of arrivals.entries()) {
    at(startedAt + arrival.at, () => {
      void send(arrival, index);
      return drained();
    });
  }
  await runUntil(startedAt + scenario.ms + 60_000);
  if (waits.length + refused !== arrivals.length) throw new Error("Not every code has an outcome");
  const sentAt = whatsApp.acceptedAt.map((time) => time - startedAt);
  return {
    codes: arrivals.length,
    refused,
    needed: fewestRefused(arrivals, limit),
    refusals: whatsApp.refusals,
    silenceMs: longestSilence(arrivals, sentAt),
    waits,
  };
}

/** The longest time without a code sent while codes came. */
function longestSilence(arrivals: readonly Arrival[], sentAt: readonly number[]): number {
  let longest = 0;
  let next = 0;
  let last = 0;
  for (const time of [...sentAt, Number.POSITIVE_INFINITY]) {
    while (next < arrivals.length && (arrivals[next]?.at ?? 0) < last) next += 1;
    const first = arrivals[next]?.at;
    if (first === undefined) break;
    const end = Math.min(time, arrivals.at(-1)?.at ?? 0);
    longest = Math.max(longest, end - Math.max(first, last));
    last = time;
  }
  return longest;
}

function between({ from, to }: { readonly from: number; readonly to: number }, random: Random): number {
  return from + random() * (to - from);
}
