import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CodeMessage } from "../../../src/channels/channel.ts";
import { readAccountUpdate, readSystemErrors } from "../../../src/channels/whatsapp/account-updates.ts";
import { WhatsAppClient } from "../../../src/channels/whatsapp/client.ts";
import { Dispatch, whatsAppChannel } from "../../../src/channels/whatsapp/dispatch.ts";
import type { WhatsAppHealth } from "../../../src/channels/whatsapp/health.ts";
import { SharedPace } from "../../../src/channels/whatsapp/sender-pace.ts";
import { type Sender, senderSchema, sendersFor } from "../../../src/channels/whatsapp/senders.ts";
import { SharedCircuits } from "../../../src/channels/whatsapp/shared-circuits.ts";
import type { Code } from "../../../src/codes/code.ts";
import type { Event } from "../../../src/events/event.ts";
import type { E164 } from "../../../src/numbering/e164.ts";
import { Keyring } from "../../../src/platform/keyring.ts";
import { LocationCache } from "../../../src/platform/location-cache.ts";
import { unixNow, useDeployment } from "../../deployment.ts";

useDeployment();

const [A, B] = ["11111", "22222"].map((id) =>
  senderSchema.parse({ phone_number_id: id, messages_per_second: 1000 }),
) as [Sender, Sender];

const hasSubscribers = async () => true;

/** The answers to each sender's calls; without one they are accepted. */
let errors: Record<string, { code: number; http?: number }>;
let calls: string[];

beforeEach(() => {
  errors = {};
  calls = [];
  vi.mocked(fetch).mockImplementation(async (input) => {
    const sender = new URL(String(input)).pathname.split("/")[2] ?? "";
    calls.push(sender);
    const error = errors[sender];
    if (error === undefined) return Response.json({ messages: [{ id: `wamid.${calls.length}` }] });
    return Response.json({ error: { code: error.code } }, { status: error.http ?? 400 });
  });
});

function channelOf(...senders: Sender[]) {
  return channelWith(new SharedCircuits(env.WHATSAPP_HEALTH, hasSubscribers), ...senders);
}

function channelWith(shared: SharedCircuits, ...senders: Sender[]) {
  return channelAt(new SharedPace(env.SENDER_PACE), shared, ...senders);
}

function channelAt(pace: SharedPace, shared: SharedCircuits, ...senders: Sender[]) {
  const client = new WhatsAppClient({ baseUrl: "https://graph.test", apiVersion: "v26.0", accessToken: "t" });
  return whatsAppChannel(new Dispatch(client, senders, shared, pace));
}

function message(number: number): CodeMessage {
  const to = `+62812${String(10_000_000 + number)}` as E164;
  const words = { template: "verification_code", language: "id", locale: "id", bind: null };
  return { to, code: "123456" as Code, callbackData: "", ...words };
}

/** A recipient whose first sender is the given one. */
function numberOf(sender: Sender): number {
  for (let number = 0; ; number += 1) {
    if (sendersFor(message(number).to, [A, B])[0] === sender) return number;
  }
}

describe("WhatsApp senders", () => {
  it("share the recipients about evenly, and each recipient keeps its sender", async () => {
    const channel = channelOf(A, B);
    for (let number = 0; number < 200; number += 1) await channel.send(message(number));
    const first = [...calls];
    expect(first.filter((sender) => sender === A.phoneNumberId).length).toBeGreaterThan(70);
    expect(first.filter((sender) => sender === B.phoneNumberId).length).toBeGreaterThan(70);
    for (let number = 0; number < 200; number += 1)
      expect(sendersFor(message(number).to, [B, A])[0]?.phoneNumberId).toBe(first[number]);
  });

  it("keep their other recipients when a sender is added", () => {
    const C = senderSchema.parse({ phone_number_id: "33333" });
    for (let number = 0; number < 200; number += 1) {
      const [before, after] = [
        [A, B],
        [A, B, C],
      ].map((all) => sendersFor(message(number).to, all)[0]);
      if (after !== C) expect(after).toBe(before);
    }
  });

  it("are skipped while blocked, and the code comes from another sender", async () => {
    errors[A.phoneNumberId] = { code: 131048 };
    const channel = channelOf(A, B);
    for (let time = 0; time < 5; time += 1) {
      expect(await channel.send(message(numberOf(A)))).toMatchObject({ kind: "accepted" });
    }
    expect(calls.filter((sender) => sender === A.phoneNumberId)).toHaveLength(1);
  });

  it.each([{ template: null }, { language: null }])("reject a code with %o", async (missing) => {
    await expect(channelOf(A).send({ ...message(1), ...missing })).rejects.toThrow("needs a template");
  });
});

