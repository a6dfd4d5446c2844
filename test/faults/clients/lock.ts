import { setTimeout as pause } from "node:timers/promises";
import type { Circumstances } from "./life.ts";
import type { Pending, Person } from "./person.ts";

/** A little more than the lock after the tenth and the eleventh failure. */
const FIRST_LOCK_MS = 31_000;
const SECOND_LOCK_MS = 61_000;

/**
 * Guesses at one number through one verification after the other, until it is locked, and then tries all that
 * might be open still. With time, also what follows: the next failure locks for twice as long, a success ends it.
 */
export async function guess(person: Person, { unhurried, goesOn }: Circumstances): Promise<void> {
  const { asks } = person;
  const open = await begin(person, "recovery");
  for (const purpose of ["login", "signup"] as const) {
    const pending = await begin(person, purpose);
    if (pending === null || open === null) return;
    // A sixth goes nowhere; one that broke off may have been charged or not.
    for (let tries = 0; tries < 6; tries += 1) await person.check(pending, person.wrongCode(pending));
  }
  if (open === null) return;
  await knock(person, open);
  if (!unhurried || !goesOn()) return;
  await pause(FIRST_LOCK_MS);
  await person.check(open, person.wrongCode(open));
  await knock(person, open);
  if (!goesOn()) return;
  await pause(SECOND_LOCK_MS);
  const code = person.codeOf(open);
  if (code === null) return;
  await person.check(open, code);
  await asks.start({ purpose: "login" });
}

async function knock(person: Person, open: Pending): Promise<void> {
  const { asks } = person;
  const code = person.codeOf(open) ?? person.newCode();
  await person.check(open, code);
  await asks.start({ purpose: "transaction", bind: { amount: "1", currency: "IDR", payee: "A" } });
  await asks.start({ purpose: "login" });
  await asks.resend(open.id);
  await person.check(open, code);
}

async function begin(person: Person, purpose: Pending["purpose"]): Promise<Pending | null> {
  const brought = person.newCode();
  for (let tries = 0; tries < 3; tries += 1) {
    const { shown } = await person.asks.start({
      purpose,
      code: brought,
      metadata: { round: `lock-${purpose}` },
    });
    const found = await person.pendingOf(
      purpose,
      shown.find(({ status }) => status === "pending"),
    );
    if (found !== undefined) return { id: found.id, purpose, brought, bind: undefined };
  }
  return null;
}
