/** A message that went out: the code in it, and what its provider is to echo. */
export interface Sent {
  readonly code: string;
  readonly reference: string;
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

/** By number, without the plus sign. */
const sentByWhatsApp = new Map<string, Sent>();
const sentBySms = new Map<string, string>();
let count = 0;

/** What went to a number last over WhatsApp. Taken out, for nobody asks twice. */
export function takeSent(to: string): Sent {
  const sent = sentByWhatsApp.get(to.slice(1));
  if (sent === undefined) throw new Error("Nothing went to a number");
  sentByWhatsApp.delete(to.slice(1));
  return sent;
}

/** The reference of the SMS that went to a number. */
export function takeSms(to: string): string {
  const reference = sentBySms.get(to);
  if (reference === undefined) throw new Error("No SMS went to a number");
  sentBySms.delete(to);
  return reference;
}

/** What WhatsApp lists of the account: the template that ships, as far as the Worker reads it. */
const TEMPLATES = ["en_US", "id"].map((language) => ({
  id: `template_${language}`,
  name: "verification_code",
  language,
  status: "APPROVED",
  category: "AUTHENTICATION",
}));

/** Whatever the Worker fetches is answered here and at once. Fetching is free. */
globalThis.fetch = async (input, init) => {
  const { url } = new Request(input, init);
  const { hostname, pathname } = new URL(url);
  const text = typeof init?.body === "string" ? init.body : "";
  count += 1;
  if (hostname === "graph.facebook.com") {
    if (pathname.endsWith("/message_templates")) return Response.json({ data: TEMPLATES });
    const { to, biz_opaque_callback_data: reference, template } = JSON.parse(text) as WhatsAppMessage;
    sentByWhatsApp.set(to, { reference, code: template.components[0]?.parameters[0]?.text ?? "" });
    return Response.json({ messages: [{ id: `wamid.${count}` }] });
  }
  if (hostname === "sms.example.com") {
    const { id, to } = JSON.parse(text) as Sms;
    sentBySms.set(to, id);
    return Response.json({ id: `SM${count}` });
  }
  return new Response(null, { status: 204 });
};

/** Nobody's patience ends, and the driver's one long request may not have as many timers as it would take. */
AbortSignal.timeout = () => new AbortController().signal;
