import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CodeMessage } from "../../../src/channels/channel.ts";
import { whatsAppChannel } from "../../../src/channels/whatsapp/channel.ts";
import { WhatsAppClient } from "../../../src/channels/whatsapp/client.ts";
import { SharedCircuits } from "../../../src/channels/whatsapp/health.ts";
import { type Sender, senderSchema, sendersFor } from "../../../src/channels/whatsapp/senders.ts";
import type { E164 } from "../../../src/phone/e164.ts";
import type { Code } from "../../../src/verification/code.ts";
import { useDeployment } from "../../deployment.ts";

useDeployment();

const [A, B] = ["11111", "22222"].map((id) =>
  senderSchema.parse({ phone_number_id: id, messages_per_second: 1000 }),
) as [Sender, Sender];

/** What each sender's calls are answered with; anything else is accepted. */
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
  const client = new WhatsAppClient({ baseUrl: "https://graph.test", apiVersion: "v26.0", accessToken: "t" });
  return whatsAppChannel(client, senders, new SharedCircuits(env.WHATSAPP_HEALTH));
}

function message(number: number): CodeMessage {
  const to = `+62812${String(10_000_000 + number)}` as E164;
  const words = { template: "verification_code", language: "id", locale: "id", bind: null };
  return { to, code: "123456" as Code, callbackData: "", ...words };
}

/** A number whose own sender is the given one. */
function numberOf(sender: Sender): number {
  for (let number = 0; ; number += 1) {
    if (sendersFor(message(number).to, [A, B])[0] === sender) return number;
  }
}

describe("senders", () => {
  it("share the recipients about evenly, and each recipient stays with one", async () => {
    const channel = channelOf(A, B);
    for (let number = 0; number < 200; number += 1) await channel.send(message(number));
    const first = [...calls];
    expect(first.filter((sender) => sender === A.phoneNumberId).length).toBeGreaterThan(70);
    expect(first.filter((sender) => sender === B.phoneNumberId).length).toBeGreaterThan(70);
    for (let number = 0; number < 200; number += 1)
      expect(sendersFor(message(number).to, [B, A])[0]?.phoneNumberId).toBe(first[number]);
  });

  it("keep their other recipients when one is added", () => {
    const C = senderSchema.parse({ phone_number_id: "33333" });
    for (let number = 0; number < 200; number += 1) {
      const [before, after] = [
        [A, B],
        [A, B, C],
      ].map((all) => sendersFor(message(number).to, all)[0]);
      if (after !== C) expect(after).toBe(before);
    }
  });

  it("are passed over when they are blocked, and the user gets the code from another", async () => {
    errors[A.phoneNumberId] = { code: 131048 };
    const channel = channelOf(A, B);
    for (let time = 0; time < 5; time += 1) {
      expect(await channel.send(message(numberOf(A)))).toMatchObject({ kind: "accepted" });
    }
    expect(calls.filter((sender) => sender === A.phoneNumberId)).toHaveLength(1);
  });

  it("stay below their throughput", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const slow = senderSchema.parse({ phone_number_id: "44444", messages_per_second: 2 });
    const channel = channelOf(slow);
    const kinds: string[] = [];
    for (let number = 0; number < 3; number += 1) kinds.push((await channel.send(message(number))).kind);
    vi.setSystemTime(Date.now() + 1000);
    kinds.push((await channel.send(message(3))).kind);
    expect(kinds).toEqual(["accepted", "accepted", "refused", "accepted"]);
  });
});

describe("a blocked account", () => {
  it("is called at most three times while two hundred users ask at the same moment", async () => {
    errors[A.phoneNumberId] = { code: 131031, http: 403 };
    const channel = channelOf(A);
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, number) => channel.send(message(number))),
    );
    expect(results.every(({ kind }) => kind === "refused")).toBe(true);
    expect(calls.length).toBeLessThanOrEqual(3);
  });

  it("is found out for every sender at once", async () => {
    errors[A.phoneNumberId] = { code: 190, http: 401 };
    const channel = channelOf(A, B);
    await channel.send(message(numberOf(A)));
    expect(await channel.send(message(numberOf(B)))).toMatchObject({
      failure: { code: "circuit_open", temporary: true },
    });
    expect(calls).toEqual([A.phoneNumberId]);
  });

  it("is told to other isolates, and to people", async () => {
    errors[A.phoneNumberId] = { code: 131042 };
    await channelOf(A).send(message(1));
    const other = new SharedCircuits(env.WHATSAPP_HEALTH);
    await vi.waitFor(async () => {
      expect(await other.read()).toMatchObject({ account: { code: "131042" } });
    });
  });
});

describe("an error about one thing", () => {
  it.each([
    ["a template", 132015, message(1), { ...message(2), template: "another" }],
    ["a country", 130497, message(1), { ...message(2), to: "+14155550100" as E164 }],
  ])("rests that thing and nothing else: %s", async (_, code, affected, unaffected) => {
    errors[A.phoneNumberId] = { code };
    const channel = channelOf(A);
    expect(await channel.send(affected)).toMatchObject({ failure: { code: String(code) } });
    errors = {};
    expect(await channel.send(affected)).toMatchObject({ failure: { code: "circuit_open" } });
    expect(await channel.send(unaffected)).toMatchObject({ kind: "accepted" });
  });

  it("about a recipient rests nothing", async () => {
    errors[A.phoneNumberId] = { code: 131026 };
    const channel = channelOf(A);
    for (let number = 0; number < 5; number += 1) await channel.send(message(number));
    expect(calls).toHaveLength(5);
  });
});
