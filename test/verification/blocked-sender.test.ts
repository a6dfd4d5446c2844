import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { deploy } from "../../src/deployment.ts";
import { parseE164 } from "../../src/numbering/e164.ts";
import { api, control, messagesTo, newNumber, start, useDeployment } from "../deployment.ts";
import { START_REQUEST } from "./fixtures.ts";

const deployment = useDeployment();

it("two hundred concurrent users get their code by SMS while the WhatsApp sender is blocked, which gets at most three calls", async () => {
  let calls = 0;
  vi.mocked(fetch).mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    if (request.url.startsWith("https://sms.test/")) return deployment.simulator.app.fetch(request);
    calls += 1;
    return Response.json({ error: { code: 131031 } }, { status: 403 });
  });
  const { verifications } = deploy(env);
  const numbers = Array.from({ length: 200 }, newNumber);
  const answers = await Promise.all(
    numbers.map((number) => {
      const to = parseE164(number);
      if (to === null) throw new Error(`${number} is not a phone number`);
      const request = { ...START_REQUEST, to, purpose: "either" };
      return verifications.start({ ...request, channels: ["whatsapp", "sms"] }, null, () => {});
    }),
  );
  expect(calls).toBeLessThanOrEqual(3);
  for (const answer of answers) {
    expect(answer).toMatchObject({ kind: "send_answer", failure: null, verification: { channel: "sms" } });
  }
  for (const number of numbers) {
    expect((await messagesTo(deployment, number)).map(({ channel }) => channel)).toEqual(["sms"]);
  }
}, 30_000);

it("thirty codes arrive by a sender that WhatsApp lets send twenty a second, and nothing is told as an outage", async () => {
  await control(deployment, "PUT", "/behaviour", { messages_per_second: 20 });
  const numbers = Array.from({ length: 30 }, newNumber);
  const answers = await Promise.all(numbers.map((to) => start({ to })));
  expect(answers.map(({ status }) => status)).toEqual(numbers.map(() => 201));
  for (const to of numbers) expect(await messagesTo(deployment, to)).toHaveLength(1);
  // Ten at least were refused first.
  expect(deployment.graphCalls.length).toBeGreaterThanOrEqual(40);
  expect((await api("GET", "/health")).body).toMatchObject({ status: "ok", resting: [] });
  expect(deployment.logLines.filter((line) => line.includes("130429"))).toEqual([]);
});

it("a code that finds no room for two seconds goes by SMS, and without one the answer says to wait a second", async () => {
  const overThroughput = Array.from({ length: 200 }, () => ({ http_status: 400, code: 130429 }));
  await control(deployment, "PUT", "/behaviour", { fail_next: overThroughput });
  const [bySms, refused] = await Promise.all([
    start({ to: newNumber(), purpose: "either", channels: ["whatsapp", "sms"] }),
    start({ to: newNumber() }),
  ]);
  expect(bySms.body).toMatchObject({ status: "pending", channel: "sms" });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(refused.body).toMatchObject({ code: "channel_unavailable" });
  expect((await api("GET", "/health")).body).toMatchObject({ status: "ok", resting: [] });
});
