/**
 * A stand-in for WhatsApp's Cloud API in a process of its own, as fast as Node can be: it answers every message
 * in Meta's format after a configurable latency and keeps the last code sent to each number. Started by `fork`;
 * its first message to the parent process is {@link WhatsAppPorts}.
 */
import { createServer, type RequestListener, type Server } from "node:http";

export interface WhatsAppPorts {
  /** Accepts messages. */
  readonly api: number;
  /** `GET /codes`: the last code of each number, cleared by reading; `PUT /latency/<ms>`. */
  readonly control: number;
}

interface Message {
  readonly to: string;
  readonly template: { readonly components: readonly { parameters: readonly { text: string }[] }[] };
}

const codes = new Map<string, string>();
let latencyMs = 0;
let count = 0;

/** A message id ends in the microseconds that the message was held, which callers subtract from their wait. */
const api: RequestListener = (request, response) => {
  const arrivedAt = performance.now();
  let text = "";
  request.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  request.once("end", () => {
    const { to, template } = JSON.parse(text) as Message;
    codes.set(`+${to}`, template.components[0]?.parameters[0]?.text ?? "");
    const answer = () => {
      count += 1;
      const heldMicroseconds = Math.round((performance.now() - arrivedAt) * 1000);
      const messages = [{ id: `wamid.${count}.${heldMicroseconds}`, message_status: "accepted" }];
      const contacts = [{ input: to, wa_id: to }];
      const body = JSON.stringify({ messaging_product: "whatsapp", contacts, messages });
      response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
      response.end(body);
    };
    if (latencyMs === 0) answer();
    else setTimeout(answer, latencyMs);
  });
};

const control: RequestListener = ({ method, url = "" }, response) => {
  if (method === "GET") {
    response.end(JSON.stringify(Object.fromEntries(codes)));
    codes.clear();
  } else {
    latencyMs = Number(url.split("/").at(-1));
    response.end();
  }
};

const [apiPort, controlPort] = await Promise.all([listen(api), listen(control)]);
process.once("disconnect", () => process.exit());
process.send?.({ api: apiPort, control: controlPort } satisfies WhatsAppPorts);

function listen(listener: RequestListener): Promise<number> {
  const server: Server = createServer({ keepAliveTimeout: 60_000 }, listener);
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