describe("a sender over its throughput", () => {
  const OVER = { code: 130429 };

  it("is tried again after a moment, and the code goes out", async () => {
    errors[A.phoneNumberId] = OVER;
    const sending = channelOf(A).send(message(1));
    await vi.waitFor(() => expect(calls.length).toBeGreaterThan(0));
    errors = {};
    expect((await sending).kind).toBe("accepted");
    expect(calls.length).toBeGreaterThan(1);
  });

  it("is left for another sender at once", async () => {
    errors[A.phoneNumberId] = OVER;
    expect((await channelOf(A, B).send(message(numberOf(A)))).kind).toBe("accepted");
    expect(calls).toEqual([A.phoneNumberId, B.phoneNumberId]);
  });

  it("opens no circuit, and is given up after two seconds, with a second to wait", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const shared = new SharedCircuits(env.WHATSAPP_HEALTH, hasSubscribers);
    const channel = channelWith(shared, A);
    errors[A.phoneNumberId] = OVER;
    const sending = channel.send(message(1));
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    vi.setSystemTime(Date.now() + 2_000);
    expect(await sending).toMatchObject({
      kind: "refused",
      failure: { code: "130429", temporary: true, retryAfterMs: 1_000 },
    });
    expect(await shared.read()).toEqual({});
    errors = {};
    expect((await channel.send(message(2))).kind).toBe("accepted");
  });

  it("opens the circuit where nothing has gone out by it for half a minute", async () => {
    errors[A.phoneNumberId] = OVER;
    const pace = new SharedPace(env.SENDER_PACE);
    const silent = { codes: null, notifications: null, againMs: 60_000, isSilent: true };
    pace.of(A).onAnswer(silent, Date.now());
    const shared = new SharedCircuits(env.WHATSAPP_HEALTH, hasSubscribers);
    const channel = channelAt(pace, shared, A);
    expect(await channel.send(message(1))).toMatchObject({ failure: { code: "130429" } });
    expect(await channel.send(message(2))).toMatchObject({ failure: { code: "circuit_open" } });
    expect(calls).toHaveLength(1);
    await vi.waitFor(async () => expect(await shared.read()).toHaveProperty([`sender/${A.phoneNumberId}`]));
  });

  it("refuses at once, without a call, what would wait in vain", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const pace = new SharedPace({
      getByName: () => ({ report: () => Promise.reject(new Error("gone")) }),
    } as never);
    const scarce = { codes: 0.2, notifications: 0, againMs: 60_000, isSilent: false };
    pace.of(A).onAnswer(scarce, Date.now());
    const channel = channelAt(pace, new SharedCircuits(env.WHATSAPP_HEALTH, hasSubscribers), A);
    for (let saved = 0; saved < 4; saved += 1)
      expect((await channel.send(message(saved))).kind).toBe("accepted");
    expect(await channel.send(message(5))).toMatchObject({
      failure: { code: "no_capacity", retryAfterMs: 1_000 },
    });
    expect(calls).toHaveLength(4);
  });

  it.each([
    ["before", A],
    ["after", B],
  ])("is waited for by a code that another sender fails to send %s it", async (_, first) => {
    errors[A.phoneNumberId] = { code: 131048 };
    const pace = new SharedPace({
      getByName: () => ({ report: () => Promise.reject(new Error("gone")) }),
    } as never);
    const scarce = { codes: 10, notifications: 0, againMs: 60_000, isSilent: false };
    pace.of(B).onAnswer(scarce, Date.now());
    const shared = new SharedCircuits(env.WHATSAPP_HEALTH, hasSubscribers);
    const now = Date.now();
    for (let ticket = -10; pace.of(B).take(ticket, "code", now) === 0; ticket += 1);
    pace.of(B).leave(-6);
    expect((await channelAt(pace, shared, A, B).send(message(numberOf(first)))).kind).toBe("accepted");
    expect(calls).toEqual([A.phoneNumberId, B.phoneNumberId]);
  });

  it("slows notifications down, so that codes find room", async () => {
    errors[A.phoneNumberId] = OVER;
    const health = env.WHATSAPP_HEALTH.getByName("whatsapp");
    const request = {
      senders: [{ phoneNumberId: A.phoneNumberId, perSecond: 10 }],
      patienceMs: 60_000,
    };
    const channel = channelOf(A, B);
    for (let time = 0; time < 2; time += 1) await channel.send(message(numberOf(A)));
    await vi.waitFor(async () => {
      const slots = await health.reserve([request, request]);
      const [first = 0, second = 0] = slots.map((slot) => (slot.kind === "slot" ? slot.waitMs : 0));
      expect(second - first).toBeCloseTo(200, -1);
    });
  });
});

