import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type DevProcess, freePorts, startDev } from "../world/dev.ts";

/** A sign-up by a message against `npm run dev`, with its queues, alarms and the phone. */

const KEY = { authorization: "Bearer local-development-only-admin-key" };
const USER = "+6281234567895";

let state: string;
let dev: DevProcess;

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "sandi-message-first-"));
  dev = await startDev(await freePorts(), state);
});

afterAll(async () => {
  await dev.signalAll("SIGTERM");
  await rm(state, { recursive: true, force: true });
});

async function call(path: string, body?: object) {
  const init = body && { method: "POST", body: JSON.stringify(body) };
  return (await fetch(`${dev.api}${path}`, { headers: KEY, ...init })).json();
}

async function inbound(body: object): Promise<void> {
  const response = await fetch(`${dev.phone}/_sim/inbound`, { method: "POST", body: JSON.stringify(body) });
  expect(await response.json()).toEqual({ webhook_status: 200 });
}

async function newestMessage() {
  const response = await fetch(`${dev.phone}/_sim/messages?to=${encodeURIComponent(USER)}`);
  const { messages } = (await response.json()) as {
    messages: { id: string; text: string; buttons: { text: string; payload: string }[] }[];
  };
  const [newest] = messages;
  if (newest === undefined) throw new Error("The phone has no message yet");
  return newest;
}

it("a user signs up by the text of the link, is answered on the phone, and takes it back by the button", async () => {
  const begun = await call("/v1/verifications", { purpose: "signup", method: "message", session: "s" });
  expect(begun).toMatchObject({ status: "pending", to: null });
  const text = new URL(begun.message_first.url).searchParams.get("text");
  await inbound({ from: USER, text });
  expect(await call(`/v1/verifications/${begun.id}`)).toMatchObject({
    status: "approved",
    to: USER,
    number_learned: true,
  });
  const answer = await vi.waitFor(newestMessage, { timeout: 20_000, interval: 200 });
  expect(answer).toMatchObject({
    text: expect.stringContaining("Done."),
    buttons: [{ text: "It wasn't me" }],
  });
  await inbound({ from: USER, button_payload: answer.buttons[0]?.payload, context_id: answer.id });
  expect(await call(`/v1/verifications/${begun.id}`)).toMatchObject({
    status: "failed",
    reason: "denied_by_user",
  });
  const listed = await vi.waitFor(
    async () => {
      const { data } = await call("/v1/verifications?purpose=signup");
      expect(data).toMatchObject([
        { id: begun.id, status: "failed", method: "message", number_learned: true },
      ]);
      return data;
    },
    { timeout: 30_000, interval: 500 },
  );
  expect(listed[0].to).toMatch(/\*{4}/);
});
