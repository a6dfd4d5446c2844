import { env, exports } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { PhoneNumber } from "../../../src/phone-number/phone-number.ts";
import { api, newNumber, start, statuses, useDeployment, webhook } from "../../deployment.ts";

const deployment = useDeployment();

interface Begun {
  readonly to: string;
  readonly id: string;
  readonly wamid: string;
}

async function begin(): Promise<Begun> {
  const to = newNumber();
  const { body } = await start({ to });
  return { to, id: body.id, wamid: body.messages[0].provider_message_id };
}

/** A status as Meta writes it, with the callback data that its send carried. */
function update({ to, id, wamid }: Begun, status: string, more: object = {}): object {
  const timestamp = String(Math.floor(Date.now() / 1000) + ["sent", "delivered", "read"].indexOf(status));
  const pricing = { billable: true, pricing_model: "PMP", type: "regular", category: "authentication" };
  return {
    id: wamid,
    status,
    timestamp,
    recipient_id: to.slice(1),
    recipient_user_id: "US.1349",
    pricing,
    biz_opaque_callback_data: `${id}.0`,
    ...more,
  };
}

async function messageOf({ id }: Begun) {
  const { body } = await api("GET", `/v1/verifications/${id}`);
  return { ...body.messages[0], verification: body.status, reason: body.reason };
}

describe("status updates", () => {
  it("end in `read` when they come in reverse order and five times each", async () => {
    const begun = await begin();
    const reversed = ["read", "delivered", "sent"].flatMap((status) => Array(5).fill(update(begun, status)));
    for (const one of reversed) expect((await webhook(statuses(one))).status).toBe(200);
    expect(await messageOf(begun)).toMatchObject({
      status: "read",
      provider_message_id: begun.wamid,
      error: null,
    });
  });

  it("count `read` as delivered too, and `played` as read", async () => {
    const begun = await begin();
    await webhook(statuses(update(begun, "played")));
    expect(await messageOf(begun)).toMatchObject({ status: "read" });
  });

  it("come in batches, for many numbers in one call", async () => {
    const begun = await Promise.all(Array.from({ length: 10 }, begin));
    const batch = begun.flatMap((one) => [update(one, "delivered"), update(one, "sent")]);
    const calls = vi.spyOn(PhoneNumber.prototype, "recordUpdates");
    expect((await webhook(statuses(...batch))).status).toBe(200);
    expect(calls).toHaveBeenCalledTimes(10);
    for (const one of begun) expect(await messageOf(one)).toMatchObject({ status: "delivered" });
  });

  it("without callback data find their message by its provider's id, which the first update with it brings", async () => {
    const begun = await begin();
    const bare = update(begun, "delivered", { biz_opaque_callback_data: undefined });
    await webhook(statuses(bare));
    expect(await messageOf(begun)).toMatchObject({ status: "queued" });
    await webhook(statuses(update(begun, "sent"), bare));
    expect(await messageOf(begun)).toMatchObject({ status: "delivered", provider_message_id: begun.wamid });
  });

  it("are applied to the right one of two messages", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const begun = await begin();
    vi.setSystemTime(Date.now() + 30_000);
    const { body } = await api("POST", `/v1/verifications/${begun.id}/resend`);
    const second = { ...begun, wamid: body.messages[1].provider_message_id };
    await webhook(statuses(update(second, "read", { biz_opaque_callback_data: `${begun.id}.1` })));
    const { body: read } = await api("GET", `/v1/verifications/${begun.id}`);
    expect(read.messages.map(({ status }: { status: string }) => status)).toEqual(["queued", "read"]);
  });

  it("close a verification that cannot be delivered, with the reason", async () => {
    const begun = await begin();
    const failed = update(begun, "failed", { errors: [{ code: 131026, title: "Message undeliverable" }] });
    await webhook(statuses(failed));
    expect(await messageOf(begun)).toMatchObject({
      status: "failed",
      verification: "failed",
      reason: "undeliverable",
      error: {
        code: "131026",
        title: "The number cannot be reached on WhatsApp",
        action: expect.any(String),
      },
    });
  });

  it("for unknown messages change nothing and are acknowledged", async () => {
    const stranger = { to: newNumber(), id: "vrf_00000000000000000000000000", wamid: "wamid.unknown" };
    expect((await webhook(statuses(update(stranger, "read")))).status).toBe(200);
    const bare = update(stranger, "read", {
      biz_opaque_callback_data: "somebody else's",
      recipient_id: undefined,
    });
    expect((await webhook(statuses(bare))).status).toBe(200);
  });

  it("are answered with 500 when one could not be stored, and applied when Meta repeats them", async () => {
    const [good, bad] = [await begin(), await begin()];
    const both = statuses(update(good, "read"), update(bad, "read"));
    const real = PhoneNumber.prototype.recordUpdates;
    const broken = vi.spyOn(PhoneNumber.prototype, "recordUpdates").mockImplementation(function (
      this: PhoneNumber,
      ...args
    ) {
      if (args[0].some(({ message }) => message?.id === bad.id)) throw new Error("the disk is gone");
      return real.apply(this, args);
    });
    expect((await webhook(both)).status).toBe(500);
    expect(await messageOf(good)).toMatchObject({ status: "read" });
    broken.mockRestore();
    expect((await webhook(both)).status).toBe(200);
    expect(await messageOf(bad)).toMatchObject({ status: "read" });
  });
});

