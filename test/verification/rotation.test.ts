import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import type { Channel, CodeMessage } from "../../src/channels/channel.ts";
import { readCode } from "../../src/codes/code.ts";
import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import { type E164, parseE164 } from "../../src/numbering/e164.ts";
import { DEFAULT_POLICY } from "../../src/phone-number/policy.ts";
import { Keyring } from "../../src/platform/keyring.ts";
import { TemplateStore } from "../../src/templates/store.ts";
import { Verifications } from "../../src/verification/verifications.ts";
import { newNumber, useDeployment } from "../deployment.ts";
import { ASKER, CHECK_CONTEXT, OPEN_CHECK_GUARD, OPEN_GUARD, RULES, START_REQUEST } from "./fixtures.ts";

useDeployment();

const OLD = "the old secret key 0123456789 abcdefghij";
const OWNER = { app: DEFAULT_APP, scope: DEFAULT_APP };
const GIVEN = { session: null, bind: null };
const NEW = "the new secret key 9876543210 jihgfedcba";

/** The use cases of a deployment with the given keys, and the messages that its channel got. */
function under(secret: string, previous?: string) {
  const sent: CodeMessage[] = [];
  const channel: Channel = {
    name: "whatsapp",
    async send(message) {
      sent.push(message);
      return { kind: "accepted", providerMessageId: `wamid.${sent.length}` };
    },
  };
  const verifications = new Verifications({
    phoneNumbers: env.PHONE_NUMBERS,
    keyring: new Keyring(secret, previous),
    policies: new Map([["login", DEFAULT_POLICY]]),
    templates: new TemplateStore(env.TEMPLATES, "en-US"),
    channels: new Map([["whatsapp", channel]]),
    defaultLocale: "en-US",
    guard: OPEN_GUARD,
    checkGuard: OPEN_CHECK_GUARD,
    apps: [DEFAULT_APP],
    numberRules: RULES,
    testNumbers: new Map(),
    subscriptions: { subscribedTypes: async () => new Set() },
  });
  return { sent, verifications };
}

function startFor(from: ReturnType<typeof under>, to: E164) {
  return from.verifications.start({ ...START_REQUEST, to }, null, () => {});
}

async function begin(from: ReturnType<typeof under>) {
  const to = parseE164(newNumber());
  if (to === null) throw new Error("The test drew an impossible number");
  const response = await startFor(from, to);
  const [message] = from.sent;
  if (response.kind !== "send_answer" || message === undefined) throw new Error("Nothing was sent");
  return { to, id: response.verification.id, code: readCode(message.code) };
}

it("a code sent before a rotation of the secret key is accepted after it, by id and by number", async () => {
  const before = under(OLD);
  const [byId, byNumber] = [await begin(before), await begin(under(OLD))];
  const { verifications } = under(NEW, OLD);
  expect(
    await verifications.checkById(byId.id, OWNER, { ...GIVEN, code: byId.code }, CHECK_CONTEXT),
  ).toMatchObject({
    valid: true,
  });
  expect(
    await verifications.checkByNumber(
      { to: byNumber.to, purpose: "login" },
      DEFAULT_APP,
      { ...GIVEN, code: byNumber.code },
      CHECK_CONTEXT,
    ),
  ).toMatchObject({
    valid: true,
  });
});

it("a resend after a rotation of the secret key carries the same code", async () => {
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
  const { id, code } = await begin(under(OLD));
  vi.setSystemTime(Date.now() + 30_000);
  const after = under(NEW, OLD);
  expect(await after.verifications.resend(id, null, null, ASKER, null, () => {})).toMatchObject({
    kind: "send_answer",
  });
  expect(after.sent[0]?.code).toBe(code);
});

it("a code sent under a removed secret key is rejected", async () => {
  const { id, code } = await begin(under(OLD));
  expect(
    await under(NEW).verifications.checkById(id, OWNER, { ...GIVEN, code }, CHECK_CONTEXT),
  ).toMatchObject({
    valid: false,
  });
});

it("a rotation of the secret key begins the count of a number's failures anew", async () => {
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
  const before = under(OLD);
  const { to } = await begin(before);
  const fail = () =>
    before.verifications.checkByNumber(
      { to, purpose: "login" },
      DEFAULT_APP,
      { ...GIVEN, code: readCode("not it") },
      CHECK_CONTEXT,
    );
  for (let failure = 0; failure < 5; failure += 1) await fail();
  vi.setSystemTime(Date.now() + 10_000);
  await startFor(before, to);
  for (let failure = 0; failure < 5; failure += 1) await fail();
  expect(await startFor(before, to)).toMatchObject({ kind: "refused", code: "number_locked" });
  expect(await startFor(under(NEW, OLD), to)).toMatchObject({ kind: "send_answer", created: true });
});
