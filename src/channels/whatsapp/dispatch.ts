import type { SendResult } from "../../messages/message.ts";
import { countryOf, type E164 } from "../../numbering/e164.ts";
import { subscriberOf } from "../../numbering/subscriber.ts";
import type { Channel } from "../channel.ts";
import type { CallResult, Permit } from "../circuit-breakers.ts";
import { type ProviderError, refused } from "../failure.ts";
import { toResult } from "../provider-call.ts";
import { circuitKey } from "./circuit-keys.ts";
import type { WhatsAppAttempt, WhatsAppClient } from "./client.ts";
import type { Scope } from "./errors.ts";
import { codePayload, type Payload } from "./payload.ts";
import { type Priority, type Sender, sendersFor, Throughput } from "./senders.ts";
import type { SharedCircuits } from "./shared-circuits.ts";

/** A message for WhatsApp: a code or a notification. */
export interface WhatsAppMessage {
  readonly to: E164;
  /** Null for a free-form message. */
  readonly template: { readonly name: string; readonly language: string } | null;
  readonly payload: Payload;
  readonly priority: Priority;
}

/** Every sender's circuit is open; a later probe closes it. */
const CIRCUIT_OPEN: ProviderError = {
  code: "circuit_open",
  class: "backoff",
  title: "Every sender is paused after an error",
};

/** How long a call waits while other calls test an unproven sender, and how often it checks. */
const LONGEST_WAIT_MS = 3_000;
const POLL_MS = 20;

/** How often a message polls for capacity of a sender: about one second in all. */
const MOST_POLLS_FOR_CAPACITY = 50;

/** Why a sender was skipped: its circuit is open, or its throughput is used up. */
type Skipped = "circuit_open" | "full";

/**
 * Chooses one of the team's WhatsApp numbers for a message: the recipient's own sender first, another where
 * that one's circuit is open.
 */
export class Dispatch {
  readonly #client: WhatsAppClient;
  readonly #senders: readonly Sender[];
  readonly #shared: SharedCircuits;
  readonly #throughput = new Throughput();

  constructor(client: WhatsAppClient, senders: readonly Sender[], shared: SharedCircuits) {
    this.#client = client;
    this.#senders = senders;
    this.#shared = shared;
  }

  /** Failures are returned as values; a rejected promise is a bug. */
  async send(message: WhatsAppMessage): Promise<SendResult> {
    let result = await this.#sendByAny(message);
    for (let polls = 1; result === "full" && polls < MOST_POLLS_FOR_CAPACITY; polls += 1) {
      await pause();
      result = await this.#sendByAny(message);
    }
    this.#shared.sync();
    return typeof result === "string" ? refused("whatsapp", CIRCUIT_OPEN) : result;
  }

  async #sendByAny(message: WhatsAppMessage): Promise<SendResult | Skipped> {
    let result: SendResult | Skipped = "circuit_open";
    for (const sender of sendersFor(subscriberOf(message.to), this.#senders)) {
      const attempt = await this.#sendBy(sender, message);
      if (typeof attempt === "string") {
        if (result === "circuit_open") result = attempt;
        continue;
      }
      result = toResult("whatsapp", attempt);
      if (attempt.kind !== "error" || attempt.error.scope !== "sender") break;
    }
    return result;
  }

  async #sendBy(sender: Sender, message: WhatsAppMessage): Promise<WhatsAppAttempt | Skipped> {
    const { circuits } = this.#shared;
    const keys = circuitKeys(sender, message);
    const all = Object.values(keys);
    if ((await admit((impatient) => circuits.enter(all, Date.now(), impatient))) !== "allow")
      return "circuit_open";
    if (!this.#throughput.take(sender, message.priority, Date.now())) {
      circuits.leave(all, "skipped", Date.now());
      return "full";
    }
    const attempt = await this.#client.send(sender.phoneNumberId, message.payload);
    circuits.leave(all, callResult(attempt, keys), Date.now());
    if (attempt.kind === "accepted") {
      this.#shared.countRecipient(sender, message.payload.biz_opaque_callback_data);
    }
    return attempt;
  }
}

type CircuitKeys = Partial<Record<Scope, string>>;

/** The circuits that a send depends on. */
function circuitKeys({ phoneNumberId }: Sender, { to, template }: WhatsAppMessage): CircuitKeys {
  const subject = { phoneNumberId, country: countryOf(to), template };
  const scopes = ["sender", "account", "template", "country"] as const;
  const keys = scopes.map((scope) => [scope, circuitKey(scope, subject)] as const);
  return Object.fromEntries(keys.filter(([, key]) => key !== null));
}

function callResult(attempt: WhatsAppAttempt, keys: CircuitKeys): CallResult {
  if (attempt.kind === "no_answer" || (attempt.kind === "error" && attempt.error.class === "retry"))
    return "timeout";
  const key = attempt.kind === "error" ? keys[attempt.error.scope] : undefined;
  // An error of this recipient alone shows that the sender works.
  return attempt.kind === "error" && key !== undefined ? { key, error: attempt.error } : "worked";
}

/**
 * Polls until a call is allowed or denied. Each request uses its own timer: Workers may not await another
 * request's I/O.
 */
async function admit(enter: (impatient: boolean) => Permit): Promise<Permit> {
  const impatientAt = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    const permit = enter(Date.now() >= impatientAt);
    if (permit !== "wait") return permit;
    await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resume) => setTimeout(resume, POLL_MS));
}

/** The WhatsApp channel for codes. */
export function whatsAppChannel(dispatch: Dispatch): Channel {
  return {
    name: "whatsapp",
    async send(message) {
      const { to, template, language } = message;
      if (template === null || language === null) throw new Error("A WhatsApp message needs a template");
      const payload = codePayload({ ...message, template, language });
      return dispatch.send({ to, template: { name: template, language }, payload, priority: "code" });
    },
  };
}
