import { expect, it, vi } from "vitest";
import { newNumber, start, useDeployment } from "../deployment.ts";
import { codesIn, publish, put, review } from "../templates/rig.ts";

const deployment = useDeployment();
/** How long an isolate caches a template. */
const CACHE_PERIOD_MS = 60_000;

async function paused(name: string, language?: string) {
  await review(deployment, name, "PAUSED", language);
  await publish();
  vi.useFakeTimers({ now: Date.now() + CACHE_PERIOD_MS, toFake: ["Date"] });
}

async function firstMessage(more: object = {}) {
  const { status, body } = await start({ to: newNumber(), purpose: "brief", locale: "id", ...more });
  return [status, body.messages?.[0].channel, body.messages?.[0].template, body.messages?.[0].language];
}

it("a start uses the policy's fallback template once WhatsApp has paused the template, and the caller sees no error", async () => {
  await put("brief", codesIn("id", "en_US"));
  expect(await firstMessage()).toEqual([201, "whatsapp", "brief", "id"]);
  await paused("brief");
  expect(await firstMessage()).toEqual([201, "whatsapp", "verification_code", "id"]);
});

it("a start uses the template's default language first where only the user's language is paused", async () => {
  await put("brief", codesIn("id", "en_US"));
  await paused("brief", "id");
  expect(await firstMessage()).toEqual([201, "whatsapp", "brief", "en_US"]);
});

it("a start uses the next channel when the fallback template is paused as well, and answers 503 where there is none", async () => {
  await put("brief", codesIn("id", "en_US"));
  await paused("brief");
  await paused("verification_code");
  expect(await firstMessage({ channels: ["whatsapp", "sms"] })).toEqual([201, "sms", null, null]);
  const { status, headers, body } = await start({
    to: newNumber(),
    purpose: "brief",
    channels: ["whatsapp"],
  });
  expect([status, body.code, headers.get("retry-after")]).toEqual([503, "channel_unavailable", "60"]);
});