describe("a messaging limit", () => {
  it("pauses a sender that has messaged its daily number of users, until the first is a day ago", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const limited = senderSchema.parse({
      phone_number_id: "55555",
      messages_per_second: 1000,
      recipients_per_day: 3,
    });
    const shared = new SharedCircuits(env.WHATSAPP_HEALTH, hasSubscribers);
    const channel = channelWith(shared, limited);
    // Codes and notifications count alike, by distinct recipients.
    const callbackData = (id: string, user: number) => (user === 2 ? `ntf_${id}` : `vrf_${id}.0`);
    const sendTo = (user: number) => {
      const id = `${String(user).padStart(16, "0")}0000000000`;
      return channel.send({ ...message(user), callbackData: callbackData(id, user) });
    };
    const openCircuits = async () => {
      vi.setSystemTime(Date.now() + 10_000);
      await sendTo(1);
      return shared.read();
    };
    for (const user of [1, 1, 1, 2]) expect((await sendTo(user)).kind).toBe("accepted");
    expect(await openCircuits()).toEqual({});
    await sendTo(3);
    await vi.waitFor(async () =>
      expect(await openCircuits()).toMatchObject({ "sender/55555": { code: "messaging_limit" } }),
    );
    await vi.waitFor(async () => expect((await sendTo(4)).kind).toBe("refused"));
    vi.setSystemTime(Date.now() + 86_400_000);
    expect((await sendTo(4)).kind).toBe("accepted");
  });
});

describe("the isolates of a data centre", () => {
  const isolatesOf = (count: number) => {
    const cache = new LocationCache(new Keyring(env.SECRET_KEY));
    return Array.from(
      { length: count },
      () => new SharedCircuits(env.WHATSAPP_HEALTH, hasSubscribers, cache),
    );
  };
  /** Each asks, and has its answer. */
  async function sync(isolates: readonly SharedCircuits[], asked: { mock: { calls: unknown[] } }) {
    for (const isolate of isolates) {
      isolate.sync();
      await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThan(0));
      await new Promise((resume) => setTimeout(resume, 20));
    }
  }

  it("ask the shared object once in ten seconds, and learn within as many what another has told", async () => {
    const slot = Math.ceil(Date.now() / 10_000) * 10_000;
    vi.useFakeTimers({ now: slot, toFake: ["Date"] });
    const isolates = isolatesOf(5);
    const asked = vi.spyOn(env.WHATSAPP_HEALTH, "getByName");
    await sync(isolates, asked);
    expect(asked).toHaveBeenCalledOnce();

    errors[A.phoneNumberId] = { code: 131042, http: 403 };
    await channelOf(A).send(message(1));
    await vi.waitFor(async () =>
      expect(await isolates[0]?.read()).toMatchObject({ account: { code: "131042" } }),
    );
    expect(isolates.some(({ circuits }) => circuits.restsOf(["account"], Date.now()).length > 0)).toBe(false);
    vi.setSystemTime(slot + 10_000);
    asked.mockClear();
    await sync(isolates, asked);
    expect(asked).toHaveBeenCalledOnce();
    for (const { circuits } of isolates) expect(circuits.restsOf(["account"], Date.now())).toHaveLength(1);
  });

  it("ask for themselves where the cache fails", async () => {
    vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ["Date"] });
    vi.spyOn(caches.default, "match").mockRejectedValue(new Error("no cache today"));
    vi.spyOn(caches.default, "put").mockRejectedValue(new Error("no cache today"));
    const asked = vi.spyOn(env.WHATSAPP_HEALTH, "getByName");
    await sync(isolatesOf(3), asked);
    expect(asked).toHaveBeenCalledTimes(3);
  });
});

