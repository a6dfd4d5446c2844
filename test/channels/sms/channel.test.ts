import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { smsChannel, smsGateway } from "../../../src/channels/sms/channel.ts";
import type { GatewaySettings } from "../../../src/channels/sms/settings.ts";
import type { Code } from "../../../src/codes/code.ts";
import { CALLBACK_URL, HOST, SECRET, SIGNATURE_SECRET, sms, useSmsRig } from "./rig.ts";

const message = {
  to: sms.to,
  code: "482913" as Code,
  locale: "id",
  callbackData: sms.callbackData,
  bind: { amount: "150000.00", currency: "IDR", payee: "Toko Maju" },
  template: null,
  language: null,
};

const GATEWAYS: Record<string, GatewaySettings> = {
  twilio: {
    gateway: "twilio",
    baseUrl: `${HOST}/twilio`,
    accountSid: `AC${"0".repeat(32)}`,
    authToken: SECRET,
    sender: { From: "Example" },
    callbackUrl: CALLBACK_URL,
  },
  vonage: {
    gateway: "vonage",
    baseUrl: `${HOST}/vonage`,
    apiKey: "abcd1234",
    apiSecret: SECRET,
    from: "Example",
    callback: { url: CALLBACK_URL, signatureSecret: SIGNATURE_SECRET },
  },
  http: { gateway: "http", url: `${HOST}/sms`, secret: SECRET },
};

/** Each gateway's code of a transient error and of a permanent one. */
const CODES: Record<string, { passing: object; lasting: object }> = {
  twilio: { passing: { http_status: 500, code: 20500 }, lasting: { http_status: 400, code: 21211 } },
  vonage: { passing: { http_status: 500, code: 5 }, lasting: { http_status: 400, code: 6 } },
  http: { passing: { http_status: 503, code: 1 }, lasting: { http_status: 422, code: 2 } },
};

const rig = useSmsRig();
const pauses: unknown[] = [];

beforeEach(() => {
  vi.spyOn(globalThis, "setTimeout").mockImplementation((resume, delay) => {
    pauses.push(delay);
    queueMicrotask(resume as () => void);
    return 0 as unknown as ReturnType<typeof setTimeout>;
  });
});
afterEach(() => {
  pauses.length = 0;
});

describe.each(Object.keys(GATEWAYS))("the SMS channel over %s", (name) => {
  const gateway = smsGateway(GATEWAYS[name] ?? { gateway: "http", url: "", secret: "" });
  const channel = smsChannel(gateway, { brand: "Example", webOtpHost: "example.com" });
  const { passing, lasting } = CODES[name] ?? {};
  const fail = (...entries: (object | undefined)[]) =>
    rig.behave({ fail_next: entries.map((entry) => ({ channel: "sms", ...entry })) });

  it("is named sms, and its gateway by the provider", () => {
    expect([channel.name, gateway.name]).toEqual(["sms", name]);
  });

  it("sends the code in the user's language, with the payment and the WebOTP line", async () => {
    expect(await channel.send(message)).toMatchObject({ kind: "accepted" });
    expect(await rig.received()).toMatchObject([
      {
        to: sms.to,
        code: "482913",
        callback_data: sms.callbackData,
        template: null,
        language: null,
        text:
          "482913 adalah kode Example Anda untuk membayar 150000.00 IDR kepada Toko Maju. " +
          "Jangan bagikan kepada siapa pun.\n@example.com #482913",
      },
    ]);
  });

  it("retries once with the same content after a transient error", async () => {
    await fail(passing);
    expect(await channel.send(message)).toMatchObject({ kind: "accepted" });
    const [first, second, ...more] = vi.mocked(fetch).mock.calls;
    expect(more).toEqual([]);
    expect(second?.[1]?.body).toBe(first?.[1]?.body);
    expect(pauses).toEqual([expect.toSatisfy((delay: number) => delay >= 200 && delay <= 400)]);
    expect(await rig.received()).toHaveLength(1);
  });

  it("does not retry twice", async () => {
    await fail(passing, passing, passing);
    const failure = { channel: "sms", temporary: true, action: "Try again in a moment." };
    expect(await channel.send(message)).toMatchObject({ kind: "refused", failure });
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it("does not retry a permanent error", async () => {
    await fail(lasting);
    const failure = { channel: "sms", temporary: false, action: "Reach this user another way." };
    expect(await channel.send(message)).toMatchObject({ kind: "refused", failure });
    expect([vi.mocked(fetch).mock.calls.length, await rig.received()]).toEqual([1, []]);
  });

  it("does not retry without an answer, because the SMS may have been sent", async () => {
    vi.mocked(fetch).mockRejectedValueOnce(new TypeError("Network connection lost."));
    expect(await channel.send(message)).toMatchObject({
      kind: "unknown",
      failure: { channel: "sms", code: "no_answer", temporary: true },
    });
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(rig.logLines.join()).not.toMatch(/482913|81234567890|Toko/);
  });

  it("limits the send and its retry to ten seconds in all", async () => {
    const timeout = vi.spyOn(AbortSignal, "timeout");
    await fail(passing);
    await channel.send(message);
    expect(timeout.mock.calls).toEqual([[10_000]]);
    const signal = timeout.mock.results[0]?.value;
    expect(vi.mocked(fetch).mock.calls.every(([, init]) => init?.signal === signal)).toBe(true);
  });
});
