import { Hono } from "hono";
import * as z from "zod";
import { base64, hmac } from "../webhooks/hmac.ts";
import { randomHex, type SmsDesk } from "./desk.ts";
import { secretBytes } from "./options.ts";

const send = z.strictObject({
  id: z.string().min(1),
  to: z.string().regex(/^\+[1-9]\d{6,14}$/),
  text: z.string().min(1).max(1_600),
});

const TOLERANCE_SECONDS = 300;

/** The generic gateway: JSON, signed by Standard Webhooks. A repeated message is not sent again. */
export function httpRoutes(desk: SmsDesk, secret: string, callbackUrl: string): Hono {
  return new Hono().post("/", async (c) => {
    const body = await c.req.text();
    if (!(await isSigned(body, c.req.raw.headers, secret, desk.nowMs))) {
      return problem(401, "invalid_signature", "The signature is not valid");
    }
    const failure = await desk.nextFailure(c.req.raw.signal);
    if (failure) return problem(failure.http_status, String(failure.code), "Injected by the simulator");
    const parsed = send.safeParse(parse(body));
    if (!parsed.success) return problem(400, "invalid_request", z.prettifyError(parsed.error));

    const { id: reference, to, text } = parsed.data;
    if (c.req.header("webhook-id") !== reference) {
      return problem(400, "invalid_request", "webhook-id is not the message's id");
    }
    const known = desk.withReference("http", reference);
    if (known) return Response.json({ id: known.id }, { status: 202 });
    const id = `sms_${randomHex(24)}`;
    const from = "SMS";
    desk.accept({
      id,
      gateway: "http",
      from,
      to,
      text,
      callback_data: reference,
      callback_url: callbackUrl,
    });
    return Response.json({ id }, { status: 202 });
  });
}

async function isSigned(body: string, headers: Headers, secret: string, nowMs: number): Promise<boolean> {
  const [id, timestamp] = [headers.get("webhook-id"), headers.get("webhook-timestamp")];
  const age = Math.abs(nowMs / 1000 - Number(timestamp));
  if (id === null || timestamp === null || !(age <= TOLERANCE_SECONDS)) return false;
  const signature = `v1,${base64(await hmac("SHA-256", secretBytes(secret), `${id}.${timestamp}.${body}`))}`;
  return headers.get("webhook-signature")?.split(" ").includes(signature) ?? false;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function problem(status: number, code: string, title: string): Response {
  const body = { type: `urn:sms-gateway:${code}`, title, status, code };
  return Response.json(body, { status, headers: { "Content-Type": "application/problem+json" } });
}
