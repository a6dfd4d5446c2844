import { setTimeout as pause } from "node:timers/promises";

const ADMIN_KEY = "local-development-only-admin-key";
const MAX_TRIES = 4;

export interface ApiResponse<Body = unknown> {
  readonly status: number;
  readonly retryAfterMs: number;
  readonly body: Body;
}

/** A client of the API that repeats a request without a response only when it is safe to repeat. */
export class Client {
  readonly #api: string;
  readonly #phone: string;
  /** Aborts every request and wait: at the run's time limit, or on Ctrl-C. */
  readonly signal: AbortSignal;
  /** The number of repeated requests. */
  repeated = 0;

  constructor(api: string, phone: string, signal: AbortSignal) {
    this.#api = api;
    this.#phone = phone;
    this.signal = signal;
  }

  get<Body>(path: string): Promise<ApiResponse<Body>> {
    return this.#call(this.#api, path, {}, true);
  }

  delete<Body>(path: string): Promise<ApiResponse<Body>> {
    return this.#call(this.#api, path, { method: "DELETE" }, true);
  }

  /** @param key The idempotency key; without one, the request is never repeated. */
  post<Body>(path: string, body: object, key: string | null): Promise<ApiResponse<Body>> {
    const headers = key === null ? {} : { "idempotency-key": `"${key}"` };
    return this.#call(this.#api, path, { method: "POST", body: JSON.stringify(body), headers }, key !== null);
  }

  /** The code in the newest message on the simulated phone of a number. */
  async codeOn(number: string): Promise<string> {
    const path = `/_sim/messages?to=${encodeURIComponent(number)}`;
    const { body } = await this.#call<{ messages: { code: string }[] }>(this.#phone, path, {}, true);
    const [newest] = body.messages;
    if (newest === undefined) throw new Error(`The phone of ${number} has no message`);
    return newest.code;
  }

  async wait(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.signal });
  }

  async #call<Body>(
    base: string,
    path: string,
    init: RequestInit,
    isSafe: boolean,
  ): Promise<ApiResponse<Body>> {
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, ...init.headers };
    for (let tries = 1; ; tries += 1) {
      try {
        const response = await fetch(base + path, { ...init, headers, signal: this.signal });
        const body = (await response.json()) as Body;
        const retryAfterMs = Number(response.headers.get("retry-after") ?? 1) * 1000;
        // The first request with this key is still being processed.
        const isRunning = response.status === 409 && isSafe && tries < MAX_TRIES;
        if (!isRunning) return { status: response.status, retryAfterMs, body };
        await this.wait(retryAfterMs);
      } catch (error) {
        if (this.signal.aborted || !isSafe || tries >= MAX_TRIES) throw error;
        this.repeated += 1;
        await this.wait(100 * 2 ** tries);
      }
    }
  }
}
