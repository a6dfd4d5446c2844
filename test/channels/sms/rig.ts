import { afterEach, beforeEach, vi } from "vitest";
import type { SmsCallback } from "../../../src/channels/sms/gateway.ts";
import type { E164 } from "../../../src/numbering/e164.ts";
import { createRig, type Rig } from "../../simulator/rig.ts";

export const HOST = "https://sms.test";
export const CALLBACK_URL = "https://sandi.test/webhooks/sms";
export const SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
export const SIGNATURE_SECRET = "a signature secret";
export const ID = "vrf_0123456789abcdef0123456784";

export const sms = {
  to: "+6281234567890" as E164,
  text: "482913 is your Example code. Do not share it with anyone.",
  callbackData: `${ID}.1`,
};

export interface ReceivedSms {
  readonly id: string;
  readonly text: string;
  readonly callback_data: string | null;
}

/** Replaces the network with the simulator's gateways before each test. */
export interface SmsRig {
  rig: Rig;
  /** The callbacks of the gateways. */
  readonly callbacks: SmsCallback[];
  readonly logLines: string[];
  behave(behaviour: object): Promise<Response>;
  received(): Promise<ReceivedSms[]>;
  /** Has the gateway report a status of the newest SMS and returns the callback. */
  reported(status: string, errorCode?: number): Promise<SmsCallback>;
}

export function useSmsRig(): SmsRig {
  const callbacks: SmsCallback[] = [];
  const logLines: string[] = [];
  const start = () =>
    createRig({
      now: Date.now,
      sms: { callbackUrl: CALLBACK_URL, secret: SECRET, signatureSecret: SIGNATURE_SECRET },
      deliver: async (request) => {
        const { url, headers } = request;
        callbacks.push({ url, headers, rawBody: new Uint8Array(await request.arrayBuffer()) });
        return new Response();
      },
    });
  const setup: SmsRig = {
    rig: start(),
    callbacks,
    logLines,
    behave: (behaviour) => setup.rig.control("PUT", "/behaviour", behaviour),
    async received() {
      const answer = await setup.rig.control("GET", "/messages");
      return (await answer.json<{ messages: ReceivedSms[] }>()).messages;
    },
    async reported(status, error_code) {
      const [newest] = await setup.received();
      await setup.rig.control("POST", `/messages/${newest?.id}/status`, {
        status,
        ...(error_code !== undefined && { error_code }),
      });
      const callback = callbacks.at(-1);
      if (callback === undefined) throw new Error("The gateway made no callback");
      return callback;
    },
  };
  beforeEach(async () => {
    setup.rig = start();
    callbacks.length = 0;
    logLines.length = 0;
    await setup.behave({ delivery: "manual" });
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) =>
      setup.rig.simulator.app.fetch(new Request(input, init)),
    );
    vi.spyOn(console, "warn").mockImplementation((line) => void logLines.push(line));
  });
  afterEach(() => {
    setup.rig.simulator.close();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
  return setup;
}

/** A signal that never aborts; the channel's tests cover the time limit. */
export const forever = new AbortController().signal;

/** The latest request to a gateway. */
export function lastRequest() {
  const [url, init] = vi.mocked(fetch).mock.calls.at(-1) ?? [];
  return { url: String(url), init, headers: new Headers(init?.headers), body: String(init?.body) };
}

/** A modified copy of a callback. */
export function tampered(
  callback: SmsCallback,
  change: { url?: string; headers?: Record<string, string | null>; body?: (text: string) => string },
): SmsCallback {
  const headers = new Headers(callback.headers);
  for (const [name, value] of Object.entries(change.headers ?? {})) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  const text = new TextDecoder().decode(callback.rawBody);
  const rawBody = new TextEncoder().encode(change.body?.(text) ?? text);
  return { url: change.url ?? callback.url, headers, rawBody };
}
