import { SandiError } from "./error.ts";
import type { Problem } from "./generated/types.ts";
import {
  type CallOptions,
  type Fetch,
  type KeyedCallOptions,
  type SandiOptions,
  type Sleep,
  sleep,
} from "./options.ts";
import { retryDelay } from "./retry.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A call, as the API description has it. */
export interface Call {
  readonly method: Method;
  /** With its ids in it. */
  readonly path: string;
  readonly query?: object | undefined;
  readonly body?: object | undefined;
  /** Whether it takes an `Idempotency-Key`. */
  readonly keyed?: boolean;
}

/** Repeating one of these has the effect of the first. */
const REPEATABLE: readonly Method[] = ["GET", "PUT", "DELETE"];

/** Sends calls to one deployment. */
export class Connection {
  readonly #url: string;
  readonly #key: string;
  readonly #options: SandiOptions;
  readonly #fetch: Fetch;
  readonly #sleep: Sleep;

  /** @throws TypeError without a URL or a key. */
  constructor(options: SandiOptions) {
    this.#url = addressOf(options.url);
    if (!options.key) throw new TypeError("Give the API key of your deployment as `key`");
    this.#key = options.key;
    this.#options = options;
    this.#sleep = options.sleep ?? sleep;
    // Called as a function of its own: a Worker's `fetch` rejects another `this`.
    const { fetch = (url, init) => globalThis.fetch(url, init) } = options;
    this.#fetch = fetch;
  }

  /**
   * Sends a call, and again while that is harmless and may help.
   *
   * @returns The answer's body; the caller names its type, which the API description states.
   * @throws SandiError, or the reason of `options.signal`.
   */
  async send<Answer>(call: Call, options: KeyedCallOptions = {}): Promise<Answer> {
    const retries = options.retries ?? this.#options.retries ?? 2;
    const idempotencyKey = call.keyed ? (options.idempotencyKey ?? newKey(retries)) : undefined;
    const canRepeat = idempotencyKey !== undefined || REPEATABLE.includes(call.method);
    const init = this.#init(call, options.app, idempotencyKey);
    for (let attempt = 0; ; attempt += 1) {
      try {
        return (await this.#attempt(call, init, options)) as Answer;
      } catch (error) {
        if (!(error instanceof SandiError) || !canRepeat || attempt >= retries) throw error;
        const delay = retryDelay(error, attempt);
        if (delay === null) throw error;
        await this.#sleep(delay, options.signal);
      }
    }
  }

  #init({ method, body }: Call, app = this.#options.app, idempotencyKey?: string): RequestInit {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#key}` };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (app !== undefined) headers["sandi-app"] = app;
    if (idempotencyKey !== undefined) headers["idempotency-key"] = idempotencyKey;
    // Sandi never redirects, and another address must not learn the key.
    return { method, headers, body: body === undefined ? null : JSON.stringify(body), redirect: "manual" };
  }

  async #attempt({ path, query }: Call, init: RequestInit, options: CallOptions): Promise<unknown> {
    const { signal } = options;
    signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(options.timeoutMs ?? this.#options.timeoutMs ?? 30_000);
    try {
      const response = await this.#fetch(`${this.#url}${path}${toQuery(query)}`, {
        ...init,
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      return read(response, await response.text());
    } catch (error) {
      if (error instanceof SandiError) throw error;
      signal?.throwIfAborted();
      throw timeout.aborted
        ? new SandiError({ code: "timed_out", detail: "No answer arrived in time.", cause: error })
        : new SandiError({ code: "connection_failed", detail: "No answer arrived.", cause: error });
    }
  }
}

/**
 * An id as a part of a path.
 *
 * @throws TypeError for a text that would name another path.
 */
export function segment(id: string): string {
  if (/^\.{0,2}$/.test(id)) throw new TypeError(`"${id}" is not an id`);
  return encodeURIComponent(id);
}

function addressOf(url: string | undefined): string {
  if (!url)
    throw new TypeError("Give the address of your deployment as `url`, such as https://otp.example.com");
  return new URL(url).href.replace(/\/+$/, "");
}

/** Without a repeat a key is of no use, and it costs the deployment one more step. */
function newKey(retries: number): string | undefined {
  return retries > 0 ? crypto.randomUUID() : undefined;
}

function toQuery(query: object = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? ""
    : `?${new URLSearchParams(given.map(([name, value]) => [name, `${value}`]))}`;
}

/** Throws what is no success. */
function read({ ok, status, headers }: Response, text: string): unknown {
  const body = parse(text);
  if (ok && body !== null) return body.value;
  const requestId = headers.get("x-request-id");
  const retryAfter = Number(headers.get("retry-after") ?? Number.NaN);
  const answer = { status, requestId, retryAfter: Number.isFinite(retryAfter) ? retryAfter : null };
  if (!headers.get("content-type")?.startsWith("application/problem+json") || body === null) {
    const detail = `The answer with status ${status} is not Sandi's.`;
    throw new SandiError({ ...answer, code: "unexpected_response", detail });
  }
  throw new SandiError({ ...(body.value as Problem), ...answer });
}

/** Null for a text that is not JSON. */
function parse(text: string): { readonly value: unknown } | null {
  if (text === "") return { value: undefined };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}
