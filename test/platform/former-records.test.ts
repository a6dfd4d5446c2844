import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import type { FilledComponent } from "../../src/channels/whatsapp/payload.ts";
import { deploy } from "../../src/deployment.ts";
import { newNotificationId } from "../../src/ids/notification-id.ts";
import { namesOf } from "../../src/ids/phone-number-name.ts";
import { openContent } from "../../src/notifications/content.ts";
import { parseE164 } from "../../src/numbering/e164.ts";
import { renameFields } from "../../src/platform/rename-fields.ts";
import { Redemptions } from "../../src/verification/redemptions.ts";
import { api, check, codeSentTo, newNumber, start, useDeployment, webhook, wrong } from "../deployment.ts";
import { divertEvents } from "../guard/guarded-service.ts";

const deployment = useDeployment();

/** What the records of commit ab8bcbd, which had no version, called the fields of today. */
const NAMES_OF_AB8BCBD = {
  attribution: "heldTo",
  subscribedTypes: "wanted",
  leasedAt: "takenAt",
  lastUnchargedCheckAt: "lookedAt",
  protectedNumber: "numberInEvents",
  tapId: "of",
  repeatAt: "lookAgainAt",
  retryAt: "lookAgainAt",
  fromCaller: "broughtByCaller",
  consent: "standing",
  choice: "wish",
  status: "standing",
  consecutiveBlocks: "strikes",
  clearedAt: "forgivenAt",
} as const;

type Rewrite = (record: Record<string, unknown>) => Record<string, unknown>;

/** Replaces an object's record by the one that ab8bcbd would have written, and has the object read it again. */
async function rewrite(
  object: DurableObjectStub<undefined>,
  key: string,
  asFormer: Rewrite,
  version?: number,
): Promise<void> {
  await runInDurableObject(object, (_, state) => {
    const { version: _version, ...record } = state.storage.kv.get<Record<string, unknown>>(key) ?? {};
    const former = asFormer(record);
    state.storage.kv.put(key, version === undefined ? former : { ...former, version });
  });
  await evictDurableObject(object);
}

/** The names of ab8bcbd, without the fields that records have had only since. */
function asFormer(names: readonly (keyof typeof NAMES_OF_AB8BCBD)[], added: readonly string[] = []): Rewrite {
  const chosen = Object.fromEntries(names.map((name) => [name, NAMES_OF_AB8BCBD[name]]));
  const without = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(without);
    if (typeof value !== "object" || value === null || value instanceof Map) return value;
    const kept = Object.entries(value).filter(([name]) => !added.includes(name));
    return Object.fromEntries(kept.map(([name, field]) => [name, without(field)]));
  };
  return (record) => without(renameFields(record, chosen, ["metadata"])) as Record<string, unknown>;
}

/** The fields that a number's record has had only since version 6. */
const ADDED_SINCE_5 = ["redeemed"];

/** And since version 5. */
const ADDED_SINCE_4 = ["link", "method", "numberLearned", "otherNumberEndsWith", ...ADDED_SINCE_5];

/** And since version 4. */
const ADDED_SINCE_3 = ["via", "codeLength", "codeCheckedBy", "supersededSends", ...ADDED_SINCE_4];

const NUMBER = asFormer(
  [
    "attribution",
    "subscribedTypes",
    "leasedAt",
    "lastUnchargedCheckAt",
    "protectedNumber",
    "tapId",
    "repeatAt",
    "fromCaller",
  ],
  ["app", "session", ...ADDED_SINCE_3],
);

/** The record of version 3, which has the names of today. */
const OF_VERSION_3 = asFormer([], ADDED_SINCE_3);

/** The record of version 5, which had approvals alone. */
const OF_VERSION_5 = asFormer([], ADDED_SINCE_5);

/** The record of version 4, which knew codes alone. */
const OF_VERSION_4 = asFormer([], ADDED_SINCE_4);

const { keyring } = deploy(env).config;

function nameOf(number: string) {
  const to = parseE164(number);
  if (to === null) throw new Error(`${number} is not a phone number`);
  return namesOf(keyring, to)[0];
}
const phoneNumber = (to: string) => env.PHONE_NUMBERS.getByName(nameOf(to));
const contact = (to: string) => env.CONTACTS.getByName(nameOf(to));

