import { Agent, request as call } from "node:http";
import type { Operation } from "./document.ts";

/** A request as it is sent. */
export interface FuzzRequest {
  readonly method: string;
  /** Path and query, without white space; each character is one byte. */
  readonly target: string;
  /** In order, with repetitions; each character is one byte. */
  readonly headers: readonly Header[];
  readonly body: Buffer | null;
  /** Signs the bytes when they are sent; null for an unsigned or wrongly signed request. */
  readonly signer: Signer | null;
  /** The documented call; null once a mutation has changed the method or path. */
  readonly operation: Operation | null;
}

export type Signer = (body: Buffer) => readonly Header[];

export type Header = readonly [name: string, value: string];

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** Why there is no response. */
export type NoResponse = "hang" | "broken connection";

/** Of every request, whichever port the Worker listens on: the routes of sign-in are at this host only. */
const HOST = "127.0.0.1";
export const ISSUER = `http://${HOST}`;

/** Far beyond the time of any request, also on a busy machine. */
const TIME_LIMIT_MS = 20_000;

/** Keep-alive connections to the Worker. */
export class Connection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  async send(request: FuzzRequest): Promise<Answer | NoResponse> {
    const first = await this.#try(request);
    // The server may close a kept connection at the moment of reuse.
    return first === "reused" ? retried(await this.#try(request)) : first;
  }

  close(): void {
    this.#agent.destroy();
  }

  #try({ method, target, headers, body, signer }: FuzzRequest): Promise<Answer | NoResponse | "reused"> {
    return new Promise((resolve) => {
      const isChunked = headers.some(([name]) => name === "transfer-encoding");
      const length: Header[] =
        body === null || isChunked ? [] : [["content-length", String(body.byteLength)]];
      const all: Header[] = [
        ["host", HOST],
        ...headers,
        ...(signer?.(body ?? Buffer.alloc(0)) ?? []),
        ...length,
      ];
      const options = { host: "127.0.0.1", port: this.#port, method, path: target, agent: this.#agent };
      const sent = call({ ...options, headers: all.flat() }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", () => resolve("broken connection"));
        response.once("end", () => {
          clearTimeout(timer);
          const headers = response.headers as Answer["headers"];
          resolve({ status: response.statusCode ?? 0, headers, text: Buffer.concat(chunks).toString() });
        });
      });
      const timer = setTimeout(() => {
        resolve("hang");
        sent.destroy();
      }, TIME_LIMIT_MS);
      sent.once("error", () => {
        clearTimeout(timer);
        resolve(sent.reusedSocket ? "reused" : "broken connection");
      });
      sent.end(body ?? undefined);
    });
  }
}

function retried(second: Answer | NoResponse | "reused"): Answer | NoResponse {
  return second === "reused" ? "broken connection" : second;
}