describe("a webhook whose effect met a fault of the platform", () => {
  it("is answered with 503, and applied when Meta repeats it", async () => {
    const begun = await begin();
    const overloaded = Object.assign(new Error("Durable Object is overloaded."), { overloaded: true });
    const broken = vi.spyOn(PhoneNumber.prototype, "recordUpdates").mockImplementation(() => {
      throw overloaded;
    });
    const response = await webhook(statuses(update(begun, "read")));
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
    broken.mockRestore();
    expect((await webhook(statuses(update(begun, "read")))).status).toBe(200);
    expect(await messageOf(begun)).toMatchObject({ status: "read" });
  });
});

describe("an unknown addition by Meta", () => {
  it.each([
    [
      "an unknown field",
      {
        object: "whatsapp_business_account",
        entry: [{ id: "1", changes: [{ field: "new_thing", value: { x: 1 } }] }],
      },
    ],
    ["an unknown status", statuses({ id: "wamid.1", status: "teleported", timestamp: "1" })],
    ["an inbound message", statuses()],
    ["a value that is no object", { entry: [{ changes: [{ field: "messages", value: "text" }] }] }],
    ["nothing", {}],
    ["an array", []],
    ["null", null],
  ])("is accepted and passed over: %s", async (_, body) => {
    expect((await webhook(body)).status).toBe(200);
  });

  it("does not hide the status beside it", async () => {
    const begun = await begin();
    const unknown = { id: "wamid.1", status: "teleported", timestamp: "1" };
    await webhook(statuses(unknown, update(begun, "sent", { news: [1, 2, 3] })));
    expect(await messageOf(begun)).toMatchObject({ status: "sent" });
  });
});

describe("the signature of a webhook", () => {
  it.each([
    ["a forged one", `sha256=${"0".repeat(64)}`],
    ["one cut short", "sha256=00"],
    ["another algorithm", `sha1=${"0".repeat(40)}`],
    ["none", ""],
  ])("is refused with 401, and changes nothing: %s", async (_, signature) => {
    const begun = await begin();
    const objects = vi.spyOn(PhoneNumber.prototype, "recordUpdates");
    expect((await webhook(statuses(update(begun, "read")), signature)).status).toBe(401);
    expect(objects).not.toHaveBeenCalled();
    expect(await messageOf(begun)).toMatchObject({ status: "queued" });
  });

  it("is checked before the body is parsed", async () => {
    expect((await webhook("{", `sha256=${"0".repeat(64)}`)).status).toBe(401);
    expect((await webhook("{")).status).toBe(400);
  });

  it("covers a body of at most 3 MB", async () => {
    expect((await webhook("x".repeat(3 * 1024 * 1024 + 1))).status).toBe(413);
  });
});

describe("the handshake of the webhook", () => {
  const shake = (query: Record<string, string>) =>
    exports.default.fetch(`https://sandi.test/webhooks/whatsapp?${new URLSearchParams(query)}`);
  const right = {
    "hub.mode": "subscribe",
    "hub.challenge": "1158201444",
    "hub.verify_token": env.WHATSAPP_VERIFY_TOKEN,
  };

  it("answers the challenge for the right verify token", async () => {
    const response = await shake(right);
    expect([response.status, await response.text()]).toEqual([200, "1158201444"]);
  });

  it.each([
    ["another token", { ...right, "hub.verify_token": "guess" }],
    ["no token", { "hub.mode": "subscribe", "hub.challenge": "1" }],
    ["another mode", { ...right, "hub.mode": "unsubscribe" }],
  ])("refuses %s", async (_, query) => {
    expect((await shake(query)).status).toBe(403);
  });

  it("echoes only a number", async () => {
    expect((await shake({ ...right, "hub.challenge": "<script>" })).status).toBe(400);
  });

  it("keeps its token out of the log", async () => {
    await shake(right);
    expect(deployment.logLines.join()).not.toContain(env.WHATSAPP_VERIFY_TOKEN);
  });
});
