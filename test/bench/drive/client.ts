import { setTimeout as pause } from "node:timers/promises";

const ADMIN_KEY = "local-development-only-admin-key";
const TRIES = 4;

export interface Answer<Body = unknown> {
  readonly status: number;
  readonly retryAfterMs: number;
  readonly body: Body;
}

/** A careful caller of the API: repeats a call without an answer only where that is safe. */
export class Client {
  readonly #api: string;
  readonly #phone: string;
  /** Ends everything: the run's time is over, or somebody pressed Ctrl-C. */
  readonly signal: AbortSignal;
  repeated = 0;

  constructor(api: string, phone: string, signal: AbortSignal) {
    this.#api = api;
    this.#phone = phone;
    this.signal = signal;
  }

  get<Body>(path: string): Promise<Answer<Body>> {
    return this.#call(this.#api, path, {}, true);
  }

  delete<Body>(path: string): Promise<Answer<Body>> {
    return this.#call(this.#api, path, { method: "DELETE" }, true);
  }

  /** Without an idempotency key it is sent once and never again. */
  post<Body>(path: string, body: object, key: string | null): Promise<Answer<Body>> {
    const headers = key === null ? {} : { "idempotency-key": `"${key}"` };
    return this.#call(this.#api, path, { method: "POST", body: JSON.stringify(body), headers }, key !== null);
  }

  /** The code in the newest message that a number's phone shows. */
  async codeOn(number: string): Promise<string> {
    const path = `/_sim/messages?to=${encodeURIComponent(number)}`;
    const { body } = await this.#call<{ messages: { code: string }[] }>(this.#phone, path, {}, true);
    const [newest] = body.messages;
    if (newest === undefined) throw new Error(`The phone ${number} shows no message`);
    return newest.code;
  }

  async wait(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.signal });
  }

  async #call<Body>(base: string, path: string, init: RequestInit, isSafe: boolean): Promise<Answer<Body>> {
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, ...init.headers };
    for (let tries = 1; ; tries += 1) {
      try {
        const response = await fetch(base + path, { ...init, headers, signal: this.signal });
        const body = (await response.json()) as Body;
        const retryAfterMs = Number(response.headers.get("retry-after") ?? 1) * 1000;
        // The first call of this key still runs: this one is its repeat.
        const isRunning = response.status === 409 && isSafe && tries < TRIES;
        if (!isRunning) return { status: response.status, retryAfterMs, body };
        await this.wait(retryAfterMs);
      } catch (error) {
        if (this.signal.aborted || !isSafe || tries >= TRIES) throw error;
        this.repeated += 1;
        await this.wait(100 * 2 ** tries);
      }
    }
  }
}
