import { buildTemplateSendPayload, WhatsAppClient as IndependentClient } from "@kapso/whatsapp-cloud-api";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CodeMessage } from "../../../src/channels/channel.ts";
import { toResult } from "../../../src/channels/provider-call.ts";
import { WhatsAppClient } from "../../../src/channels/whatsapp/client.ts";
import { codePayload } from "../../../src/channels/whatsapp/payload.ts";
import type { Code } from "../../../src/codes/code.ts";
import type { E164 } from "../../../src/numbering/e164.ts";
import { createRig, type Rig, SETTINGS } from "../../simulator/rig.ts";

const { accessToken, phoneNumberId } = SETTINGS;
const SEND_URL = `https://graph.test/v26.0/${phoneNumberId}/messages`;

const client = new WhatsAppClient({ baseUrl: "https://graph.test", apiVersion: "v26.0", accessToken });
const whatsApp = {
  send: async (message: CodeMessage & { template: string; language: string }) =>
    toResult("whatsapp", await client.send(phoneNumberId, codePayload(message))),
};

const message = {
  to: "+6281234567890" as E164,
  code: "482913" as Code,
  bind: null,
  locale: "pt",
  template: "verification_code",
  language: "pt_BR",
  callbackData: "vrf_0123456789abcdef0123456784.1",
};

let rig: Rig;
const pauses: unknown[] = [];
const logLines: string[] = [];

beforeEach(async () => {
  rig = createRig();
  await behave({ delivery: "manual" });
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) =>
    rig.simulator.app.fetch(new Request(input, init)),
  );
  vi.spyOn(globalThis, "setTimeout").mockImplementation((resume, delay) => {
    pauses.push(delay);
    queueMicrotask(resume as () => void);
    return 0 as unknown as ReturnType<typeof setTimeout>;
  });
  logLines.length = 0;
  vi.spyOn(console, "warn").mockImplementation((line) => void logLines.push(line));
});

afterEach(() => {
  rig.simulator.close();
  vi.restoreAllMocks();
  pauses.length = 0;
});

const behave = (behaviour: object) => rig.control("PUT", "/behaviour", behaviour);
const calls = () => vi.mocked(fetch).mock.calls;
const answerOnce = (answer: Response) => vi.mocked(fetch).mockResolvedValueOnce(answer);
const received = async () => {
  const answer = await rig.control("GET", "/messages");
  return (await answer.json<{ messages: object[] }>()).messages;
};

describe("the WhatsApp send request", () => {
  it("is Meta's send call, with the code in the body and in the button", async () => {
    await whatsApp.send(message);
    const [url, init] = calls()[0] ?? [];
    expect(url).toBe(SEND_URL);
    expect(init).toMatchObject({ method: "POST", redirect: "manual" });
    expect(Object.fromEntries(new Headers(init?.headers))).toEqual({
      authorization: `Bearer ${accessToken}`,
      "content-type": "application/json",
    });
    const code = [{ type: "text", text: "482913" }];
    expect(JSON.parse(String(init?.body))).toStrictEqual({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to: "+6281234567890",
      type: "template",
      template: {
        name: "verification_code",
        language: { code: "pt_BR" },
        components: [
          { type: "body", parameters: code },
          { type: "button", sub_type: "url", index: "0", parameters: code },
        ],
      },
      biz_opaque_callback_data: message.callbackData,
    });
  });

  it("equals an independent client's request, except for documented differences", async () => {
    const sent: unknown[] = [];
    const client = new IndependentClient({
      accessToken,
      baseUrl: "https://graph.test",
      graphVersion: "v26.0",
      fetch: async (url, init) => {
        sent.push(String(url), init?.method, JSON.parse(String(init?.body)));
        return Response.json({ messages: [{ id: "wamid.1" }] });
      },
    });
    const code = [{ type: "text" as const, text: message.code }];
    const { components = [], ...template } = buildTemplateSendPayload({
      name: message.template,
      language: message.language,
      body: code,
      buttons: [{ type: "button", subType: "url", index: 0, parameters: code }],
    });
    await client.messages.sendTemplate({
      phoneNumberId,
      to: message.to,
      bizOpaqueCallbackData: message.callbackData,
      // Copied, because the client's two types for this do not match under strict rules.
      template: { ...template, components: components.map((component) => ({ ...component })) },
    });

    const ours = codePayload(message);
    const [body, button] = ours.template.components;
    const differences = {
      // A string in Meta's documentation and sample server, a number in this client.
      template: { ...ours.template, components: [body, { ...button, index: 0 }] },
    };
    expect(sent).toStrictEqual([SEND_URL, "POST", { ...ours, ...differences }]);
  });
});

