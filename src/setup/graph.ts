import { maskDetails } from "../channels/whatsapp/error-details.ts";
import { readJson } from "../platform/json.ts";

/** What Meta said to one call. An answer that tells nothing of the account counts as silence. */
export type Answer<T> =
  | { readonly kind: "answered"; readonly value: T }
  | { readonly kind: "refused"; readonly error: MetaError }
  | { readonly kind: "silent"; readonly reason: string };

/** Meta's error object, without the numbers, ids and secrets that its text may quote. */
export interface MetaError {
  readonly code: number;
  readonly subcode: number | null;
  readonly message: string;
  /** What Meta's support asks for. */
  readonly trace: string | null;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface GraphOptions {
  readonly fetch: Fetch;
  readonly baseUrl: string;
  /** Such as `v26.0`. */
  readonly version: string;
  readonly accessToken: string;
  readonly appSecret: string;
  /** The limit of one call. */
  readonly timeoutMs?: number;
  /** The limit of all calls together, from the first one on; none by default. */
  readonly totalMs?: number | undefined;
  /** Calls beyond this number are not made; no limit by default. */
  readonly mostCalls?: number;
}

const TIMEOUT_MS = 3_000;

/** Meta is at fault, or was asked too often ("Error codes", "Rate limits"). */
const BUSY_CODES: readonly number[] = [2, 4, 17, 32, 613, 80007, 80008];

/** The calls of one look, over both tokens. */
interface Use {
  calls: number;
  firstAt: number | null;
}

interface Caller {
  readonly bearer: string;
  readonly use: Use;
}

/**
 * Meta's management API (Graph API) for setup and doctor. It never throws for Meta's sake: what Meta does not answer
 * is a finding as well.
 */
export class Graph {
  readonly #options: GraphOptions;
  readonly #bearer: string;
  readonly #use: Use;

  constructor(options: GraphOptions, caller?: Caller) {
    this.#options = options;
    this.#bearer = caller?.bearer ?? options.accessToken;
    this.#use = caller?.use ?? { calls: 0, firstAt: null };
  }

  /** The same API, called with the app's own token instead of the system user's ("Access tokens"). */
  asApp(appId: string): Graph {
    return new Graph(this.#options, { bearer: `${appId}|${this.#options.appSecret}`, use: this.#use });
  }

  /** The same API with another limit of one call, apart from the limit of all together: for a call that Meta is slow at. */
  withTimeout(timeoutMs: number): Graph {
    const options: GraphOptions = Object.assign({}, this.#options, { timeoutMs, totalMs: undefined });
    return new Graph(options, { bearer: this.#bearer, use: this.#use });
  }

  /** How many calls were made, with either token. */
  get calls(): number {
    return this.#use.calls;
  }

  /** @param read null for a body of another format */
  get<T>(
    path: string,
    query: Readonly<Record<string, string>>,
    read: (body: unknown) => T | null,
  ): Promise<Answer<T>> {
    const search = new URLSearchParams(query);
    return this.#call("GET", search.size === 0 ? path : `${path}?${search}`, null, read);
  }

  /** Asks about the access token, which Meta takes in the address only. */
  debugToken<T>(read: (body: unknown) => T | null): Promise<Answer<T>> {
    return this.get("debug_token", { input_token: this.#options.accessToken }, read);
  }

  /** @param body JSON, or a form where it is URLSearchParams */
  post(path: string, body: object): Promise<Answer<unknown>> {
    return this.#call("POST", path, body, asItIs);
  }

  remove(path: string): Promise<Answer<unknown>> {
    return this.#call("DELETE", path, null, asItIs);
  }

  async #call<T>(
    method: "GET" | "POST" | "DELETE",
    path: string,
    body: object | null,
    read: (body: unknown) => T | null,
  ): Promise<Answer<T>> {
    const { fetch, baseUrl, version, mostCalls = Number.POSITIVE_INFINITY } = this.#options;
    const limitMs = this.#remainingMs();
    if (limitMs <= 0 || this.#use.calls >= mostCalls)
      return silent("Sandi did not ask: its limit was reached");
    this.#use.calls += 1;
    try {
      const response = await fetch(`${baseUrl}/${version}/${path}`, {
        method,
        headers: this.#headers(body),
        body: body === null || body instanceof URLSearchParams ? body : JSON.stringify(body),
        signal: AbortSignal.timeout(limitMs),
        redirect: "manual",
      });
      return this.#answer(response.status, readJson(await response.text()), read);
    } catch (error) {
      const isLate = error instanceof Error && error.name === "TimeoutError";
      return silent(isLate ? "Meta did not answer in time" : "Meta could not be reached");
    }
  }

  #headers(body: object | null): Record<string, string> {
    const authorization = `Bearer ${this.#bearer}`;
    // `fetch` writes the content type of a form itself.
    if (body === null || body instanceof URLSearchParams) return { authorization };
    return { authorization, "content-type": "application/json" };
  }

  #answer<T>(status: number, body: unknown, read: (body: unknown) => T | null): Answer<T> {
    const error = errorIn(body);
    if (error !== null) {
      const { code, error_subcode: subcode, is_transient: isTransient } = error;
      if (isTransient === true || status >= 500 || BUSY_CODES.includes(code)) {
        return silent(`Meta answered with code ${code}: ask again later`);
      }
      const { accessToken, appSecret } = this.#options;
      const message = maskDetails(error.message ?? "", [accessToken, appSecret]);
      return { kind: "refused", error: { code, subcode: subcode ?? null, message, trace: traceOf(error) } };
    }
    const value = status >= 200 && status < 300 ? read(body) : null;
    return value === null
      ? silent(`Meta answered in an unknown format (${status})`)
      : { kind: "answered", value };
  }

  #remainingMs(): number {
    const { timeoutMs = TIMEOUT_MS, totalMs } = this.#options;
    if (totalMs === undefined) return timeoutMs;
    const now = Date.now();
    this.#use.firstAt ??= now;
    return Math.min(timeoutMs, this.#use.firstAt + totalMs - now);
  }
}

export function silent(reason: string): Extract<Answer<never>, { kind: "silent" }> {
  return { kind: "silent", reason };
}

function asItIs(body: unknown): unknown {
  return body;
}

interface GraphError {
  readonly code: number;
  readonly error_subcode?: number;
  readonly message?: string;
  readonly is_transient?: boolean;
  readonly fbtrace_id?: unknown;
}

function errorIn(body: unknown): GraphError | null {
  const { error } = (body ?? {}) as { readonly error?: GraphError | null };
  return typeof error?.code === "number" ? error : null;
}

/** Meta's trace ids are short and of these characters; anything else is not passed on. */
function traceOf({ fbtrace_id: trace }: GraphError): string | null {
  return typeof trace === "string" && /^[\w.+/=-]{1,64}$/.test(trace) ? trace : null;
}
