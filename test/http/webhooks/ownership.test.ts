import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Begun, begin, newService, status } from "../../cases/rig.ts";
import {
  change,
  messagesChange,
  newNumber,
  unixNow,
  useDeployment,
  type WebhookOrigin,
} from "../../deployment.ts";
import type { GuardedService } from "../../guard/guarded-service.ts";

const deployment = useDeployment();

let service: GuardedService;
/** A verification whose message's id is known, and one whose id is not. */
let known: Begun;
let unknown: Begun;
/** A user who has not written yet. */
let user: string;

beforeEach(async () => {
  service = newService();
  [known, unknown] = [await begin(service), await begin(service)];
  user = newNumber();
  expect(await service.webhook(messagesChange({ statuses: [status(known, "sent")] }))).toBe(200);
});

const THREE_DAYS_MS = 3 * 86_400_000;

interface Time {
  readonly now: number;
}

/** A webhook, and how to tell that it has changed something. */
interface Kind {
  readonly name: string;
  readonly body: (origin: WebhookOrigin, time: Time, begun: Begun) => object;
  /** What it changes; the same before and after a webhook without effect. */
  readonly watch: () => Promise<unknown>;
  /** The kind changes nothing of ours in any case: it is only told as an event. */
  readonly onlyTold?: boolean;
  /** It is about a message of ours, so that an unknown one can be named instead. */
  readonly namesMessage?: boolean;
}

const read = async () => {
  const states = [known, unknown].map(({ id }) => service.call("GET", `/v1/verifications/${id}`));
  return (await Promise.all(states)).map(({ body }) => [body.status, body.reason, body.messages]);
};
const sends = async () => (await service.start({ to: newNumber() })).status;
const template = async () => (await service.call("GET", "/v1/templates/verification_code")).body;
/** Whether the user's window is open, so that a reply is handed to WhatsApp. */
const hasOpenWindow = async () => {
  const calls = deployment.graphCalls.length;
  await service.call("POST", "/v1/messages", { to: user, text: "Hello" });
  return deployment.graphCalls.length > calls;
};

const statusKind = (name: string, more: object = {}, watch: Kind["watch"] = read): Kind => ({
  name: `the status ${name}${JSON.stringify(more)}`,
  body: (origin, { now }, begun) =>
    messagesChange({ statuses: [status(begun, name, { timestamp: String(now), ...more })] }, origin),
  watch,
  namesMessage: true,
});

const inboundKind = (name: string, message: (begun: Begun) => object, watch: Kind["watch"]): Kind => ({
  name,
  body: (origin, { now }, begun) =>
    messagesChange(
      { messages: [{ id: `wamid.in${name}`, timestamp: String(now), ...message(begun) }] },
      origin,
    ),
  watch,
});

const accountKind = (field: string, value: object, watch: Kind["watch"] = sends): Kind => ({
  name: `${field} ${JSON.stringify(value)}`,
  body: (origin, { now }) => change(field, value, { ...origin, time: now }),
  watch,
});

const about = {
  message_template_id: 7,
  message_template_name: "verification_code",
  message_template_language: "id",
};
const tap = { type: "button", button: { payload: "DID_NOT_REQUEST_CODE", text: "" } };

const KINDS: readonly Kind[] = [
  statusKind("delivered"),
  statusKind("read"),
  statusKind("failed", { errors: [{ code: 131026 }] }),
  statusKind("failed", { errors: [{ code: 131031 }] }, sends),
  inboundKind("a text", () => ({ from: user.slice(1), type: "text", text: { body: "Hi" } }), hasOpenWindow),
  {
    ...inboundKind(
      "a tap on the denial",
      ({ to, wamid }) => ({ ...tap, from: to.slice(1), context: { id: wamid } }),
      read,
    ),
    namesMessage: true,
  },
  accountKind("message_template_status_update", { ...about, event: "PAUSED", reason: null }, template),
  accountKind("message_template_quality_update", { ...about, new_quality_score: "RED" }, template),
  accountKind("template_category_update", { ...about, new_category: "UTILITY" }, template),
  accountKind("account_update", { event: "ACCOUNT_DELETED" }),
  accountKind("account_update", { event: "DISABLED_UPDATE", ban_info: { waba_ban_state: "DISABLE" } }),
  { ...accountKind("account_alerts", { entity_type: "WABA", alert_info: {} }), onlyTold: true },
  { ...accountKind("phone_number_quality_update", { event: "FLAGGED" }), onlyTold: true },
  { ...accountKind("phone_number_name_update", { decision: "REJECTED" }), onlyTold: true },
  { ...accountKind("business_capability_update", { max_phone_numbers_per_business: 2 }), onlyTold: true },
  { ...accountKind("security", { event: "PIN_CHANGED" }), onlyTold: true },
];

