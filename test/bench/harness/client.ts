import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";

export interface Request {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON, or as a form. */
  readonly body: object | URLSearchParams;
}

export interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
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
    const isForm = body instanceof URLSearchParams;
    const text = isForm ? body.toString() : JSON.stringify(body);
    return this.#send(port, path, "POST", text, {
      ...headers,
      "content-type": isForm ? "application/x-www-form-urlencoded" : "application/json",
      "content-length": String(Buffer.byteLength(text)),
    });
  }

  async get<Body>(port: number, path: string): Promise<Body> {
    return JSON.parse((await this.open(port, path)).body) as Body;
  }

  /** Reads a page. */
  open(port: number, path: string, headers: Request["headers"] = {}): Promise<Response> {
    return this.#send(port, path, "GET", "", headers);
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
        const { statusCode: status = 0, headers: answered } = response;
        response.once("end", () => resolve({ status, headers: answered, body }));
        response.once("error", reject);
      });
      request.once("error", reject);
      request.end(text);
    });
  }
}
