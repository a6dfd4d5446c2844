import type { SendResult } from "../../messages/message.ts";
import { countryOf, type E164 } from "../../numbering/e164.ts";
import type { Channel } from "../channel.ts";
import type { CallResult, Permit } from "../circuit-breakers.ts";
import { type ProviderError, refused } from "../failure.ts";
import { toResult } from "../provider-call.ts";
import type { WhatsAppAttempt, WhatsAppClient } from "./client.ts";
import type { Scope } from "./errors.ts";
import { codePayload, type Payload } from "./payload.ts";
import { type Priority, type Sender, sendersFor, Throughput } from "./senders.ts";
import type { SharedCircuits } from "./shared-circuits.ts";

/** A message on its way to WhatsApp, whatever it says. */
export interface WhatsAppMessage {
  readonly to: E164;
  /** Null for a free-form message. */
  readonly template: { readonly name: string; readonly language: string } | null;
  readonly payload: Payload;
  readonly priority: Priority;
}

/** Every sender rests; a probe will find out when that is over. */
const RESTING: ProviderError = {
  code: "circuit_open",
  class: "backoff",
  title: "Every sender is resting after an error",
};

/** How long a call waits for the first ones to find out whether a sender works, and how often it looks. */
const LONGEST_WAIT_MS = 3_000;
const LOOK_EVERY_MS = 20;

/** How often a message looks for a place in a sender's second: for about a second in all. */
const LOOKS_FOR_A_PLACE = 50;

/** A sender that was passed over: its circuit is open, or its second is full. */
type Passed = "resting" | "full";

/** The team's WhatsApp numbers: a recipient's own sender first, the others where that one rests. */
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

  /** The result is a value in every case: a sender that fails is no exception. */
  async send(message: WhatsAppMessage): Promise<SendResult> {
    let result = await this.#sendByAny(message);
    for (let looks = 1; result === "full" && looks < LOOKS_FOR_A_PLACE; looks += 1) {
      await pause();
      result = await this.#sendByAny(message);
    }
    this.#shared.keepInStep();
    return typeof result === "string" ? refused("whatsapp", RESTING) : result;
  }

  async #sendByAny(message: WhatsAppMessage): Promise<SendResult | Passed> {
    let result: SendResult | Passed = "resting";
    for (const sender of sendersFor(message.to, this.#senders)) {
      const attempt = await this.#sendBy(sender, message);
      if (typeof attempt === "string") {
        if (result === "resting") result = attempt;
        continue;
      }
      result = toResult("whatsapp", attempt);
      if (attempt.kind !== "error" || attempt.error.scope !== "sender") break;
    }
    return result;
  }

  async #sendBy(sender: Sender, message: WhatsAppMessage): Promise<WhatsAppAttempt | Passed> {
    const { circuits } = this.#shared;
    const keys = circuitKeys(sender, message);
    const all = Object.values(keys);
    if ((await admit((impatient) => circuits.enter(all, Date.now(), impatient))) !== "go") return "resting";
    if (!this.#throughput.take(sender, message.priority, Date.now())) {
      circuits.leave(all, "untried", Date.now());
      return "full";
    }
    const attempt = await this.#client.send(sender.phoneNumberId, message.payload);
    circuits.leave(all, found(attempt, keys), Date.now());
    if (attempt.kind === "accepted") {
      this.#shared.countRecipient(sender, message.payload.biz_opaque_callback_data);
    }
    return attempt;
  }
}

type CircuitKeys = Partial<Record<Scope, string>> & Record<"sender" | "account" | "country", string>;

/** What a send depends on. A country is one sender's trouble: another may have the right to write there. */
function circuitKeys({ phoneNumberId }: Sender, { to, template }: WhatsAppMessage): CircuitKeys {
  return {
    sender: `sender/${phoneNumberId}`,
    account: "account",
    ...(template !== null && { template: `template/${template.name}/${template.language}` }),
    country: `sender/${phoneNumberId}/country/${countryOf(to)}`,
  };
}

function found(attempt: WhatsAppAttempt, keys: CircuitKeys): CallResult {
  if (attempt.kind === "silent" || (attempt.kind === "error" && attempt.error.class === "retry"))
    return "timeout";
  const key = attempt.kind === "error" ? keys[attempt.error.scope] : undefined;
  // An error about this recipient alone shows that everything else works.
  return attempt.kind === "error" && key !== undefined ? { key, error: attempt.error } : "worked";
}

/** Waits while others find out. By a timer of the request's own, for it may not wait on another request. */
async function admit(enter: (impatient: boolean) => Permit): Promise<Permit> {
  const impatientAt = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    const admission = enter(Date.now() >= impatientAt);
    if (admission !== "wait") return admission;
    await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resume) => setTimeout(resume, LOOK_EVERY_MS));
}

/** WhatsApp as a channel for codes. */
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
