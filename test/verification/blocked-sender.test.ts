import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { deploy } from "../../src/deployment.ts";
import { parseE164 } from "../../src/numbering/e164.ts";
import { messagesTo, newNumber, useDeployment } from "../deployment.ts";
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