describe("the recipients of a day", () => {
  const DAY_MS = 86_400_000;
  const inside = <Result>(use: (storage: DurableObjectStorage, object: WhatsAppHealth) => Result) =>
    runInDurableObject(env.WHATSAPP_HEALTH.getByName("whatsapp"), (object, { storage }) =>
      use(storage, object),
    );
  const report = (tags: readonly string[], limit = 1_000_000) =>
    env.WHATSAPP_HEALTH.getByName("whatsapp").report({
      changes: [],
      hasSubscribers: false,
      recipients: [{ sender: "55555", limit, tags }],
    });
  const counted = () => env.WHATSAPP_HEALTH.getByName("whatsapp").recipientsOfDay();

  it("are added, counted and forgotten without reading the others", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    // As the version before has stored them.
    await inside(({ sql }) => {
      sql.exec(
        "CREATE TABLE recipients (sender TEXT, tag TEXT, at INTEGER, PRIMARY KEY (sender, tag)) WITHOUT ROWID",
      );
      sql.exec(
        `WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 20000)
         INSERT INTO recipients SELECT '55555', 'tag' || x, ? FROM n`,
        Date.now(),
      );
    });
    await report(["tag1", "new"]);
    expect(await counted()).toEqual({ "55555": 20_001 });
    vi.setSystemTime(Date.now() + 60_000);
    const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
    await inside(({ sql }) => {
      const { exec } = sql;
      vi.spyOn(sql, "exec").mockImplementation((...given) => {
        const cursor = exec.apply(sql, given);
        cursors.push(cursor);
        return cursor;
      });
    });
    await report(["tag2", "newer"]);
    expect(await counted()).toEqual({ "55555": 20_002 });
    expect(cursors.length).toBeGreaterThan(5);
    expect(cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0)).toBeLessThan(40);

    // The oldest of them ends the pause at the limit, a day after its last message.
    const first = Date.now() - 60_000;
    const open = await report(["newest"], 20_003);
    expect(open).toMatchObject({ "sender/55555": { code: "messaging_limit", until: first + DAY_MS } });
    vi.setSystemTime(first + DAY_MS + 1);
    expect(await counted()).toEqual({ "55555": 3 });
  });

  it("pause no sender once they are a day old, also before they are forgotten", async () => {
    const start = Date.now();
    vi.useFakeTimers({ now: start, toFake: ["Date"] });
    await report(["one"], 3);
    vi.setSystemTime(start + DAY_MS - 10_000);
    await report(["two"], 3);
    vi.setSystemTime(start + DAY_MS + 10_000);
    expect(await report(["three"], 3)).toEqual({});
    expect(await report(["four"], 3)).toMatchObject({
      "sender/55555": { until: start + 2 * DAY_MS - 10_000 },
    });
  });
});

describe("a blocked account", () => {
  it("is called at most three times by two hundred concurrent sends", async () => {
    errors[A.phoneNumberId] = { code: 131031, http: 403 };
    const channel = channelOf(A);
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, number) => channel.send(message(number))),
    );
    expect(results.every(({ kind }) => kind === "refused")).toBe(true);
    expect(calls.length).toBeLessThanOrEqual(3);
  });

  it("pauses every sender at once", async () => {
    errors[A.phoneNumberId] = { code: 190, http: 401 };
    const channel = channelOf(A, B);
    await channel.send(message(numberOf(A)));
    expect(await channel.send(message(numberOf(B)))).toMatchObject({
      failure: { code: "circuit_open", temporary: true },
    });
    expect(calls).toEqual([A.phoneNumberId]);
  });

  it("is reported to other isolates and on the health page", async () => {
    errors[A.phoneNumberId] = { code: 131042 };
    await channelOf(A).send(message(1));
    const otherIsolate = new SharedCircuits(env.WHATSAPP_HEALTH, hasSubscribers);
    await vi.waitFor(async () => {
      expect(await otherIsolate.read()).toMatchObject({ account: { code: "131042" } });
    });
  });
});

/** WhatsApp's error codes by their expected consequence, independent of the table under test. */
const RETRIED = [1, 2, 131000, 131016, 131057, 133004];
const RESTS_ALL = [
  0, 3, 4, 10, 33, 190, 200, 299, 368, 80007, 131005, 131031, 131037, 131042, 131045, 131048, 131064, 133000,
  133005, 133006, 133008, 133009, 133010, 133015, 133016, 134011,
];
const RESTS_TEMPLATE = [132001, 132007, 132015, 132016];
const RESTS_COUNTRY = [130497];
const RESTS_NOTHING = [
  100, 130472, 131008, 131009, 131021, 131026, 131030, 131047, 131049, 131050, 131051, 131056, 131062, 132000,
  132005, 132008, 132012, 132018, 135000, 137000, 999999,
];

describe("each WhatsApp error code in an answer", () => {
  const to = { other: "+14155550100" as E164, words: "another" };
  it.each([
    ...RETRIED.map((code) => [code, 2, true] as const),
    ...RESTS_ALL.map((code) => [code, 1, false] as const),
    ...RESTS_TEMPLATE.map((code) => [code, 1, false] as const),
    ...RESTS_COUNTRY.map((code) => [code, 1, false] as const),
    ...RESTS_NOTHING.map((code) => [code, 1, true] as const),
  ])("%i: %i call, and whether the next user's is made: %s", async (code, expected, goesOn) => {
    errors[A.phoneNumberId] = { code };
    const channel = channelOf(A);
    expect((await channel.send(message(1))).kind).toBe("refused");
    expect(calls).toHaveLength(expected);
    errors = {};
    expect((await channel.send(message(2))).kind).toBe(goesOn ? "accepted" : "refused");
    const elsewhere = await channel.send({ ...message(3), to: to.other, template: to.words });
    expect(elsewhere.kind).toBe(RESTS_ALL.includes(code) ? "refused" : "accepted");
  });
});