describe("a number's record of before records had a version", () => {
  it("keeps its code in flight, its attempts and its metadata", async () => {
    const to = newNumber();
    const { body } = await start({ to, metadata: { wanted: "of" }, limits: { account: "u_1" } });
    const code = await codeSentTo(deployment, to);
    await check(body.id, wrong(code));
    await rewrite(phoneNumber(to), "record", NUMBER);
    expect((await api("GET", `/v1/verifications/${body.id}`)).body).toMatchObject({
      app: "default",
      attempts_remaining: 4,
      metadata: { wanted: "of" },
    });
    expect((await check(body.id, code)).body).toMatchObject({ valid: true, attempts_remaining: 3 });
  });

  it("keeps the count of consecutive failures and the lock", async () => {
    const to = newNumber();
    for (const purpose of ["login", "signup"]) {
      const { body } = await start({ to, purpose, session: purpose });
      const code = await codeSentTo(deployment, to);
      for (let attempt = 0; attempt < 5; attempt += 1) {
        await check(body.id, wrong(code), { session: purpose });
      }
    }
    await rewrite(phoneNumber(to), "record", NUMBER);
    expect((await start({ to, purpose: "recovery" })).body.code).toBe("number_locked");
    const stored = await runInDurableObject(phoneNumber(to), (_, state) =>
      state.storage.kv.get<{ state: object }>("record"),
    );
    expect(stored?.state).toMatchObject({ consecutiveFailures: 10 });
  });

  it("keeps a caller's own code through a resend", async () => {
    const to = newNumber();
    const { body } = await start({ to, purpose: "patient", code: "424242" });
    await rewrite(phoneNumber(to), "record", NUMBER);
    expect((await check(body.id, "424242")).body.valid).toBe(true);
  });

  it("replays the answer of an idempotency key", async () => {
    const to = newNumber();
    const first = await start({ to }, { "idempotency-key": "k" });
    await rewrite(phoneNumber(to), "record", NUMBER);
    const again = await start({ to }, { "idempotency-key": "k" });
    expect(again.body).toEqual(first.body);
    expect(deployment.graphCalls).toHaveLength(1);
  });
});

describe("a number's record of version 3", () => {
  it("keeps its code in flight, which this API sent, its attempts, its sends and its cool-down", async () => {
    const to = newNumber();
    const { body } = await start({ to, purpose: "anew" });
    const code = await codeSentTo(deployment, to);
    await check(body.id, wrong(code));
    await rewrite(phoneNumber(to), "record", OF_VERSION_3, 3);
    const { messages: _, ...shown } = (await api("GET", `/v1/verifications/${body.id}`)).body;
    expect({ ...body, attempts_remaining: 4 }).toMatchObject(shown);
    expect((await start({ to, purpose: "anew" })).body).toMatchObject({
      code: "resend_too_soon",
      verification: { id: body.id, via: "v1", sends_remaining: 4 },
    });
    expect((await check(body.id, code)).body).toMatchObject({ valid: true, via: "v1" });
  });

  it("replays the answer of an idempotency key with the API that it came by", async () => {
    const to = newNumber();
    const first = await start({ to }, { "idempotency-key": "k" });
    await rewrite(phoneNumber(to), "record", OF_VERSION_3, 3);
    expect((await start({ to }, { "idempotency-key": "k" })).body).toEqual(first.body);
  });

  it("has events that name the API", async () => {
    const to = newNumber();
    const { body } = await start({ to, purpose: "anew" });
    await rewrite(phoneNumber(to), "record", OF_VERSION_3, 3);
    const events = await divertEvents(body.id);
    await api("DELETE", `/v1/verifications/${body.id}`);
    const [event] = await vi.waitUntil(() => (events.length > 0 ? events : null));
    expect(event).toMatchObject({ verification: { via: "v1", codeCheckedBy: "sandi" } });
  });
});

