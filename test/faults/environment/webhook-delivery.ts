import { setTimeout as pause } from "node:timers/promises";
import type { Random } from "../../world/random.ts";
import type { History, UpdateStatus, WebhookKind, WebhookPost } from "../history.ts";
import { personOf, waIdOf } from "../people.ts";
import type { Connection } from "./connection.ts";
import type { Faults } from "./fault-rates.ts";
import { signedByMeta } from "./meta-signature.ts";

/** A webhook as it is posted, and the update that it carries. */
export interface Webhook {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly update: Pick<WebhookPost, "reference" | "messageId" | "number" | "status">;
}

const RETRY_MS = { from: 50, to: 400 };
const TIMEOUT_MS = 60_000;
const MAX_COPIES = 3;

/**
 * Posts the simulator's webhooks to the Worker as Meta may: late, out of order, repeated, and each until it is
 * acknowledged.
 */
export class WebhookDelivery {
  readonly #history: History;
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #connection: Connection;
  readonly #closing = new AbortController();
  /** By number: webhooks that may be posted again at any time. */
  readonly #known = new Map<string, Webhook[]>();
  #pending = 0;

  constructor(history: History, faults: Faults, random: Random, connection: Connection) {
    [this.#history, this.#faults, this.#random, this.#connection] = [history, faults, random, connection];
  }

  /** Accepts a webhook of the simulator, which is told 200 before the Worker has seen it. */
  async accept(request: Request): Promise<Response> {
    const text = await request.text();
    const update = readUpdate(text);
    const { pathname: path } = new URL(request.url);
    const { body, headers } = withWaId(text, Object.fromEntries(request.headers), update?.number ?? "");
    if (update !== null) this.#schedule({ path, headers, body, update });
    return new Response();
  }

  /** The webhooks about a number that were accepted so far. */
  knownOf(number: string): readonly Webhook[] {
    return this.#known.get(number) ?? [];
  }

  /** Posts a webhook once and records it. @returns the response's status, or null without a response */
  async post(
    { path, headers, body, update }: Webhook,
    kind: WebhookKind = "genuine",
  ): Promise<number | null> {
    await this.#connection.whenUp();
    const startedAt = this.#history.now();
    const reply = await this.#connection.send("POST", path, headers, body);
    const responseStatus = reply?.status ?? null;
    this.#history.webhooks.push({
      ...update,
      kind,
      startedAt,
      endedAt: this.#history.now(),
      responseStatus,
    });
    return responseStatus;
  }

  /** Resolves when the Worker has acknowledged every accepted webhook, or after a timeout. */
  async settled(): Promise<void> {
    const deadline = Date.now() + TIMEOUT_MS;
    while (this.#pending > 0 && Date.now() < deadline) await pause(10);
  }

  close(): void {
    this.#closing.abort();
  }

  #schedule(webhook: Webhook): void {
    const { number } = webhook.update;
    const known = this.#known.get(number);
    if (known === undefined) this.#known.set(number, [webhook]);
    else known.push(webhook);
    const { repeat, delayMs } = this.#faults.rates.webhooks;
    const copies = this.#random.chance(repeat) ? 1 + this.#random.below(MAX_COPIES) : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      void this.#deliver(webhook, this.#random.between(0, delayMs));
    }
  }

  async #deliver(webhook: Webhook, delayMs: number): Promise<void> {
    this.#pending += 1;
    await pause(delayMs);
    while (!this.#closing.signal.aborted) {
      const status = await this.post(webhook);
      if (status === 200 || status === 204) break;
      await pause(this.#random.between(RETRY_MS.from, RETRY_MS.to));
    }
    this.#pending -= 1;
  }
}

/** Names a person by WhatsApp's id, as Meta does, where the simulator names the number that was dialled. */
function withWaId(
  body: string,
  headers: Readonly<Record<string, string>>,
  person: string,
): Pick<Webhook, "body" | "headers"> {
  const waId = waIdOf(person);
  if (waId === person) return { body, headers };
  const changed = body.replaceAll(`"${person.slice(1)}"`, `"${waId.slice(1)}"`);
  return { body: changed, headers: { ...headers, "x-hub-signature-256": signedByMeta(changed) } };
}

/** Reads the kinds of webhooks of Meta and of the SMS gateway that the simulator sends. */
function readUpdate(body: string): Webhook["update"] | null {
  const { entry, ref, status } = JSON.parse(body) as {
    readonly entry?: readonly { readonly changes: readonly { readonly value: MetaValue }[] }[];
    readonly ref?: string;
    readonly status?: UpdateStatus;
  };
  if (ref !== undefined && status !== undefined) {
    return { reference: ref, messageId: null, number: "", status };
  }
  const value = entry?.[0]?.changes[0]?.value;
  const [update] = value?.statuses ?? [];
  if (update !== undefined) {
    const { biz_opaque_callback_data: reference = null, id, recipient_id } = update;
    return { reference, messageId: id, number: personOf(`+${recipient_id}`), status: update.status };
  }
  const [tap] = value?.messages ?? [];
  if (tap === undefined) return null;
  const messageId = tap.context?.id ?? null;
  const number = personOf(`+${tap.from}`);
  const isToken = /[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{3}/.test(tap.text?.body ?? "");
  const act = tap.type !== "text" ? "denied" : isToken ? "token" : "stop";
  return { reference: null, messageId, number, status: act };
}

interface MetaValue {
  readonly statuses?: readonly {
    readonly id: string;
    readonly status: UpdateStatus;
    readonly recipient_id: string;
    readonly biz_opaque_callback_data?: string;
  }[];
  readonly messages?: readonly {
    readonly from: string;
    readonly type: string;
    readonly text?: { readonly body: string };
    readonly context?: { readonly id: string };
  }[];
}
