import { Agent, request as httpRequest } from "node:http";

export interface Request {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

export interface Response {
  readonly status: number;
  readonly body: string;
}

/**
 * Idle connections are closed by this side. workerd closes its own after five seconds (`pipelineTimeout` of its
 * HTTP server), and a request sent on a connection at that very moment ends in "socket hang up".
 */
const IDLE_CONNECTION_MS = 2_000;

/** An HTTP client that keeps its connections, so that no measurement includes handshakes. */
export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS });

  post(port: number, { path, headers, body }: Request): Promise<Response> {
    const text = JSON.stringify(body);
    return this.#send(port, path, "POST", text, {
      ...headers,
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(text)),
    });
  }

  async get<Body>(port: number, path: string): Promise<Body> {
    const { body } = await this.#send(port, path, "GET", "", {});
    return JSON.parse(body) as Body;
  }

  async put(port: number, path: string): Promise<void> {
    await this.#send(port, path, "PUT", "", {});
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(
    port: number,
    path: string,
    method: string,
    text: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port, path, method, headers, agent: this.#agent };
      const request = httpRequest(options, (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => {
          body += chunk;
        });
        response.once("end", () => resolve({ status: response.statusCode ?? 0, body }));
        response.once("error", reject);
      });
      request.once("error", reject);
      request.end(text);
    });
  }
}
