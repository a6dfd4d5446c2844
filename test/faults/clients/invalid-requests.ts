import type { Random } from "../../world/random.ts";
import type { Call, Operation } from "../history.ts";
import { forbiddenNumber } from "../people.ts";
import { apiRequest } from "./api.ts";
import type { Client, WireRequest } from "./client.ts";
import type { Target } from "./unauthorized-requests.ts";

/** A request with bad input, and the JSON pointers that the problem has to name. */
interface InvalidRequest extends WireRequest {
  readonly operation: Operation;
  readonly number: string;
  readonly faults: readonly string[];
}

/**
 * Sends a request with bad input. Everything else in it is valid, so that it would have an effect if the Worker
 * missed the fault: a check has the right code.
 */
export function sendInvalidRequest(client: Client, target: Target, random: Random): Promise<Call> {
  const { operation, number, faults, ...wireRequest } = drawInvalidRequest(target, random);
  const id = wireRequest.path.includes(target.id) ? target.id : null;
  return client.ask(apiRequest(operation, "invalid", number, { id, code: target.code, faults }), wireRequest);
}

function drawInvalidRequest({ number, id, code }: Target, random: Random): InvalidRequest {
  const to = forbiddenNumber(random.below(1_000));
  const check = (body: object | string, ...faults: string[]): InvalidRequest => ({
    operation: "check",
    method: "POST",
    path: `/v1/verifications/${id}/check`,
    body,
    number,
    faults,
  });
  const start = (fields: object, ...faults: string[]): InvalidRequest => ({
    operation: "start",
    method: "POST",
    path: "/v1/verifications",
    body: { to, ...fields },
    number: to,
    faults,
  });
  return random.pick<InvalidRequest>([
    check({ code, device: "d-1" }, "/device"),
    check({ code: [code] }, "/code"),
    check({ code: code.repeat(8) }, "/code"),
    check({ code, bind: { amount: "many", currency: "IDR", payee: "A" } }, "/bind/amount"),
    check({ CODE: code }, "/code", "/CODE"),
    check(`{"code": "${code}"`),
    { ...check({ code }), idempotencyKey: "two words" },
    start({ carrier: "any" }, "/carrier"),
    start({ to: number.replace("+", "00") }, "/to"),
    start({ purpose: "fun" }, "/purpose"),
    start({ purpose: "transaction" }, "/bind"),
    start({ metadata: { order: 7 } }, "/metadata/order"),
    start({ code: "no code" }, "/code"),
    start({ channels: ["pigeon"], locale: "?" }, "/channels/0", "/locale"),
    start({ metadata: { note: "x".repeat(70_000) } }),
    {
      operation: "resend",
      method: "POST",
      path: `/v1/verifications/${id}/resend`,
      number,
      body: { channel: "pigeon" },
      faults: ["/channel"],
    },
    {
      operation: "list",
      method: "GET",
      path: "/v1/verifications?limit=none",
      number: to,
      faults: ["/limit"],
    },
  ]);
}
