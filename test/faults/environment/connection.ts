import { Agent, type IncomingHttpHeaders, request } from "node:http";

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Keep-alive connections to a Worker that is killed and restarted. */
export class Connection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });
  readonly #port: number;
  #up: Promise<void> = Promise.resolve();
  #resolveUp: () => void = () => {};

  constructor(port: number) {
    this.#port = port;
  }

  /** Resolves while the Worker runs; between {@link down} and {@link up}, waits. */
  whenUp(): Promise<void> {
    return this.#up;
  }

  down(): void {
    this.#up = new Promise((resolve) => {
      this.#resolveUp = resolve;
    });
  }

  up(): void {
    this.#resolveUp();
  }

  /** @returns null when the connection broke before a whole response */
  send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: string | Buffer,
  ): Promise<Reply | null> {
    return new Promise((resolve) => {
      const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
      const { host: _host, ...rest } = headers;
      const options = { host: "127.0.0.1", port: this.#port, agent: this.#agent, method, path };
      const call = request({ ...options, headers: { ...rest, ...length } }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        const { statusCode: status = 0, headers: answered } = response;
        response.once("end", () => resolve({ status, headers: answered, text }));
        response.once("error", () => resolve(null)).once("aborted", () => resolve(null));
      });
      call.once("error", () => resolve(null));
      call.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
