import { vi } from "vitest";
import { type Deployment, newNumber, statuses, unixNow } from "../deployment.ts";
import { GuardedService } from "../guard/guarded-service.ts";

/** The Worker in a fresh isolate, so that no circuit of another test is open. */
export function newService(): GuardedService {
  return new GuardedService({});
}

export interface Begun {
  readonly to: string;
  readonly id: string;
  readonly wamid: string;
}

/** Starts a verification for a new number. */
export async function begin(service: GuardedService, more: object = {}): Promise<Begun> {
  const to = newNumber();
  const { body } = await service.start({ to, ...more });
  return { to, id: body.id, wamid: body.messages[0].provider_message_id };
}

/** A status of a message with the callback data that its send carried. */
export function status({ to, id, wamid }: Begun, name: string, more: object = {}) {
  return {
    id: wamid,
    status: name,
    timestamp: String(unixNow()),
    recipient_id: to.slice(1),
    biz_opaque_callback_data: `${id}.0`,
    ...more,
  };
}

/** The webhook of a message that failed. */
export function failed(begun: Begun, code: number, more: object = {}) {
  return statuses(status(begun, "failed", { errors: [{ code, title: "(Meta's title)" }], ...more }));
}

/** Answers the next calls to WhatsApp with an error, those with the given language if one is given. */
export function refuseSends(deployment: Deployment, error: object, language?: string): string[] {
  const refused: string[] = [];
  vi.mocked(fetch).mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const body = await request.clone().text();
    const isMeant = language === undefined || body.includes(`"code":"${language}"`);
    if (!(request.url.endsWith("/messages") && isMeant)) return deployment.simulator.app.fetch(request);
    refused.push(body);
    return Response.json({ error }, { status: 400 });
  });
  return refused;
}
