import { setTimeout as pause } from "node:timers/promises";
import type { Environment } from "../environment/environment.ts";
import type { Purpose } from "../environment/settings.ts";
import type { App } from "../history.ts";
import { concurrentActions, end, inGroups, laterActions } from "./actions.ts";
import type { Bind } from "./api.ts";
import type { Pending, User } from "./user.ts";

const BIND: Bind = { amount: "150000.00", currency: "IDR", payee: "Toko Maju" };
/** How long to wait for a message, which may never arrive. */
const TIMEOUT_MS = 400;

export interface RunContext {
  readonly environment: Environment;
  /** Whether the run may wait half a minute for locks to end and codes to expire. */
  readonly waitsForExpiry: boolean;
  /** False when the run should end. */
  isRunning(): boolean;
}

/** Runs up to four verifications of a number in a row, each with attacks and faults around it. */
export async function runSession(user: User, context: RunContext): Promise<void> {
  const { random } = user;
  if (random.chance(0.04)) await context.environment.services.provider.disconnect(user.number);
  const rounds = 1 + random.below(4);
  for (let round = 0; round < rounds && context.isRunning(); round += 1) {
    if (!(await verify(user, context, round))) return;
  }
}

/** @returns false when the number has reached its limit of sends */
async function verify(user: User, context: RunContext, round: number): Promise<boolean> {
  const { random } = user;
  const pending = await begin(user, context, round);
  if (pending === null) return false;
  if (pending === "no verification") return true;
  for (let looks = 0; looks < 20 && user.codeOf(pending) === null; looks += 1) await pause(TIMEOUT_MS / 20);

  await inGroups(user, random.shuffled(concurrentActions(user, pending, context.waitsForExpiry)));
  await end(user, pending, context.waitsForExpiry);
  await inGroups(user, random.shuffled(laterActions(user, pending)));
  return true;
}

async function begin(
  user: User,
  { waitsForExpiry }: RunContext,
  round: number,
): Promise<Pending | "no verification" | null> {
  const { random, number } = user;
  const app = random.pick<App>(["default", "default", "shop"]);
  const api = user.api(app);
  const purpose = random.pick<Purpose>(
    waitsForExpiry
      ? ["login", "login", "signup", "recovery", "transaction", "brief"]
      : ["login", "login", "signup", "recovery", "transaction"],
  );
  const customCode = random.chance(0.6) ? user.newCode() : null;
  const bind = purpose === "transaction" ? BIND : undefined;
  const session = random.pick([undefined, undefined, "browser"]);
  const about = `${number.slice(-5)}-${round}`;
  const options = {
    to: user.spell(),
    session,
    device: `phone of ${number.slice(-5)}`,
    purpose,
    metadata: { round: about },
    code: customCode ?? undefined,
    bind,
  };
  const keyed = { ...options, idempotencyKey: `start-${round}` };
  const calls = random.chance(0.3)
    ? await Promise.all([api.start(keyed), api.start(keyed)])
    : [await api.start(random.chance(0.5) ? keyed : options)];
  if (calls.some(({ status, problem }) => status === 429 && problem?.code !== "resend_too_soon")) return null;
  const shown = calls.flatMap((call) => call.shown).find(({ status }) => status === "pending");
  const found = await user.findPending(app, about, shown);
  return found === undefined ? "no verification" : { id: found.id, app, session, purpose, customCode, bind };
}
