import { createHmac } from "node:crypto";
import { signWebhook } from "../../../../src/platform/standard-webhooks.ts";
import type { Story } from "../protocol.ts";
import { request } from "./invoke.ts";
import { takeSent, takeSms } from "./outside.ts";
import { at } from "./timeline.ts";

/** What a start says of its user besides the number. */
export interface User {
  readonly to: string;
  readonly named: {
    readonly client: { readonly ip: string };
    readonly limits: { readonly account: string };
  } | null;
}

export const AUTHORIZATION = { authorization: "Bearer benchmark-admin-key-0123456789abcdef" };

/** One verification, from its start to the right code. What comes after that, the objects' own alarms bring. */
export async function begin({ to, named }: User, story: Story): Promise<void> {
  const startedAt = Date.now();
  const response = await request(
    "POST",
    "/v1/verifications",
    AUTHORIZATION,
    JSON.stringify({ to, ...named }),
  );
  const text = await response.text();
  if (response.status !== 201) throw new Error(`A start was answered ${response.status} ${text}`);
  const { id } = JSON.parse(text) as { id: string };
  const { code, reference } = takeSent(to);
  const after = (milliseconds: number, work: () => Promise<void>) => at(startedAt + milliseconds, work);
  const whatsApp = (status: string) => () => tellStatus(to, reference, status);

  after(800, whatsApp("sent"));
  if (story === "whatsapp") {
    after(1_600, whatsApp("delivered"));
    after(9_000, whatsApp("read"));
  } else {
    let sms = "";
    after(2_000, whatsApp("failed"));
    after(3_000, async () => {
      sms = takeSms(to);
      await tellSms(sms, "sent");
    });
    after(5_000, () => tellSms(sms, "delivered"));
  }
  after(14_000, () => check(id, code));
}

async function check(id: string, code: string): Promise<void> {
  const path = `/v1/verifications/${id}/check`;
  const response = await request("POST", path, AUTHORIZATION, JSON.stringify({ code }));
  const text = await response.text();
  if (!text.includes('"valid":true')) throw new Error(`A right code was answered ${response.status} ${text}`);
}

/** One status a call, as Meta mostly brings them. */
async function tellStatus(to: string, reference: string, status: string): Promise<void> {
  const told = {
    id: `wamid.${reference}`,
    status,
    timestamp: seconds(),
    recipient_id: to.slice(1),
    biz_opaque_callback_data: reference,
    ...(status === "failed"
      ? { errors: [{ code: 131026, title: "Message undeliverable" }] }
      : { pricing: { billable: true, pricing_model: "PMP", category: "authentication" } }),
  };
  const metadata = { display_phone_number: "12065550100", phone_number_id: "100000000000001" };
  const value = { messaging_product: "whatsapp", metadata, statuses: [told] };
  const entry = [{ id: "200000000000002", changes: [{ field: "messages", value }] }];
  const body = JSON.stringify({ object: "whatsapp_business_account", entry });
  const hex = createHmac("sha256", "s").update(body).digest("hex");
  await expectSuccess(
    request("POST", "/webhooks/whatsapp", { "x-hub-signature-256": `sha256=${hex}` }, body),
  );
}

async function tellSms(ref: string, status: string): Promise<void> {
  const body = JSON.stringify({ ref, id: `SM${ref.length}`, status });
  const headers = signWebhook(`msg_${ref}_${status}`, Date.now(), body, [
    "whsec_YmVuY2htYXJrLXNtcy1zZWNyZXQtMDEyMzQ1Njc4OWFi",
  ]);
  await expectSuccess(request("POST", "/webhooks/sms", headers, body));
}

async function expectSuccess(answer: Promise<Response>): Promise<void> {
  const { status } = await answer;
  if (status >= 300) throw new Error(`A webhook was answered ${status}`);
}

function seconds(): string {
  return String(Math.floor(Date.now() / 1000));
}
