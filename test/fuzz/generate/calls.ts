import type { Random } from "../../world/random.ts";
import type { ApiDocument, Operation } from "../document.ts";
import { FORM, toForm } from "../form.ts";
import type { Kind, Pool } from "../pool.ts";
import type { FuzzRequest, Header } from "../request.ts";
import { signerOf } from "./hooks.ts";
import type { Values } from "./values.ts";
import { valueFor } from "./vocabulary.ts";

/** Relative frequencies; 1 for calls not listed. Calls that work through queues cost much more time. */
const WEIGHTS: Readonly<Record<string, number>> = {
  startVerification: 6,
  checkVerification: 5,
  checkVerificationByNumber: 4,
  resendVerification: 2,
  sendNotification: 2,
  sendMessage: 2,
  syncTemplates: 0.2,
  setUpTemplates: 0.1,
  putTemplate: 2,
  createWebhookEndpoint: 0.3,
  createKey: 0.4,
};

/** The limit of webhook endpoints: each multiplies the deliveries of every event. */
const MAX_ENDPOINTS = 3;

const ID_KINDS: Readonly<Record<string, Kind>> = {
  verifications: "vrf",
  notifications: "ntf",
  "webhook-endpoints": "whe",
  keys: "key",
  clients: "cli",
};

/** Generates valid requests for the documented calls. */
export class Calls {
  readonly #random: Random;
  readonly #pool: Pool;
  readonly #values: Values;
  readonly #operations: readonly Operation[];
  readonly #total: number;

  constructor({ operations }: ApiDocument, random: Random, pool: Pool, values: Values) {
    [this.#random, this.#pool, this.#values] = [random, pool, values];
    this.#operations = operations;
    this.#total = operations.reduce((sum, operation) => sum + weightOf(operation), 0);
  }

  make(): FuzzRequest {
    const operation = this.#choose();
    const id = this.#idFor(operation.path);
    const key = authorizationFor(operation, this.#pool.authorization());
    const body = this.#body(operation, id);
    const idempotency = this.#idempotencyKey(operation);
    const app = this.#random.chance(0.15)
      ? this.#random.pick(["default", "shop", "another", "No app"])
      : null;
    const headers: Header[] = [
      ...(key === null ? [] : [["authorization", key] as const]),
      ...(body === null ? [] : [["content-type", operation.body?.type ?? ""] as const]),
      ...(idempotency === null ? [] : [["idempotency-key", idempotency] as const]),
      ...(app === null ? [] : [["sandi-app", app] as const]),
    ];
    return {
      method: operation.method,
      target: this.#target(operation, id),
      headers,
      body,
      signer: this.#random.chance(0.9) ? signerOf(operation) : null,
      operation,
    };
  }

  #choose(): Operation {
    let left = this.#random.next() * this.#total;
    const chosen = this.#operations.find((operation) => {
      left -= weightOf(operation);
      return left < 0;
    });
    if (chosen === undefined) return this.#choose();
    const isTooMany =
      chosen.operationId.startsWith("createWebhook") && this.#pool.count("whe") > MAX_ENDPOINTS;
    return isTooMany ? this.#choose() : chosen;
  }

  #idFor(path: string): string {
    const [, , group = "", second = ""] = path.split("/");
    if (second === "lists") return this.#random.pick(["+44790090", "0123456789abcdef"]);
    const kind = second === "batches" ? "bat" : ID_KINDS[group === "oauth" ? second : group];
    return kind === undefined ? "nothing" : this.#pool.id(kind);
  }

  #target({ method, path, parameters }: Operation, id: string): string {
    const random = this.#random;
    if (method === "DELETE" && id.startsWith("whe_")) this.#pool.forget("whe", id);
    const name = path.includes("/lists/") ? random.pick(["block", "safe"]) : this.#pool.template();
    const filled = path
      .replace("{id}", encodeURIComponent(id))
      .replace("{delivery}", this.#pool.id("whd"))
      .replace("{name}", name)
      .replace(/\{(\w+)\}/g, (_, parameter) => this.#parameter(parameter));
    const query = new URLSearchParams();
    for (const parameter of parameters) {
      if (parameter.in !== "query" || random.chance(0.5)) continue;
      query.append(parameter.name, String(this.#values.of(parameter.schema, parameter.name)));
    }
    return query.size === 0 ? filled : `${filled}?${query}`;
  }

  #body({ body, operationId }: Operation, id: string): Buffer | null {
    if (body === null || (!body.required && this.#random.chance(0.4))) return null;
    const value =
      body.example !== undefined && this.#random.chance(0.1) ? body.example : this.#values.of(body.schema);
    // Sometimes the right code, so that a check can succeed.
    if (operationId === "checkVerification" && this.#random.chance(0.5)) {
      Object.assign(value as object, { code: this.#pool.code(id) });
    }
    return body.type === FORM ? toForm(value) : Buffer.from(JSON.stringify(value));
  }

  /** A parameter of a path that is named after what it is, such as a service's SID. */
  #parameter(name: string): string {
    const random = this.#random;
    const text = String(valueFor(name, random, this.#pool) ?? "nothing");
    // Some clients do not encode the plus sign in a path.
    return random.chance(0.5) ? encodeURIComponent(text) : encodeURIComponent(text).replaceAll("%2B", "+");
  }

  #idempotencyKey({ parameters }: Operation): string | null {
    const accepts = parameters.some(({ in: place }) => place === "header");
    return accepts && this.#random.chance(0.2) ? `key-${this.#random.below(500)}` : null;
  }
}

/** The same key by the scheme that the call takes. */
function authorizationFor({ credentials }: Operation, bearer: string | null): string | null {
  const key = /^Bearer (\S+)$/.exec(bearer ?? "")?.[1];
  if (key === undefined || credentials.includes("bearer") || !credentials.includes("basic")) return bearer;
  return `Basic ${Buffer.from(`AC${"0".repeat(32)}:${key}`).toString("base64")}`;
}

function weightOf({ operationId }: Operation): number {
  return WEIGHTS[operationId] ?? 1;
}
