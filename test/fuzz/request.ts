import { Agent, request as call } from "node:http";
import type { Operation } from "./document.ts";

/** A request as it goes over the wire. */
export interface FuzzRequest {
  readonly method: string;
  /** Path and query: no white space, each character one byte. */
  readonly target: string;
  /** In this order, repetitions included; each character one byte. */
  readonly headers: readonly Header[];
  readonly body: Buffer | null;
  /** Who signs the bytes as they are sent; null where nobody does, or somebody did so wrongly. */
  readonly signer: Signer | null;
  /** The documented call that this is, as long as its method and path are whole. */
  readonly operation: Operation | null;
}

export type Signer = (body: Buffer) => readonly Header[];

export type Header = readonly [name: string, value: string];

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** Why there is no answer. */
export type Silence = "hang" | "broken connection";

/** Far beyond what anything here takes, on a busy machine too. */
const TIME_LIMIT_MS = 20_000;

/** Connections to the Worker, kept open. */
export class Line {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  async send(request: FuzzRequest): Promise<Answer | Silence> {
    const first = await this.#try(request);
    // A connection that was kept may have been closed in this very moment.
    return first === "reused" ? retried(await this.#try(request)) : first;
  }

  close(): void {
    this.#agent.destroy();
  }

  #try({ method, target, headers, body, signer }: FuzzRequest): Promise<Answer | Silence | "reused"> {
    return new Promise((resolve) => {
      const isChunked = headers.some(([name]) => name === "transfer-encoding");
      const length: Header[] =
        body === null || isChunked ? [] : [["content-length", String(body.byteLength)]];
      const all: Header[] = [
        ["host", `127.0.0.1:${this.#port}`],
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

function retried(second: Answer | Silence | "reused"): Answer | Silence {
  return second === "reused" ? "broken connection" : second;
}
