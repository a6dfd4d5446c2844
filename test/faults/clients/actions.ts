import { setTimeout as pause } from "node:timers/promises";
import type { Bind } from "./api.ts";
import type { Pending, User } from "./user.ts";
import { checkFromOtherSession, requestFromOtherApp, startInOtherSession } from "./visitors.ts";

export type Action = () => Promise<unknown>;

/** Slightly longer than the shortest cool-down. */
export const COOL_DOWN_MS = 6_200;

const OTHER_BIND: Bind = { amount: "950000.00", currency: "IDR", payee: "Toko Maju" };

const ENDINGS = [
  "approve",
  "approve",
  "approve",
  "approve by caller",
  "exhaust",
  "cancel",
  "deny",
  "abandon",
] as const;

/** The actions of the app, its user and attackers while a code is pending. */
export function concurrentActions(user: User, pending: Pending, waitsForExpiry: boolean): Action[] {
  const { random } = user;
  const api = user.api(pending.app);
  const wrong = random.pick([0, 0, 1, 1, 2, 3]);
  return [
    ...repeat(5, () => api.read(pending.id)),
    ...repeat(wrong, () => user.check(pending, user.wrongCode(pending))),
    ...repeat(random.below(3), () => user.replay()),
    ...repeat(random.below(3), () => user.postForgedWebhook(pending)),
    ...repeat(random.below(3), () => user.postAnyForeignWebhook(pending)),
    ...(random.chance(0.05)
      ? [() => user.postAccountUpdate(random.pick(["other_account", "days_ago"]))]
      : []),
    ...repeat(1 + random.below(2), () => user.requestWithoutAccess(pending)),
    ...repeat(1 + random.below(2), () => user.sendInvalidRequest(pending)),
    ...repeat(1 + random.below(2), () => requestFromOtherApp(user, pending)),
    ...repeat(1 + random.below(2), () => checkFromOtherSession(user, pending)),
    ...(random.chance(0.3) ? [() => startInOtherSession(user, pending)] : []),
    () => user.read(pending),
    () => api.list(),
    () => resend(user, pending, waitsForExpiry && random.chance(0.1)),
    ...(pending.bind && random.chance(0.5) ? [() => checkOtherBind(user, pending)] : []),
    ...(pending.bind && random.chance(0.15) ? [() => startWithOtherBind(user, pending)] : []),
  ];
}

async function resend(user: User, { id, app }: Pending, patient: boolean): Promise<void> {
  if (patient) await pause(COOL_DOWN_MS);
  await user.api(app).resend(id);
}

/** Checks the right code with another payment, which must count as wrong. */
async function checkOtherBind(user: User, pending: Pending): Promise<void> {
  const code = user.codeOf(pending);
  if (code !== null) await user.check({ ...pending, bind: OTHER_BIND }, code);
}

/** Starts with another payment, which supersedes the verification. */
async function startWithOtherBind(user: User, { id, app, session, purpose }: Pending): Promise<void> {
  const round = `other-payment-${id}`;
  const code = user.newCode();
  await user
    .api(app)
    .start({ to: user.spell(), session, purpose, code, bind: OTHER_BIND, metadata: { round } });
}

/** Ends a verification. An abandoned one is canceled, unless the run waits for it to expire. */
export async function end(user: User, pending: Pending, waitsForExpiry: boolean): Promise<void> {
  const { random } = user;
  const api = user.api(pending.app);
  const code = user.codeOf(pending);
  const ending = random.pick(ENDINGS);
  if (ending === "approve" && code !== null) return approve(user, pending, code);
  if (ending === "exhaust") {
    await Promise.all(
      repeat(6, () => user.check(pending, user.wrongCode(pending))).map((action) => action()),
    );
  } else if (ending === "deny" && random.chance(0.5)) await user.deny(pending);
  else if (ending === "approve by caller" && pending.customCode !== null) await api.approve(pending.id);
  else if (ending !== "abandon" || !waitsForExpiry) await api.cancel(pending.id);
}

/** Sends several checks at once, some of them repeated under an idempotency key; at most one may be approved. */
async function approve(user: User, pending: Pending, code: string): Promise<void> {
  const { random } = user;
  const checks = repeat(1 + random.below(5), () => user.check(pending, code));
  if (random.chance(0.3)) {
    checks.push(...repeat(2, () => user.check(pending, code, `check-${pending.id}`)));
  }
  if (random.chance(0.2)) checks.push(() => user.check(pending, user.wrongCode(pending)));
  await Promise.all(random.shuffled(checks).map((action) => action()));
}

/** Actions after a verification has closed, which must not change it. */
export function laterActions(user: User, pending: Pending): Action[] {
  const { random } = user;
  const api = user.api(pending.app);
  const code = user.codeOf(pending);
  return [
    ...repeat(3, () => api.read(pending.id)),
    ...(code === null ? [] : repeat(1 + random.below(2), () => user.check(pending, code))),
    ...repeat(random.below(3), () => user.replay()),
    () => user.postForgedWebhook(pending),
    () => user.postAnyForeignWebhook(pending),
    () => requestFromOtherApp(user, pending),
    () => checkFromOtherSession(user, pending),
    () => user.read(pending),
  ];
}

export function repeat(count: number, action: Action): Action[] {
  return Array.from({ length: count }, () => action);
}

/** Runs the actions in groups of one to three at a time. */
export async function inGroups(user: User, actions: readonly Action[]): Promise<void> {
  for (let at = 0; at < actions.length; ) {
    const together = 1 + user.random.below(3);
    await Promise.all(actions.slice(at, at + together).map((action) => action()));
    at += together;
  }
}
