import { DurableObject } from "cloudflare:workers";

/**
 * A lower bound: a Worker that makes the same outside calls as Sandi and nothing else. A start calls the number's
 * object, which writes one row, calls its range's object after the response, which writes none, and sends a
 * message to WhatsApp. A check calls the number's object, which writes one row and sends an event to the queue.
 * There is no authentication, validation, decision or log.
 */
interface FloorEnv {
  readonly NUMBERS: DurableObjectNamespace<FloorNumber>;
  readonly RANGES: DurableObjectNamespace<FloorRange>;
  readonly EVENTS: Queue<Row>;
  readonly WHATSAPP_BASE_URL: string;
}

interface Row {
  readonly to: string;
  readonly code: string;
}

export class FloorNumber extends DurableObject<FloorEnv> {
  start(row: Row): void {
    this.#write(row, "pending");
  }

  check(row: Row): void {
    this.#write(row, "approved");
    // Not awaited before the response, as in Sandi.
    this.ctx.waitUntil(this.env.EVENTS.sendBatch([{ body: row }]));
  }

  /** The time makes every row differ: SQLite skips the write of an unchanged value. */
  #write(row: Row, status: string): void {
    this.ctx.storage.kv.put("row", { ...row, status, at: Date.now() });
  }
}

/** Reads its storage once, when it is constructed. */
export class FloorRange extends DurableObject<FloorEnv> {
  #sends = this.ctx.storage.kv.get<number>("sends") ?? 0;

  ask(): number {
    this.#sends += 1;
    return this.#sends;
  }
}

export default {
  async fetch(request, env, ctx) {
    const row = await request.json<Row>();
    const number = env.NUMBERS.getByName(row.to);
    if (request.url.endsWith("/check")) {
      await number.check(row);
      return Response.json({ valid: true });
    }
    ctx.waitUntil(env.RANGES.getByName(row.to.slice(0, -4)).ask());
    await number.start(row);
    const answer = await send(env.WHATSAPP_BASE_URL, row);
    return Response.json({ message_id: answer.messages[0]?.id }, { status: 201 });
  },
} satisfies ExportedHandler<FloorEnv>;

/** Sends the same bytes as Sandi, except for the callback data. */
async function send(baseUrl: string, { to, code }: Row): Promise<{ messages: { id: string }[] }> {
  const parameters = [{ type: "text", text: code }];
  const response = await fetch(`${baseUrl}/v26.0/100000000000001/messages`, {
    method: "POST",
    headers: { authorization: "Bearer t", "content-type": "application/json" },
    body: JSON.stringify({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to,
      biz_opaque_callback_data: "vrf_00000000000000000000000000:0",
      type: "template",
      template: {
        name: "verification_code",
        language: { code: "en_US" },
        components: [
          { type: "body", parameters },
          { type: "button", sub_type: "url", index: "0", parameters },
        ],
      },
    }),
  });
  return response.json();
}
