import type { Call, Manner, Verb } from "../history.ts";
import type { Random } from "../random.ts";
import { untouchable } from "../secrets.ts";
import { questionOf } from "./asks.ts";
import type { Client, Wire } from "./client.ts";

/** A pending verification that somebody would like to get at, and its right code. */
export interface Prey {
  readonly number: string;
  readonly id: string;
  readonly code: string;
}

type Trespasser = Extract<Manner, "stranger" | "unknown" | "unscoped">;

type Attempt = Pick<Wire, "method" | "path" | "body"> & { readonly verb: Verb; readonly number: string };

const HUGE = 70_000;

/** What somebody without the right to it asks for. Half of them do not even say it properly: nobody may look. */
export function trespass(client: Client, unscopedKey: string, prey: Prey, random: Random): Promise<Call> {
  const { verb, method, path, number, body } = attemptOn(prey, random);
  const manner = random.pick<Trespasser>(["stranger", "stranger", "unknown", "unscoped", "unscoped"]);
  const id = path.includes(prey.id) ? prey.id : null;
  const nonsense = random.pick(["{", "[]", `"${"x".repeat(HUGE)}"`]);
  const said = body !== undefined && random.chance(0.5) ? nonsense : body;
  return client.ask(questionOf(verb, manner, number, { id, code: prey.code }), {
    method,
    path,
    ...(said !== undefined && { body: said }),
    authorization: manner === "unscoped" ? `Bearer ${unscopedKey}` : authorization(manner, random),
  });
}

function attemptOn({ number, id, code }: Prey, random: Random): Attempt {
  const path = `/v1/verifications/${id}`;
  const to = untouchable(random.below(1_000));
  return random.pick<Attempt>([
    { verb: "start", method: "POST", path: "/v1/verifications", number: to, body: { to } },
    { verb: "check", method: "POST", path: `${path}/check`, number, body: { code } },
    { verb: "check", method: "POST", path: "/v1/verifications/check", number, body: { to: number, code } },
    { verb: "resend", method: "POST", path: `${path}/resend`, number, body: {} },
    { verb: "cancel", method: "DELETE", path, number },
    { verb: "read", method: "GET", path, number },
    { verb: "list", method: "GET", path: `/v1/verifications?to=${encodeURIComponent(number)}`, number },
  ]);
}

function authorization(manner: "stranger" | "unknown", random: Random): string | null {
  if (manner === "unknown") return `Bearer sandi_${random.text("0123456789abcdefghjkmnpqrstvwxyz", 32)}`;
  return random.pick([
    null,
    "Bearer",
    "Bearer faults-admin-key-0123456789-abcdefghijklmnoq",
    "Basic ZmF1bHRzLWFkbWluLWtleS0wMTIzNDU2Nzg5LWFiY2RlZmdoaWprbG1ub3A=",
    "Bearer sandi_key",
  ]);
}