describe("a number's record of version 4", () => {
  it("keeps its code in flight, answers the same under a key, and names its method in events", async () => {
    const to = newNumber();
    const first = await start({ to }, { "idempotency-key": "k" });
    const code = await codeSentTo(deployment, to);
    await rewrite(phoneNumber(to), "record", OF_VERSION_4, 4);
    expect((await start({ to }, { "idempotency-key": "k" })).body).toEqual(first.body);
    const events = await divertEvents(first.body.id);
    expect((await check(first.body.id, code)).body).toMatchObject({ valid: true, method: "code" });
    const [event] = await vi.waitUntil(() => (events.length > 0 ? events : null));
    expect(event).toMatchObject({ verification: { method: "code", numberLearned: false } });
  });
});

it("a number's record of version 5 has approvals that can be redeemed once", async () => {
  const to = newNumber();
  const { body } = await start({ to });
  await check(body.id, await codeSentTo(deployment, to));
  await rewrite(phoneNumber(to), "record", OF_VERSION_5, 5);
  const redemptions = new Redemptions(env.PHONE_NUMBERS);
  expect(await redemptions.introduce(body.id, null)).toBeNull();
  expect(await redemptions.redeem(body.id, null)).toMatchObject({ id: body.id, status: "approved" });
  expect(await redemptions.redeem(body.id, null)).toBeNull();
});

it("a contact's opt-out of before records had a version is kept", async () => {
  const to = newNumber();
  const message = { from: to.slice(1), id: "wamid.stop", timestamp: String(Math.floor(Date.now() / 1000)) };
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "12065550100", phone_number_id: env.WHATSAPP_PHONE_NUMBER_ID },
    messages: [{ ...message, type: "text", text: { body: "STOP" } }],
  };
  const entry = [{ id: env.WHATSAPP_BUSINESS_ACCOUNT_ID, changes: [{ field: "messages", value }] }];
  await webhook({ object: "whatsapp_business_account", entry });
  await rewrite(
    contact(to),
    "record",
    asFormer(["consent", "choice", "protectedNumber", "leasedAt", "retryAt"], ["wrongTokens"]),
  );
  expect((await contact(to).consent()).choice?.optedOut).toBe(true);
});

it("a notification that was sealed before its field was named message is opened", () => {
  const id = newNotificationId(nameOf(newNumber()));
  const components: readonly FilledComponent[] = [];
  const says = { kind: "template", name: "shipping_update", language: "en_US", components };
  const sealed = keyring.seal(JSON.stringify({ to: "+6281234567890", says, metadata: {} }), id);
  expect(openContent(keyring, { id, sealed })).toEqual({
    app: "default",
    to: "+6281234567890",
    message: says,
    metadata: {},
  });
});

it("a batch of before records had a version goes on with the recipients that were on their way", async () => {
  const object = env.NOTIFICATION_BATCHES.getByName("bat_00000000000000000000000000");
  const now = Date.now();
  await runInDurableObject(object, (_, state) =>
    state.storage.kv.put("record", {
      state: {
        template: "shipping_update",
        content: null,
        status: "running",
        recipients: ["sent", "fed", "taken"],
        errors: [],
        ahead: 100,
        createdAt: now,
        finishedAt: null,
        overdueAt: now + 10_000,
        patienceMs: 10_000,
      },
      alarmAt: now + 10_000,
    }),
  );
  expect(await object.sendable([1])).toEqual([1]);
  await object.record([
    { ordinal: 1, outcome: { kind: "sent" } },
    { ordinal: 2, outcome: { kind: "sent" } },
  ]);
  expect(await object.read(null)).toMatchObject({ status: "done", counts: { sent: 3 } });
});

it("a range that was blocked before records had a version stays blocked", async () => {
  const object = env.RANGES.getByName("+6281234567");
  const now = Date.now();
  const because = { rule: "range_hour", windowMs: 1, unverified: 9, limit: 1, verified: 0, bestDay: 0 };
  const standing = { kind: "blocked", since: now, until: now + 60_000, strikes: 2, approvals: 0, because };
  await runInDurableObject(object, (_, state) =>
    state.storage.kv.put("range", {
      counters: { hours: [], days: [] },
      pending: new Map(),
      standing,
      forgivenAt: now - 1,
    }),
  );
  expect(await object.unblock()).toBe(true);
});
