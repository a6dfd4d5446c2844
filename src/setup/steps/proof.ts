import * as z from "zod";
import type { E164 } from "../../numbering/e164.ts";
import { readNumber } from "../../numbering/read-number.ts";
import { toIso } from "../../platform/time.ts";
import { shown } from "./access.ts";
import { callDeployment, problemOf } from "./answers.ts";
import type { Prompt } from "./outside.ts";
import { type Done, done, learned, type Setup, type Step, type Stop, stop, TODO, type Todo } from "./step.ts";

/** How long WhatsApp may take to report a message, and a person to write one. */
const SENT_WAIT_MS = 60_000;
const INBOUND_WAIT_MS = { attended: 180_000, unattended: 30_000 };
const INTERVAL_MS = 1_000;

const verification = z.object({
  id: z.string(),
  status: z.string(),
  messages: z.array(
    z.object({
      channel: z.string().nullable(),
      status: z.string(),
      error: z.object({ title: z.string() }).nullable(),
    }),
  ),
});
type Verification = z.output<typeof verification>;

const coolingDown = z.object({ verification });
const checked = z.object({ valid: z.boolean() });
const senders = z.object({
  data: z.array(z.object({ phone_number_id: z.string(), last_webhook_at: z.string().nullable() })),
});

/** Step 13: a real code that WhatsApp reports as sent; where no code can go out, a real message to the number. */
export const proof: Step = {
  id: "proof",
  title: "Proof",
  async isDone(setup) {
    return learned(setup, "outlook").kind === "ready" ? isSentBefore(setup) : isHeardBefore(setup);
  },
  async do(setup) {
    return learned(setup, "outlook").kind === "ready" ? sendCode(setup) : waitForMessage(setup);
  },
};

async function isSentBefore(setup: Setup): Promise<Done | Todo> {
  const { proof: before } = setup.state.current;
  if (before === undefined) return TODO;
  if (before.sentAt === undefined) {
    const answer = await callDeployment(setup, "GET", `/v1/verifications/${before.verification}`);
    const found = verification.safeParse(answer?.body).data;
    if (found === undefined || !isSent(found)) return TODO;
  }
  setup.known.isProven = true;
  return done("WhatsApp has sent a code of this deployment, and reported it");
}

async function sendCode(setup: Setup): Promise<Done | Stop> {
  const { options, prompt, known } = setup;
  const to = options.testTo ?? (prompt === null ? null : await askForPhone(setup, prompt));
  if (to === null) return { ...done("not proven end to end: no --test-to was given"), isPartial: true };
  // The same key until a try has failed, so that a run that is repeated sends no second code.
  const { deployed, failedProofs = 0 } = setup.state.current;
  const tryKey = `setup-${deployed?.at ?? ""}-${failedProofs}`;
  const body = { to, purpose: "login", channels: ["whatsapp"] };
  const answer = await callDeployment(setup, "POST", "/v1/verifications", body, tryKey);
  const started =
    verification.safeParse(answer?.body).data ?? coolingDown.safeParse(answer?.body).data?.verification;
  const failed = () => setup.state.update({ failedProofs: failedProofs + 1 });
  if (started === undefined) {
    await failed();
    return stop(`No code was sent. ${problemOf(answer)}`);
  }
  await setup.state.update({ proof: { verification: started.id } });
  const last = await follow(setup, started);
  if (last.kind === "stop") {
    await failed();
    return last;
  }
  await setup.state.update({ proof: { verification: started.id, sentAt: toIso(setup.now()) } });
  known.isProven = true;
  return prompt === null
    ? done("WhatsApp sent a code, and reported it by webhook")
    : checkCode(setup, started.id);
}

async function askForPhone(setup: Setup, prompt: Prompt): Promise<E164 | null> {
  for (;;) {
    const typed = await prompt.text(
      "Your own phone, for a test code",
      "Such as +4915112345678; Enter skips it.",
    );
    if (typed === "") return null;
    const number = readNumber(typed);
    if (number.kind === "number") return number.number;
    setup.print({ kind: "note", text: number.fault });
  }
}

/** Waits for the webhook: until then it is only known that Meta took the message. */
async function follow(setup: Setup, started: Verification): Promise<Stop | { readonly kind: "sent" }> {
  const end = setup.now() + SENT_WAIT_MS;
  for (let current = started; ; ) {
    if (isSent(current)) return { kind: "sent" };
    const failed = current.messages.find(({ status }) => status === "failed");
    if (failed !== undefined)
      return stop(`WhatsApp did not deliver the code: ${failed.error?.title ?? "no reason given"}`);
    if (setup.now() >= end) {
      return stop(
        "Meta took the message and has reported nothing for a minute. Most often the app is not published: App dashboard, Publish.",
      );
    }
    await setup.pause(INTERVAL_MS);
    const answer = await callDeployment(setup, "GET", `/v1/verifications/${started.id}`);
    current = verification.safeParse(answer?.body).data ?? current;
  }
}

function isSent({ messages }: Verification): boolean {
  return messages.some(({ channel, status }) => channel === "whatsapp" && SENT.includes(status));
}

const SENT = ["sent", "delivered", "read"];

async function checkCode(setup: Setup, id: string): Promise<Done | Stop> {
  const { prompt } = setup;
  if (prompt === null) return done("WhatsApp sent a code, and reported it by webhook");
  for (let tries = 0; tries < 3; tries += 1) {
    const code = await prompt.text("The code on your phone", "Enter skips the check.");
    if (code === "") break;
    const answer = await callDeployment(setup, "POST", `/v1/verifications/${id}/check`, { code });
    if (checked.safeParse(answer?.body).data?.valid)
      return done("a code reached your phone, and its check was valid");
    setup.print({ kind: "note", text: "That is not the code." });
  }
  return done("WhatsApp sent a code, and reported it by webhook; it was not checked");
}

async function isHeardBefore(setup: Setup): Promise<Done | Todo> {
  const heard = await lastWebhook(setup);
  if (heard === null) return TODO;
  setup.known.isProven = true;
  return done("a webhook about this number has come, with a right signature");
}

/** Proves publishing, fields, subscription and app secret without any template. */
async function waitForMessage(setup: Setup): Promise<Done> {
  const number = learned(setup, "number");
  const link = `https://wa.me/${number.digits}`;
  setup.print({ kind: "note", text: "Write anything to the number from your phone:", url: link });
  const waitMs = setup.prompt === null ? INBOUND_WAIT_MS.unattended : INBOUND_WAIT_MS.attended;
  const end = setup.now() + waitMs;
  while (setup.now() < end) {
    if ((await lastWebhook(setup)) !== null) {
      setup.known.isProven = true;
      return done("a message to the number has arrived, with a right signature");
    }
    await setup.pause(INTERVAL_MS);
  }
  const text = `no message to ${shown(number)} has arrived. If you wrote one: App dashboard, Publish`;
  return { ...done(text), isPartial: true };
}

async function lastWebhook(setup: Setup): Promise<string | null> {
  const answer = await callDeployment(setup, "GET", "/v1/senders");
  const found = senders.safeParse(answer?.body).data?.data ?? [];
  const { id } = learned(setup, "number");
  return found.find((sender) => sender.phone_number_id === id)?.last_webhook_at ?? null;
}
