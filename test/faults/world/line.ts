import { Agent, request } from "node:http";

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** The line to the Worker: connections that are kept, and broken whenever it is killed. */
export class Line {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });
  readonly #port: number;
  #up: Promise<void> = Promise.resolve();
  #connect: () => void = () => {};

  constructor(port: number) {
    this.#port = port;
  }

  /** Whoever asks waits while nobody is there. */
  isUp(): Promise<void> {
    return this.#up;
  }

  down(): void {
    this.#up = new Promise((resolve) => {
      this.#connect = resolve;
    });
  }

  up(): void {
    this.#connect();
  }

  /** Null where no answer came. */
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
        response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
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
