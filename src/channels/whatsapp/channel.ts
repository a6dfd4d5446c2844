import { countryOf } from "../../phone/e164.ts";
import type { SendResult } from "../../verification/decisions/delivery.ts";
import type { Channel, CodeMessage } from "../channel.ts";
import type { Admission, Found } from "../circuits.ts";
import { type ProviderError, refused } from "../failure.ts";
import { toResult } from "../provider-call.ts";
import type { WhatsAppAttempt, WhatsAppClient } from "./client.ts";
import type { Scope } from "./errors.ts";
import { type Sender, sendersFor, Throughput } from "./senders.ts";
import type { SharedCircuits } from "./shared-circuits.ts";

/** Every sender rests; a probe will find out when that is over. */
const RESTING: ProviderError = {
  code: "circuit_open",
  class: "backoff",
  title: "Every sender is resting after an error",
};

/** How long a call waits for the first ones to find out whether a sender works, and how often it looks. */
const LONGEST_WAIT_MS = 3_000;
const LOOK_EVERY_MS = 20;

/** The team's WhatsApp numbers as one channel: a recipient's own sender first, the others where that one rests. */
export function whatsAppChannel(
  client: WhatsAppClient,
  senders: readonly Sender[],
  shared: SharedCircuits,
): Channel {
  const throughput = new Throughput();
  const { circuits } = shared;

  async function sendBy(sender: Sender, message: CodeMessage): Promise<WhatsAppAttempt | null> {
    const keys = circuitKeys(sender, message);
    const all = Object.values(keys);
    if ((await admit((impatient) => circuits.enter(all, Date.now(), impatient))) !== "go") return null;
    if (!throughput.take(sender, Date.now())) {
      circuits.leave(all, "untried", Date.now());
      return null;
    }
    const attempt = await client.send(sender.phoneNumberId, message);
    circuits.leave(all, found(attempt, keys), Date.now());
    if (attempt.kind === "accepted") shared.countRecipient(sender, message.callbackData);
    return attempt;
  }

  return {
    name: "whatsapp",
    async send(message): Promise<SendResult> {
      let result = refused("whatsapp", RESTING);
      for (const sender of sendersFor(message.to, senders)) {
        const attempt = await sendBy(sender, message);
        if (attempt === null) continue;
        result = toResult("whatsapp", attempt);
        if (attempt.kind !== "error" || attempt.error.scope !== "sender") break;
      }
      shared.keepInStep();
      return result;
    },
  };
}

type CircuitKeys = Record<Exclude<Scope, "recipient">, string>;

/** What a send depends on. A country is one sender's trouble: another may have the right to write there. */
function circuitKeys(
  sender: Pick<Sender, "phoneNumberId">,
  message: Pick<CodeMessage, "to" | "template" | "language">,
): CircuitKeys {
  const { phoneNumberId } = sender;
  return {
    sender: `sender/${phoneNumberId}`,
    account: "account",
    template: `template/${message.template}/${message.language}`,
    country: `sender/${phoneNumberId}/country/${countryOf(message.to)}`,
  };
}

function found(attempt: WhatsAppAttempt, keys: CircuitKeys): Found {
  if (attempt.kind === "silent" || (attempt.kind === "error" && attempt.error.class === "retry"))
    return "silence";
  // An error about this recipient alone shows that everything else works.
  if (attempt.kind === "accepted" || attempt.error.scope === "recipient") return "worked";
  return { key: keys[attempt.error.scope], error: attempt.error };
}

/** Waits while others find out. By a timer of the request's own, for it may not wait on another request. */
async function admit(enter: (impatient: boolean) => Admission): Promise<Admission> {
  const impatientAt = Date.now() + LONGEST_WAIT_MS;
  for (;;) {
    const admission = enter(Date.now() >= impatientAt);
    if (admission !== "wait") return admission;
    await new Promise((resume) => setTimeout(resume, LOOK_EVERY_MS));
  }
}
