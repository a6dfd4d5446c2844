import { type Request, Response } from "miniflare";
import { createSimulator, type Simulator } from "../../simulator/simulator.ts";
import { ACCESS_TOKEN, ACCOUNT, APP_SECRET, SMS_SECRET } from "./settings.ts";

/** A message that went out, as webhooks about it name it. */
export interface Sent {
  /** Digits only. */
  readonly to: string;
  readonly id: string;
  readonly reference: string | null;
  readonly code: string | null;
}

interface Payload {
  readonly to: string;
  readonly biz_opaque_callback_data?: string;
  readonly template?: {
    readonly components?: readonly { readonly parameters?: readonly { text?: string }[] }[];
  };
}

/**
 * The world outside the Worker in perfect health: WhatsApp takes every message, the simulator keeps its templates,
 * and whoever else is posted to answers 200. So every 5xx is the Worker's own.
 */
export class Outside {
  readonly #simulator: Simulator;
  readonly #onSent: (sent: Sent) => void;
  #count = 0;

  constructor(onSent: (sent: Sent) => void) {
    this.#onSent = onSent;
    this.#simulator = createSimulator({
      ...ACCOUNT,
      appSecret: APP_SECRET,
      accessToken: ACCESS_TOKEN,
      webhookUrl: "https://sandi.example.com/webhooks/whatsapp",
      sms: { callbackUrl: "https://sandi.example.com/webhooks/sms", secret: SMS_SECRET },
      // The fuzzer brings the webhooks.
      deliver: () => Promise.resolve(new globalThis.Response()),
    });
  }

  async answer(request: Request): Promise<Response> {
    const { hostname, pathname, search } = new URL(request.url);
    const body = await request.text();
    if (hostname !== "graph.facebook.com") return Response.json({ id: this.#name("SM") });
    if (pathname.endsWith("/messages")) return this.#accept(JSON.parse(body) as Payload);
    const init = { method: request.method, headers: [...request.headers], ...(body !== "" && { body }) };
    const answered = await this.#simulator.app.request(pathname + search, init);
    return new Response(await answered.text(), {
      status: answered.status,
      headers: { "content-type": answered.headers.get("content-type") ?? "text/plain" },
    });
  }

  close(): void {
    this.#simulator.close();
  }

  #accept({ to, biz_opaque_callback_data, template }: Payload): Response {
    const id = this.#name("wamid.");
    const reference = biz_opaque_callback_data ?? null;
    const code = template?.components?.[0]?.parameters?.[0]?.text ?? null;
    this.#onSent({ to, id, reference, code });
    return Response.json({
      messaging_product: "whatsapp",
      contacts: [{ input: to, wa_id: to }],
      messages: [{ id, message_status: "accepted" }],
    });
  }

  #name(prefix: string): string {
    this.#count += 1;
    return prefix + this.#count;
  }
}
