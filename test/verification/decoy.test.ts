import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import { namesOf } from "../../src/ids/phone-number-name.ts";
import { type VerificationId, verificationIdFor } from "../../src/ids/verification-id.ts";
import { parseE164 } from "../../src/numbering/e164.ts";
import { policySchema } from "../../src/phone-number/policy.ts";
import { Keyring } from "../../src/platform/keyring.ts";
import { TemplateStore } from "../../src/templates/store.ts";
import { findDecoy, makeDecoy, routeOfDecoy } from "../../src/verification/decoy.ts";
import { api, newNumber, start, useDeployment } from "../deployment.ts";

useDeployment();
const SECOND = 1000;
const DAY = 86_400 * SECOND;

const checkOf = (to: string, more: object = {}) =>
  api("POST", "/v1/verifications/check", { to, code: "000000", ...more });

describe("a check by number of a number without a verification", () => {
  it("is answered by the policy of its purpose and the language of its country", async () => {
    const { body } = await checkOf("+5511961234567", { purpose: "patient" });
    expect(body).toMatchObject({
      status: "expired",
      purpose: "patient",
      channel: "whatsapp",
      locale: "pt-BR",
      attempts_remaining: 5,
      sends_remaining: 4,
    });
    expect(Date.parse(body.expires_at) - Date.parse(body.created_at)).toBe(300 * SECOND);
  });

  it("is answered like a number whose verification has expired, field by field", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const known = newNumber();
    const { body } = await start({ to: known });
    vi.setSystemTime(Date.parse(body.expires_at));
    const [real, decoy] = [(await checkOf(known)).body, (await checkOf(newNumber())).body];
    const changing = ["id", "to", "created_at", "expires_at", "closed_at", "messages"];
    const comparable = (answer: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(answer).filter(([key]) => !changing.includes(key)));
    expect(comparable(decoy)).toEqual(comparable(real));
    const [message] = decoy.messages;
    expect(message).toMatchObject({
      channel: real.messages[0].channel,
      template: real.messages[0].template,
      language: real.messages[0].language,
      provider_message_id: expect.stringMatching(/^wamid\.HBg[A-Za-z0-9+/=]+$/),
    });
  });

  it("has closed within the last day, at any time", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    for (let hour = 0; hour < 26; hour += 1) {
      const { body } = await checkOf(to);
      const age = Date.now() - Date.parse(body.closed_at);
      expect(age).toBeGreaterThanOrEqual(0);
      expect(age).toBeLessThan(DAY);
      vi.setSystemTime(Date.now() + 3_600_000);
    }
  });
});

describe("the id of a decoy", () => {
  it("is answered by GET, DELETE and a check as by the check that gave it, and a resend finds it expired", async () => {
    const {
      body: { valid, ...decoy },
    } = await checkOf(newNumber(), { purpose: "signup" });
    const path = `/v1/verifications/${decoy.id}`;
    for (const method of ["GET", "DELETE"]) {
      const { status, body } = await api(method, path);
      expect([status, body]).toEqual([200, decoy]);
    }
    const checked = await api("POST", `${path}/check`, { code: "000000" });
    expect([valid, checked.status, checked.body]).toEqual([false, 200, { ...decoy, valid: false }]);
    const again = await api("POST", `${path}/resend`);
    expect([again.status, again.body.detail]).toEqual([404, "The verification is expired; start another."]);
  });

  it("is not found any more a day after the decoy closed, as a real one", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const { body } = await checkOf(newNumber());
    vi.setSystemTime(Date.parse(body.closed_at) + DAY - 1);
    expect((await api("GET", `/v1/verifications/${body.id}`)).status).toBe(200);
    vi.setSystemTime(Date.parse(body.closed_at) + DAY);
    expect((await api("GET", `/v1/verifications/${body.id}`)).status).toBe(404);
  });

  it("is not found with the key of another app", async () => {
    const { body } = await checkOf(newNumber());
    const { body: key } = await api("POST", "/v1/keys", {
      name: "shop",
      app: "shop",
      scopes: ["verifications"],
    });
    const headers = { authorization: `Bearer ${key.key}` };
    expect((await api("GET", `/v1/verifications/${body.id}`, undefined, headers)).status).toBe(404);
  });

  it("has no neighbours: other ids under the same object are not found", async () => {
    const { body } = await checkOf(newNumber());
    for (const last of ["0", "4", "8", "c"]) {
      const id = `${body.id.slice(0, -2)}${body.id.at(-2) === "7" ? "8" : "7"}${last}`;
      expect((await api("GET", `/v1/verifications/${id}`)).status).toBe(404);
    }
  });

  it("stores nothing: GET of a decoy writes no row", async () => {
    const { body } = await checkOf(newNumber());
    const list = await api("GET", `/v1/verifications?to=${encodeURIComponent(body.to)}`);
    expect(list.body.data).toEqual([]);
  });
});

describe("a decoy by itself", () => {
  const keyring = new Keyring("k".repeat(40));
  const policies = new Map([
    ["login", policySchema.parse({})],
    [
      "short",
      policySchema.parse({ expires_in_seconds: 60, max_attempts: 3, max_sends: 2, channels: ["sms"] }),
    ],
  ]);
  const deps = {
    keyring,
    apps: [DEFAULT_APP],
    policies,
    channels: new Map([
      ["whatsapp", null],
      ["sms", null],
    ] as const),
    templates: new TemplateStore(env.TEMPLATES, "en-US"),
    defaultLocale: "en-US",
  };
  const subject = (number: string, purpose: string) => {
    const to = parseE164(number);
    if (to === null) throw new Error(`${number} is not a phone number`);
    return { to, app: DEFAULT_APP, purpose };
  };

  it.each(["+6281234567890", "+14155552671", "+33612345678", "+2348031234567", "+4915112345678"])(
    "its id leads back to the number and the purpose: %s",
    async (number) => {
      for (const purpose of policies.keys()) {
        const now = Date.now();
        const about = subject(number, purpose);
        const { id } = makeDecoy(about, await routeOfDecoy(about, deps), keyring, now);
        expect(findDecoy(id, null, deps, now)).toEqual(about);
        expect(findDecoy(id, null, deps, now + DAY)).toBeNull();
      }
    },
  );

  it("its figures are those of the policy, and an SMS has no template", async () => {
    const about = subject("+6281234567890", "short");
    const decoy = makeDecoy(about, await routeOfDecoy(about, deps), keyring, Date.now());
    expect(decoy).toMatchObject({ attemptsRemaining: 3, sendsRemaining: 1, channel: "sms", locale: "id-ID" });
    expect(decoy.expiresAt - decoy.createdAt).toBe(60 * SECOND);
    expect(decoy.messages[0]).toMatchObject({ channel: "sms", template: null, language: null });
  });

  it("ten thousand random ids under a number's object are no decoys", () => {
    const { to } = subject("+6281234567890", "login");
    const [name] = namesOf(keyring, to);
    const found: (VerificationId | null)[] = [];
    for (let trial = 0; trial < 10_000; trial += 1) {
      const id = verificationIdFor(name, crypto.getRandomValues(new Uint8Array(6)));
      if (findDecoy(id, null, deps, Date.now()) !== null) found.push(id);
    }
    expect(found).toEqual([]);
  });
});
