import { command } from "./curl.ts";
import type { Samples } from "./samples.ts";
import { TWILIO_LINES, twilioSetUp } from "./twilio.ts";

/** One step of the quick start: what it is, why, and how. The steps continue each other. */
export interface Step {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly samples: Samples;
}

/** From the first code to the first event. */
export function quickStart(origin: string): readonly Step[] {
  const curl = (path: string, body: object) => command(origin + path, "post", body);
  return [
    {
      id: "send-a-code",
      title: "Send a code",
      text: "The answer has the `id` of the verification. The code itself is only on the user's phone.",
      samples: {
        curl: `export SANDI_KEY='your key'

${curl("/v1/verifications", { to: "+6281234567890", locale: "id" })}`,
        typescript: `import { Sandi } from "sandi/client";

const sandi = new Sandi({
  url: "${origin}",
  key: process.env.SANDI_KEY,
});
const { id } = await sandi.verifications.start({
  to: "+6281234567890",
  locale: "id",
});`,
        twilio: `${twilioSetUp(origin)}

${TWILIO_LINES.startVerification}`,
      },
    },
    {
      id: "check-the-code",
      title: "Check what the user types",
      text: "`valid` is true once, for the right code in time. A wrong one is answered with 200 as well.",
      samples: {
        curl: curl("/v1/verifications/$VERIFICATION_ID/check", { code: "482913" }),
        typescript: `const { valid } = await sandi.verifications.check(id, {
  code: "482913",
});`,
        twilio: TWILIO_LINES.checkVerification ?? "",
      },
    },
    {
      id: "receive-events",
      title: "React to events",
      text:
        "Register an endpoint of yours, once, and keep the `secret` of the answer. From then on it receives " +
        "[events](#events).",
      samples: {
        curl: curl("/v1/webhook-endpoints", { url: "https://shop.example.com/hooks/sandi" }),
        typescript: `const { secret } = await sandi.webhookEndpoints.create({
  url: "https://shop.example.com/hooks/sandi",
});`,
      },
    },
  ];
}

/** A receiver of events. */
export const RECEIVER = `import { createServer } from "node:http";
import { verifyEvent } from "sandi/webhooks";

const secret = process.env.SANDI_WEBHOOK_SECRET;
createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString();
  const event = verifyEvent(body, request.headers, secret);
  if (event.type === "verification.approved") {
    console.log(event.data.to);
  }
  response.writeHead(204).end();
}).listen(4000);`;
