import type { Random } from "../../world/random.ts";
import { ADMIN_KEY } from "../../world/settings.ts";
import type { Call, Operation, RequestKind } from "../history.ts";
import { forbiddenNumber } from "../people.ts";
import { apiRequest } from "./api.ts";
import type { Client, WireRequest } from "./client.ts";

/** A pending verification that an attacker targets, and its right code. */
export interface Target {
  readonly number: string;
  readonly id: string;
  readonly code: string;
}

type Intruder = Extract<RequestKind, "no_key" | "unknown_key" | "wrong_scope">;

type Attempt = Pick<WireRequest, "method" | "path" | "body"> & {
  readonly operation: Operation;
  readonly number: string;
};

const HUGE = 70_000;

/** Sends a request without access. Half of them have an invalid body, which must not be parsed before. */
export function requestWithoutAccess(
  client: Client,
  unscopedKey: string,
  target: Target,
  random: Random,
): Promise<Call> {
  const { operation, method, path, number, body } = attemptOn(target, random);
  const kind = random.pick<Intruder>(["no_key", "no_key", "unknown_key", "wrong_scope", "wrong_scope"]);
  const id = path.includes(target.id) ? target.id : null;
  const nonsense = random.pick(["{", "[]", `"${"x".repeat(HUGE)}"`]);
  const sentBody = body !== undefined && random.chance(0.5) ? nonsense : body;
  return client.ask(apiRequest(operation, kind, number, { id, code: target.code }), {
    method,
    path,
    body: sentBody,
    authorization: kind === "wrong_scope" ? `Bearer ${unscopedKey}` : authorization(kind, random),
  });
}

function attemptOn({ number, id, code }: Target, random: Random): Attempt {
  const path = `/v1/verifications/${id}`;
  const to = forbiddenNumber(random.below(1_000));
  return random.pick<Attempt>([
    { operation: "start", method: "POST", path: "/v1/verifications", number: to, body: { to } },
    { operation: "check", method: "POST", path: `${path}/check`, number, body: { code } },
    {
      operation: "check",
      method: "POST",
      path: "/v1/verifications/check",
      number,
      body: { to: number, code },
    },
    { operation: "resend", method: "POST", path: `${path}/resend`, number, body: {} },
    { operation: "cancel", method: "DELETE", path, number },
    { operation: "approve", method: "POST", path: `${path}/approve`, number },
    { operation: "read", method: "GET", path, number },
    { operation: "list", method: "GET", path: `/v1/verifications?to=${encodeURIComponent(number)}`, number },
  ]);
}

function authorization(kind: "no_key" | "unknown_key", random: Random): string | null {
  if (kind === "unknown_key") return `Bearer sandi_${random.text("0123456789abcdefghjkmnpqrstvwxyz", 32)}`;
  return random.pick([
    null,
    "Bearer",
    `Bearer ${ADMIN_KEY.slice(0, -1)}`,
    `Basic ${btoa(ADMIN_KEY)}`,
    "Bearer sandi_key",
  ]);
}