describe("each WhatsApp error code in a webhook", () => {
  it.each([
    ...RESTS_ALL.map((code) => [code, "refused"] as const),
    ...[...RETRIED, ...RESTS_NOTHING].map((code) => [code, "accepted"] as const),
  ])("%i: the next user's message is %s", async (code, kind) => {
    const shared = new SharedCircuits(env.WHATSAPP_HEALTH, hasSubscribers);
    const value = { metadata: { phone_number_id: A.phoneNumberId }, errors: [{ code }] };
    const change = { field: "messages", value, account: "", time: unixNow() };
    await shared.applyReports(readSystemErrors(change, Date.now()));
    expect((await channelWith(shared, A).send(message(1))).kind).toBe(kind);
  });

  it.each([
    [131042, 0, "accepted"],
    [80007, 0, "refused"],
    [130429, 0, "accepted"],
    [131042, -3 * 86_400, "accepted"],
  ] as const)(
    "%i without a message, sent %i seconds from now where that is not 0: the next user's message is %s",
    async (code, offset, kind) => {
      const shared = new SharedCircuits(env.WHATSAPP_HEALTH, hasSubscribers);
      const value = { metadata: { phone_number_id: A.phoneNumberId }, errors: [{ code }] };
      const time = offset === 0 ? 0 : unixNow() + offset;
      await shared.applyReports(
        readSystemErrors({ field: "messages", value, account: "", time }, Date.now()),
      );
      expect((await channelWith(shared, A).send(message(1))).kind).toBe(kind);
    },
  );

  it("pauses the account when Meta reports it blocked", async () => {
    const shared = new SharedCircuits(env.WHATSAPP_HEALTH, hasSubscribers);
    const change = { field: "account_update", value: { event: "ACCOUNT_RESTRICTION" }, account: "", time: 0 };
    await shared.applyReports(readAccountUpdate(change, Date.now()));
    expect((await channelWith(shared, A).send(message(1))).kind).toBe("refused");
  });
});

describe("the event of a circuit", () => {
  const eventsOf = async (hasSubscribers: boolean) => {
    const sent: string[] = [];
    await runInDurableObject(env.WHATSAPP_HEALTH.getByName("whatsapp"), async (object) => {
      const { env: bindings } = object as unknown as { env: Env };
      vi.spyOn(bindings.EVENTS, "sendBatch").mockImplementation(async (messages) => {
        for (const { body } of messages) sent.push(`${(body as Event).type} ${(body as Event).id}`);
        return {} as QueueSendBatchResponse;
      });
      const open = { code: "190", title: "expired", since: 1, until: 2 };
      const say = (change: typeof open | null) =>
        object.report({ changes: [{ key: "account", open: change }], recipients: [], hasSubscribers });
      for (const change of [open, { ...open, until: 3 }, null, null]) say(change);
    });
    return sent;
  };

  it("is sent once when it opens and once when it closes, for any number of isolates", async () => {
    expect(new Set(await eventsOf(true))).toEqual(
      new Set(["sender.updated evt_open_1_account", "sender.updated evt_closed_1_account"]),
    );
  });

  it("is not sent without a subscriber", async () => {
    expect(await eventsOf(false)).toEqual([]);
  });
});

describe("an error of limited scope", () => {
  it.each([
    ["a template", 132015, message(1), { ...message(2), template: "another" }, /^The template/],
    ["a country", 130497, message(1), { ...message(2), to: "+14155550100" as E164 }, /this country/],
  ])("pauses only what it affects: %s", async (_, code, affected, unaffected, title) => {
    errors[A.phoneNumberId] = { code };
    const channel = channelOf(A);
    expect(await channel.send(affected)).toMatchObject({ failure: { code: String(code) } });
    errors = {};
    expect(await channel.send(affected)).toMatchObject({
      failure: { code: "circuit_open", title: expect.stringMatching(title) },
    });
    expect(await channel.send(unaffected)).toMatchObject({ kind: "accepted" });
  });

  it("of one recipient pauses nothing", async () => {
    errors[A.phoneNumberId] = { code: 131026 };
    const channel = channelOf(A);
    for (let number = 0; number < 5; number += 1) await channel.send(message(number));
    expect(calls).toHaveLength(5);
  });
});
