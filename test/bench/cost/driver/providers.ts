import { ACCOUNT } from "../../../world/settings.ts";
/** A sent message: its code, and the callback data that the provider returns with its statuses. */
export interface SentMessage {
  readonly code: string;
  readonly callbackData: string;
}

interface WhatsAppMessage {
  readonly to: string;
  readonly biz_opaque_callback_data: string;
  readonly template: {
    readonly components: readonly { readonly parameters: readonly { readonly text: string }[] }[];
  };
}

interface Sms {
  readonly id: string;
  readonly to: string;
}

/** By number. */
const sentByWhatsApp = new Map<string, SentMessage>();
const sentBySms = new Map<string, string>();
let count = 0;

/** Removes and returns the last WhatsApp message to a number. */
export function takeWhatsAppMessage(to: string): SentMessage {
  const sent = sentByWhatsApp.get(to);
  if (sent === undefined) throw new Error("No WhatsApp message was sent to the number");
  sentByWhatsApp.delete(to);
  return sent;
}

/** Removes and returns the reference of the last SMS to a number. */
export function takeSms(to: string): string {
  const reference = sentBySms.get(to);
  if (reference === undefined) throw new Error("No SMS was sent to the number");
  sentBySms.delete(to);
  return reference;
}

/** WhatsApp's list of the account's templates: the fields of the shipped template that the Worker reads. */
const TEMPLATES = ["en_US", "id"].map((language) => ({
  id: `template_${language}`,
  name: "verification_code",
  language,
  status: "APPROVED",
  category: "AUTHENTICATION",
}));

/** What the daily run reads of the account's numbers; of anything else the doctor hears nothing. */
function aboutAccount(pathname: string): object {
  if (pathname.endsWith("/phone_numbers")) return { data: [{ id: ACCOUNT.phoneNumberId }] };
  return pathname.endsWith("/official_business_account") ? { oba_status: "PENDING" } : {};
}

/** Answers every request of the Worker immediately. Outgoing requests are free and not counted. */
globalThis.fetch = async (input, init) => {
  const { url } = new Request(input, init);
  const { hostname, pathname } = new URL(url);
  const text = typeof init?.body === "string" ? init.body : "";
  count += 1;
  if (hostname === "graph.facebook.com") {
    if (pathname.endsWith("/message_templates")) return Response.json({ data: TEMPLATES });
    if (text === "") return Response.json(aboutAccount(pathname));
    const { to, biz_opaque_callback_data: callbackData, template } = JSON.parse(text) as WhatsAppMessage;
    sentByWhatsApp.set(to, { callbackData, code: template.components[0]?.parameters[0]?.text ?? "" });
    return Response.json({ messages: [{ id: `wamid.${count}` }] });
  }
  if (hostname === "sms.example.com") {
    const { id, to } = JSON.parse(text) as Sms;
    sentBySms.set(to, id);
    return Response.json({ id: `SM${count}` });
  }
  return new Response(null, { status: 204 });
};

/** No request times out here; the driver's one long request could not hold that many timers. */
AbortSignal.timeout = () => new AbortController().signal;
