import type { Call, Verb } from "../history.ts";
import type { Random } from "../random.ts";
import { untouchable } from "../secrets.ts";
import { questionOf } from "./asks.ts";
import type { Client, Wire } from "./client.ts";
import type { Prey } from "./strangers.ts";

/** Input with one thing or more wrong with it, and the parts that the answer has to name. */
interface Mistake extends Wire {
  readonly verb: Verb;
  readonly number: string;
  readonly faults: readonly string[];
}

/**
 * What an app with a bug asks for. All else about it is right, so that it would have an effect if anybody
 * overlooked the fault: the checks have the right code.
 */
export function mistake(client: Client, prey: Prey, random: Random): Promise<Call> {
  const { verb, number, faults, ...wire } = drawMistake(prey, random);
  const id = wire.path.includes(prey.id) ? prey.id : null;
  return client.ask(questionOf(verb, "mistaken", number, { id, code: prey.code, faults }), wire);
}

function drawMistake({ number, id, code }: Prey, random: Random): Mistake {
  const to = untouchable(random.below(1_000));
  const check = (body: object | string, ...faults: string[]): Mistake => ({
    verb: "check",
    method: "POST",
    path: `/v1/verifications/${id}/check`,
    body,
    number,
    faults,
  });
  const start = (fields: object, ...faults: string[]): Mistake => ({
    verb: "start",
    method: "POST",
    path: "/v1/verifications",
    body: { to, ...fields },
    number: to,
    faults,
  });
  return random.pick<Mistake>([
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
      verb: "resend",
      method: "POST",
      path: `/v1/verifications/${id}/resend`,
      number,
      body: { channel: "pigeon" },
      faults: ["/channel"],
    },
    {
      verb: "list",
      method: "GET",
      path: "/v1/verifications?limit=none",
      number: to,
      faults: ["/limit"],
    },
  ]);
}
