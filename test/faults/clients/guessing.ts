import { setTimeout as pause } from "node:timers/promises";
import type { RunContext } from "./session.ts";
import type { Pending, User } from "./user.ts";

/** Slightly longer than the locks after the tenth and the eleventh failure. */
const FIRST_LOCK_MS = 31_000;
const SECOND_LOCK_MS = 61_000;

/**
 * Checks wrong codes on several verifications of a number until it is locked, then tries every request that the
 * lock has to refuse. In long runs also waits for the lock to end: the next failure locks twice as long, and a
 * success resets the count.
 */
export async function guessCodes(user: User, { waitsForExpiry, isRunning }: RunContext): Promise<void> {
  const open = await begin(user, "recovery");
  for (const purpose of ["login", "signup"] as const) {
    const pending = await begin(user, purpose);
    if (pending === null || open === null) return;
    // Six for five attempts: a check without a response may or may not have been charged.
    for (let tries = 0; tries < 6; tries += 1) await user.check(pending, user.wrongCode(pending));
  }
  if (open === null) return;
  await requestWhileLocked(user, open);
  if (!waitsForExpiry) {
    await user.operator.unlock();
    await user.check(open, user.codeOf(open) ?? user.newCode());
  }
  if (!waitsForExpiry || !isRunning()) return;
  await pause(FIRST_LOCK_MS);
  await user.check(open, user.wrongCode(open));
  await requestWhileLocked(user, open);
  if (!isRunning()) return;
  await pause(SECOND_LOCK_MS);
  const code = user.codeOf(open);
  if (code === null) return;
  await user.check(open, code);
  await user.api().start({ purpose: "login" });
}

async function requestWhileLocked(user: User, open: Pending): Promise<void> {
  const [api, otherApp] = [user.api(open.app), user.api("shop")];
  const code = user.codeOf(open) ?? user.newCode();
  await user.check(open, code);
  const bind = { amount: "1", currency: "IDR", payee: "A" };
  await otherApp.start({ to: user.spell(), purpose: "transaction", bind });
  await api.start({ to: user.spell(), session: "another", purpose: "login" });
  await api.resend(open.id);
  await user.check(open, code);
}

async function begin(user: User, purpose: Pending["purpose"]): Promise<Pending | null> {
  const customCode = user.newCode();
  const app = purpose === "signup" ? "shop" : "default";
  const round = `lock-${purpose}`;
  for (let tries = 0; tries < 3; tries += 1) {
    const { shown } = await user.api(app).start({
      to: user.spell(),
      purpose,
      code: customCode,
      metadata: { round },
    });
    const found = await user.findPending(
      app,
      round,
      shown.find(({ status }) => status === "pending"),
    );
    if (found === undefined) continue;
    return { id: found.id, app, session: undefined, purpose, customCode, bind: undefined };
  }
  return null;
}
