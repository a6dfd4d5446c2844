import type { Purpose } from "../environment/settings.ts";
import type { ApiRequest, Call, Operation, RequestKind } from "../history.ts";
import type { Client } from "./client.ts";

export interface Bind {
  readonly amount: string;
  readonly currency: string;
  readonly payee: string;
}

export interface StartOptions {
  readonly purpose: Purpose;
  readonly code?: string | undefined;
  readonly bind?: Bind | undefined;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly idempotencyKey?: string | undefined;
}

export interface CheckOptions {
  /** The verification's id; null for a check by number and purpose. */
  readonly id: string | null;
  readonly purpose: Purpose;
  readonly code: string;
  readonly bind?: Bind | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** Valid calls of the API about one number. */
export class Api {
  readonly #client: Client;
  readonly number: string;

  constructor(client: Client, number: string) {
    [this.#client, this.number] = [client, number];
  }

  start({ idempotencyKey, ...options }: StartOptions): Promise<Call> {
    return this.#client.ask(apiRequest("start", "valid", this.number, { ...options, idempotencyKey }), {
      method: "POST",
      path: "/v1/verifications",
      body: { to: this.number, ...options },
      idempotencyKey,
    });
  }

  check({ id, purpose, code, bind, idempotencyKey }: CheckOptions): Promise<Call> {
    const given = { code, bind };
    const question = apiRequest("check", "valid", this.number, { id, purpose, code, bind, idempotencyKey });
    return this.#client.ask(question, {
      method: "POST",
      path: id === null ? "/v1/verifications/check" : `/v1/verifications/${id}/check`,
      body: id === null ? { to: this.number, purpose, ...given } : given,
      idempotencyKey,
    });
  }

  read(id: string): Promise<Call> {
    return this.#callById("read", "GET", id, "");
  }

  resend(id: string): Promise<Call> {
    return this.#callById("resend", "POST", id, "/resend");
  }

  cancel(id: string): Promise<Call> {
    return this.#callById("cancel", "DELETE", id, "");
  }

  /** Lists the number's verifications, pending and closed. */
  list(): Promise<Call> {
    const path = `/v1/verifications?limit=100&to=${encodeURIComponent(this.number)}`;
    return this.#client.ask(apiRequest("list", "valid", this.number), { method: "GET", path });
  }

  #callById(
    operation: Operation,
    method: "GET" | "POST" | "DELETE",
    id: string,
    suffix: string,
  ): Promise<Call> {
    const question = apiRequest(operation, "valid", this.number, { id });
    return this.#client.ask(question, { method, path: `/v1/verifications/${id}${suffix}` });
  }
}

interface Details {
  readonly id?: string | null;
  readonly purpose?: string;
  readonly code?: string | undefined;
  readonly bind?: Bind | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly faults?: readonly string[];
}

export function apiRequest(
  operation: Operation,
  kind: RequestKind,
  number: string,
  details: Details = {},
): ApiRequest {
  const { id = null, purpose = null, code = null, bind, idempotencyKey = null, faults = [] } = details;
  return {
    operation,
    kind,
    number,
    id,
    purpose,
    code,
    idempotencyKey,
    faults,
    bind: bind === undefined ? null : [bind.amount, bind.currency, bind.payee].join(" "),
  };
}
