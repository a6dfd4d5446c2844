import { ADMIN_KEY } from "../../world/settings.ts";
import type { Connection } from "../environment/connection.ts";
import type { ApiRequest, App, Call, History, VerificationView } from "../history.ts";
import { findLeaks, sixDigitsIn } from "../secrets.ts";

/** With whose credentials, and for which app, a request is sent. */
export interface Access {
  /** Null for the operator, who then reaches every app. */
  readonly app: App | null;
  /** The header's value. */
  readonly authorization: string;
}

export const OPERATOR: Access = { app: null, authorization: `Bearer ${ADMIN_KEY}` };

/** A request to the API as HTTP. */
export interface WireRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  /** An object is sent as JSON, text as it is. */
  readonly body?: object | string | undefined;
  /** The header's value; the admin key's when left out, no header when null. */
  readonly authorization?: string | null;
  /** The app that the request names; without it, no header. */
  readonly app?: App | null;
  readonly idempotencyKey?: string | undefined;
}

/** Calls the API and records each request with its response. */
export class Client {
  readonly #connection: Connection;
  readonly history: History;

  constructor(connection: Connection, history: History) {
    [this.#connection, this.history] = [connection, history];
  }

  async ask(question: ApiRequest, wireRequest: WireRequest): Promise<Call> {
    await this.#connection.whenUp();
    const {
      method,
      path,
      body,
      authorization = OPERATOR.authorization,
      app = null,
      idempotencyKey,
    } = wireRequest;
    const headers: Record<string, string> = {};
    if (app !== null) headers["sandi-app"] = app;
    if (authorization !== null) headers.authorization = authorization;
    if (body !== undefined) headers["content-type"] = "application/json";
    if (idempotencyKey !== undefined) headers["idempotency-key"] = idempotencyKey;
    const text = typeof body === "object" ? JSON.stringify(body) : body;
    const startedAt = this.history.now();
    const reply = await this.#connection.send(method, path, headers, text);
    const call: Call = {
      ...question,
      caller: authorization,
      startedAt,
      endedAt: this.history.now(),
      status: reply?.status ?? null,
      ...read(reply?.text ?? ""),
      sixDigits: sixDigitsIn(reply?.text ?? ""),
      page: null,
    };
    this.history.calls.push(call);
    if (reply !== null) {
      // A verification repeats the full number of the request.
      const whats =
        call.shown.length > 0 || reply.status < 400 ? (["code"] as const) : (["code", "number"] as const);
      this.history.leaks.push(...findLeaks(reply.text, `answer to ${method} ${path}`, whats));
    }
    return call;
  }
}

/** Reads a response body: a verification, a list of them, a problem, or a notification with its error. */
function read(text: string): Pick<Call, "shown" | "problem"> {
  const body = parse(text) as Partial<VerificationView> & {
    readonly data?: readonly VerificationView[];
    readonly code?: string;
    /** The pending verification, in the answer to a refused repeat. */
    readonly verification?: VerificationView;
    /** Why a notification is not sent. */
    readonly error?: { readonly code: string } | null;
    readonly errors?: readonly { readonly pointer: string }[];
  };
  if (body.code !== undefined) {
    const pointers = body.errors?.map(({ pointer }) => pointer) ?? [];
    const shown = body.verification === undefined ? [] : [trim(body.verification)];
    return { shown, problem: { code: body.code, pointers } };
  }
  if (body.error?.code !== undefined) {
    return { shown: [], problem: { code: body.error.code, pointers: [] } };
  }
  const found = body.data ?? (body.messages === undefined ? [] : [body as VerificationView]);
  return { shown: found.map(trim), problem: null };
}

/** The fields that the checker needs; a run of hours keeps every view in memory. */
function trim(shown: VerificationView): VerificationView {
  const { id, to, app, status, reason, purpose, metadata, valid } = shown;
  const { attempts_remaining, sends_remaining } = shown;
  const messages = shown.messages.map((message) => ({ channel: message.channel, status: message.status }));
  return {
    id,
    to,
    app,
    status,
    reason,
    purpose,
    attempts_remaining,
    sends_remaining,
    metadata,
    messages,
    expires_at: shown.expires_at,
    closed_at: shown.closed_at,
    valid,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
