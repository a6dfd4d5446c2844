import type { Purpose } from "../environment/settings.ts";
import type { ApiRequest, App, Call, Operation, RequestKind } from "../history.ts";
import { personOf } from "../people.ts";
import type { Access, Client, WireRequest } from "./client.ts";

export interface Bind {
  readonly amount: string;
  readonly currency: string;
  readonly payee: string;
}

export interface StartOptions {
  /** How the number is spelled. */
  readonly to?: string | undefined;
  readonly session?: string | undefined;
  readonly purpose: Purpose;
  readonly code?: string | undefined;
  readonly bind?: Bind | undefined;
  /** The user's device, as the app knows it. */
  readonly device?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly idempotencyKey?: string | undefined;
}

export interface CheckOptions {
  /** How the number is spelled in a check by number. */
  readonly to?: string | undefined;
  readonly session?: string | undefined;
  /** The verification's id; null for a check by number and purpose. */
  readonly id: string | null;
  readonly purpose: Purpose;
  readonly code: string;
  readonly bind?: Bind | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** Calls of the API about one person, which are valid unless their caller has no part in the verification. */
export class Api {
  readonly #client: Client;
  readonly #access: Access;
  readonly #kind: RequestKind;
  readonly number: string;

  constructor(client: Client, number: string, access: Access, kind: RequestKind = "valid") {
    [this.#client, this.number, this.#access, this.#kind] = [client, number, access, kind];
  }

  start({ idempotencyKey, to = this.number, device, ...options }: StartOptions): Promise<Call> {
    const round = options.metadata?.round ?? null;
    const client = device === undefined ? undefined : { device_id: device };
    return this.#ask(
      "start",
      { ...options, dialled: to, device, round, idempotencyKey },
      { method: "POST", path: "/v1/verifications", body: { to, client, ...options }, idempotencyKey },
    );
  }

  check({ id, to = this.number, purpose, idempotencyKey, ...given }: CheckOptions): Promise<Call> {
    const dialled = id === null ? to : null;
    return this.#ask(
      "check",
      { ...given, id, dialled, purpose, idempotencyKey },
      {
        method: "POST",
        path: id === null ? "/v1/verifications/check" : `/v1/verifications/${id}/check`,
        body: id === null ? { to, purpose, ...given } : given,
        idempotencyKey,
      },
    );
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

  /** Says that the caller has checked the code itself. */
  approve(id: string): Promise<Call> {
    return this.#callById("approve", "POST", id, "/approve");
  }

  /** Lists the number's verifications, pending and closed. */
  list(): Promise<Call> {
    const path = `/v1/verifications?limit=100&to=${encodeURIComponent(this.number)}`;
    return this.#ask("list", { dialled: this.number }, { method: "GET", path });
  }

  /** The operator clears the number's locks and limits. */
  unlock(): Promise<Call> {
    const body = { to: this.number, reason: "The owner called." };
    return this.#ask("unlock", { dialled: this.number }, { method: "POST", path: "/v1/guard/unlock", body });
  }

  /** Sends a notification without parameters. */
  notify(template: string, to: string): Promise<Call> {
    const wireRequest = { method: "POST", path: "/v1/notifications", body: { to, template } } as const;
    return this.#ask("notify", { dialled: to }, wireRequest);
  }

  #callById(
    operation: Operation,
    method: "GET" | "POST" | "DELETE",
    id: string,
    suffix: string,
  ): Promise<Call> {
    return this.#ask(operation, { id }, { method, path: `/v1/verifications/${id}${suffix}` });
  }

  #ask(operation: Operation, details: Details, wireRequest: WireRequest): Promise<Call> {
    const { app, authorization } = this.#access;
    const question = apiRequest(operation, this.#kind, this.number, { ...details, app });
    return this.#client.ask(question, { ...wireRequest, app, authorization });
  }
}

interface Details {
  readonly id?: string | null;
  readonly app?: App | null;
  readonly session?: string | undefined;
  readonly dialled?: string | null;
  readonly round?: string | null;
  readonly device?: string | undefined;
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
  const { bind } = details;
  return {
    operation,
    kind,
    number: personOf(number),
    id: details.id ?? null,
    app: details.app ?? null,
    session: details.session ?? null,
    dialled: details.dialled ?? null,
    round: details.round ?? null,
    device: details.device ?? null,
    purpose: details.purpose ?? null,
    code: details.code ?? null,
    idempotencyKey: details.idempotencyKey ?? null,
    faults: details.faults ?? [],
    bind: bind === undefined ? null : [bind.amount, bind.currency, bind.payee].join(" "),
  };
}