describe("the answer to a WhatsApp send", () => {
  it("is the message's id once WhatsApp has accepted, and the phone shows the code", async () => {
    const result = await whatsApp.send(message);
    expect(await received()).toMatchObject([
      { code: "482913", language: "pt_BR", callback_data: message.callbackData },
    ]);
    expect(result).toEqual({
      kind: "accepted",
      providerMessageId: (await received()).map((one) => (one as { id: string }).id)[0],
    });
  });

  it.each([undefined, "accepted", "held_for_quality_assessment", "paused", "new_in_2027"])(
    "may say message_status %s",
    async (status) => {
      answerOnce(Response.json({ messages: [{ id: "wamid.1", message_status: status }], contacts: [] }));
      expect(await whatsApp.send(message)).toEqual({ kind: "accepted", providerMessageId: "wamid.1" });
    },
  );

  it.each([
    [131026, 400, false, undefined],
    [132001, 404, false, "Injected by the simulator"],
    [131031, 403, false, undefined],
    [131008, 400, false, "Injected by the simulator"],
    [131056, 400, true, undefined],
    [3, 500, false, undefined],
  ])("with error %i is a rejection without a retry", async (code, http_status, temporary, details) => {
    await behave({ fail_next: [{ code, http_status }] });
    expect(await whatsApp.send(message)).toEqual({
      kind: "refused",
      failure: {
        channel: "whatsapp",
        code: String(code),
        temporary,
        title: expect.any(String),
        action: expect.any(String),
        details,
      },
    });
    expect([calls().length, await received()]).toEqual([1, []]);
  });
});

describe("a retry of a WhatsApp send", () => {
  it.each([
    [131000, 500],
    [2, 503],
    [1, 400],
    [999_999, 500],
  ])("follows error %i once, with the same bytes, and may succeed", async (code, http_status) => {
    await behave({ fail_next: [{ code, http_status }] });
    expect(await whatsApp.send(message)).toMatchObject({ kind: "accepted" });
    expect(calls()).toHaveLength(2);
    expect(calls()[1]).toEqual(calls()[0]);
    expect(await received()).toHaveLength(1);
    expect(pauses).toEqual([expect.toSatisfy((delay: number) => delay >= 200 && delay <= 400)]);
  });

  it("follows an unknown error that WhatsApp calls transient", async () => {
    answerOnce(Response.json({ error: { code: 999_999, is_transient: true } }, { status: 400 }));
    expect(await whatsApp.send(message)).toMatchObject({ kind: "accepted" });
  });

  it("is made only once", async () => {
    const failure = { code: 131016, http_status: 500 };
    await behave({ fail_next: [failure, failure, failure] });
    expect(await whatsApp.send(message)).toMatchObject({
      kind: "refused",
      failure: { code: "131016", temporary: true },
    });
    expect(calls()).toHaveLength(2);
  });

  it("without an answer leaves the result unknown", async () => {
    await behave({ fail_next: [{ code: 2, http_status: 503 }] });
    vi.mocked(fetch)
      .mockImplementationOnce(async (input, init) => rig.simulator.app.fetch(new Request(input, init)))
      .mockRejectedValueOnce(new TypeError("Network connection lost."));
    expect(await whatsApp.send(message)).toMatchObject({ kind: "unknown" });
  });

  it.each([
    ["a network error", () => Promise.reject(new TypeError("Network connection lost."))],
    ["a page of HTML", async () => new Response("<html>Bad gateway</html>", { status: 502 })],
    ["an empty answer", async () => new Response(null, { status: 200 })],
    ["a 200 without the message's id", async () => Response.json({ messages: [] })],
    ["a 200 with a list for an error", async () => Response.json({ error: ["broken"] })],
    ["an error without a code", async () => Response.json({ error: {} }, { status: 500 })],
    ["a redirect", async () => Response.redirect("https://elsewhere.test/messages", 307)],
  ])("never follows %s, because the message may have been sent", async (_, answer) => {
    vi.mocked(fetch).mockImplementationOnce(answer);
    expect(await whatsApp.send(message)).toMatchObject({
      kind: "unknown",
      failure: { channel: "whatsapp", code: "no_answer", temporary: true },
    });
    expect(calls()).toHaveLength(1);
  });
});

describe("the time limit of a WhatsApp send", () => {
  it("is ten seconds for the send with its retry", async () => {
    const timeout = vi.spyOn(AbortSignal, "timeout");
    await behave({ fail_next: [{ code: 2, http_status: 503 }] });
    await whatsApp.send(message);
    expect(timeout.mock.calls).toEqual([[10_000]]);
    const signal = timeout.mock.results[0]?.value;
    expect(calls()).toHaveLength(2);
    expect(calls().every(([, init]) => init?.signal === signal)).toBe(true);
  });

  it("ends a send that hangs, without a retry", async () => {
    const limit = new AbortController();
    vi.spyOn(AbortSignal, "timeout").mockReturnValue(limit.signal);
    vi.mocked(fetch).mockImplementationOnce(
      (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener("abort", () => reject(limit.signal.reason));
          limit.abort(new DOMException("The operation timed out", "TimeoutError"));
        }),
    );
    expect(await whatsApp.send(message)).toMatchObject({ kind: "unknown" });
    expect(calls()).toHaveLength(1);
  });
});

it("the logs contain neither code nor number after any failure", async () => {
  vi.mocked(fetch).mockRejectedValueOnce(new TypeError("Network connection lost."));
  await whatsApp.send(message);
  answerOnce(new Response(JSON.stringify(codePayload(message)), { status: 200 }));
  await whatsApp.send(message);
  expect(logLines).toHaveLength(2);
  expect(logLines.join()).not.toMatch(/482913|81234567890|an access token/);
});
