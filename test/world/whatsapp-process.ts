/**
 * The stand-in for WhatsApp in load tests, in its own process and without the simulator, as fast as Node allows:
 * it answers every message after the latency that is set, and keeps the last code of each number. Started with
 * `fork`; its first message to the parent is {@link WhatsAppPorts}.
 */
import type { RequestListener } from "node:http";
import { acceptance, readMessage } from "./messages.ts";
import { listen, readBody, respondJson } from "./network.ts";

export interface WhatsAppPorts {
  /** Where the Worker sends messages. */
  readonly api: number;
  /**
   * `GET /codes` takes the last code of each number; `PUT /latency/{ms}` sets the latency; `PUT /unreachable/{start}` has
   * messages refused to the numbers that begin so.
   */
  readonly control: number;
}

const codes = new Map<string, string>();
let latencyMs = 0;
let unreachable: string | null = null;
let count = 0;

/** The message id ends in the microseconds that the message was held, so that callers can subtract them. */
const api: RequestListener = async (request, response) => {
  const receivedAt = performance.now();
  const body = await readBody(request);
  const message = body === null ? null : readMessage(request.url ?? "", body);
  if (message === null) return respondJson(response, 404);
  codes.set(message.number, message.code ?? "");
  const answer = () => {
    if (unreachable !== null && message.number.startsWith(unreachable)) {
      return respondJson(response, 400, { error: { code: 131026, message: "Message undeliverable" } });
    }
    count += 1;
    const heldMicroseconds = Math.round((performance.now() - receivedAt) * 1000);
    respondJson(response, 200, acceptance(message, `wamid.${count}.${heldMicroseconds}`));
  };
  if (latencyMs === 0) answer();
  else setTimeout(answer, latencyMs);
};

const control: RequestListener = ({ method, url = "" }, response) => {
  if (method === "GET") {
    respondJson(response, 200, Object.fromEntries(codes));
    codes.clear();
  } else {
    const [, setting, value = ""] = url.split("/");
    if (setting === "unreachable") unreachable = value;
    else latencyMs = Number(value);
    respondJson(response, 200);
  }
};

const [apiServer, controlServer] = await Promise.all([listen(api), listen(control)]);
process.once("disconnect", () => process.exit());
process.send?.({ api: apiServer.port, control: controlServer.port } satisfies WhatsAppPorts);