/** Delivers a webhook and says whether it has changed anything. */
async function changes(kind: Kind, origin: WebhookOrigin, time: Time, begun = known): Promise<boolean> {
  const before = await kind.watch();
  expect(await service.webhook(kind.body(origin, time, begun))).toBe(200);
  return JSON.stringify(await kind.watch()) !== JSON.stringify(before);
}

const dropped = () => deployment.logLines.filter((line) => line.includes("other accounts or senders"));

describe.each(KINDS)("a webhook with $name", (kind) => {
  it("changes something where it is about our account, our sender and now", async () => {
    expect(await changes(kind, {}, { now: unixNow() })).toBe(kind.onlyTold !== true);
    expect(dropped()).toEqual([]);
  });

  it("changes nothing and is logged once where it is about another account", async () => {
    expect(await changes(kind, { account: "299999999999999" }, { now: unixNow() })).toBe(false);
    expect(dropped()).toHaveLength(1);
    expect(dropped().join()).not.toContain(known.to.slice(1));
  });

  it("changes nothing where it is about a message and a time of three days ago", async () => {
    const then = unixNow();
    vi.useFakeTimers({ now: Date.now() + THREE_DAYS_MS, toFake: ["Date"] });
    const { body } = await service.start({ to: known.to });
    const former = known;
    known = { ...known, id: body.id };
    expect(await changes(kind, {}, { now: then }, former)).toBe(false);
  });
});

describe.each(KINDS.filter(({ name }) => /^(the status|a )/.test(name)))("a webhook with $name", (kind) => {
  it("changes nothing and is logged once where it is about another sender of our account", async () => {
    expect(await changes(kind, { sender: "999000111222333" }, { now: unixNow() })).toBe(false);
    expect(dropped()).toHaveLength(1);
  });
});

describe.each(KINDS.filter(({ namesMessage }) => namesMessage))("a webhook with $name", (kind) => {
  it("changes nothing where it is about a message that this deployment did not send", async () => {
    const stranger = { to: newNumber(), id: "vrf_00000000000000000000000000", wamid: "wamid.STRANGER" };
    expect(await changes(kind, {}, { now: unixNow() }, stranger)).toBe(false);
  });

  it("changes nothing where it is about another message to a known number", async () => {
    const stranger = { to: known.to, id: "vrf_00000000000000000000000000", wamid: "wamid.STRANGER" };
    expect(await changes(kind, {}, { now: unixNow() }, stranger)).toBe(false);
  });
});

describe("a webhook with odd values beside good ones", () => {
  const odd = [
    null,
    7,
    "text",
    [],
    {},
    { id: 7 },
    { id: "x".repeat(10_000), status: "read", timestamp: "1" },
  ];

  it("is acknowledged, applied as far as it is understood, and logged once with the number of odd parts", async () => {
    const good = status(known, "read");
    const oddStatuses = [
      ...odd,
      status(known, "read", { timestamp: "yesterday" }),
      status(known, "teleported"),
    ];
    const body = messagesChange({
      statuses: [...oddStatuses, good],
      messages: [...odd, { id: "wamid.m", from: { a: 1 }, timestamp: "99999999999999", type: "text" }],
      errors: [null, { code: "x" }],
    });
    const bodies = [
      body.entry[0],
      null,
      7,
      { id: null, changes: null },
      { id: env.WHATSAPP_BUSINESS_ACCOUNT_ID },
    ];
    expect(await service.webhook({ object: "whatsapp_business_account", entry: bodies })).toBe(200);
    const [known_] = await read();
    expect(known_?.[2]).toMatchObject([{ status: "read" }]);
    const lines = deployment.logLines.filter((line) => line.includes("were not understood"));
    expect(lines.map((line) => JSON.parse(line).count)).toEqual([expect.any(Number)]);
    expect(JSON.parse(lines[0] ?? "{}").count).toBeGreaterThan(15);
  });

  it("with a time that is none is applied as of now", async () => {
    for (const time of [1e300, -1, 1.5, "soon"] as number[]) {
      expect(await service.webhook(change("account_alerts", { entity_type: "WABA" }, { time }))).toBe(200);
    }
  });

  it("with optional values of the wrong type is applied without them", async () => {
    const good = status(known, "failed", {
      recipient_id: 7,
      errors: [{ code: "131026", error_data: "none" }],
      pricing: "free",
      recipient_identity_key_hash: {},
    });
    expect(await service.webhook(messagesChange({ statuses: [good] }))).toBe(200);
    expect((await read())[0]?.[2]).toMatchObject([{ status: "failed", error: { code: "131026" } }]);
  });
});
