import { setTimeout as pause } from "node:timers/promises";
import type { Bind } from "./asks.ts";
import type { Pending, Person } from "./person.ts";

export type Act = () => Promise<unknown>;

/** A little more than the shortest cool-down. */
const COOL_DOWN_MS = 6_200;

const OTHER_BIND: Bind = { amount: "950000.00", currency: "IDR", payee: "Toko Maju" };

/** What everybody does while a code is on its way: the app, its user, WhatsApp, and those who should not. */
export function meanwhile(person: Person, pending: Pending, unhurried: boolean): Act[] {
  const { random, asks } = person;
  const wrong = random.pick([0, 0, 1, 1, 2, 3]);
  return [
    ...times(5, () => asks.read(pending.id)),
    ...times(wrong, () => person.check(pending, person.wrongCode(pending))),
    ...times(random.below(3), () => person.replay()),
    ...times(random.below(3), () => person.beForged(pending)),
    ...times(1 + random.below(2), () => person.beTrespassedOn(pending)),
    ...times(1 + random.below(2), () => person.beMistaken(pending)),
    () => person.read(pending),
    () => asks.list(),
    () => resend(person, pending, unhurried && random.chance(0.1)),
    ...(pending.bind && random.chance(0.5) ? [() => checkOtherBind(person, pending)] : []),
  ];
}

async function resend(person: Person, { id }: Pending, patient: boolean): Promise<void> {
  if (patient) await pause(COOL_DOWN_MS);
  await person.asks.resend(id);
}

/** The right code for another payment is a wrong one. */
async function checkOtherBind(person: Person, pending: Pending): Promise<void> {
  const code = person.codeOf(pending);
  if (code !== null) await person.check({ ...pending, bind: OTHER_BIND }, code);
}

/** How it ends. What is left alone expires where there is time for it. */
export async function end(person: Person, pending: Pending, unhurried: boolean): Promise<void> {
  const { random, asks } = person;
  const code = person.codeOf(pending);
  const ending = random.pick(["approve", "approve", "approve", "exhaust", "cancel", "deny", "abandon"]);
  if (ending === "approve" && code !== null) return approve(person, pending, code);
  if (ending === "exhaust") {
    await Promise.all(times(6, () => person.check(pending, person.wrongCode(pending))).map((act) => act()));
  } else if (ending === "deny" && random.chance(0.5)) await person.deny(pending);
  else if (ending !== "abandon" || !unhurried) await asks.cancel(pending.id);
}

/** Everybody at once, and some of them twice: one of them is told that it was right. */
async function approve(person: Person, pending: Pending, code: string): Promise<void> {
  const { random } = person;
  const checks = times(1 + random.below(5), () => person.check(pending, code));
  if (random.chance(0.3)) {
    checks.push(...times(2, () => person.check(pending, code, `check-${pending.id}`)));
  }
  if (random.chance(0.2)) checks.push(() => person.check(pending, person.wrongCode(pending)));
  await Promise.all(random.shuffled(checks).map((act) => act()));
}

/** What must not matter any more. */
export function afterwards(person: Person, pending: Pending): Act[] {
  const { random, asks } = person;
  const code = person.codeOf(pending);
  return [
    ...times(3, () => asks.read(pending.id)),
    ...(code === null ? [] : times(1 + random.below(2), () => person.check(pending, code))),
    ...times(random.below(3), () => person.replay()),
    () => person.beForged(pending),
    () => person.read(pending),
  ];
}

function times(count: number, act: Act): Act[] {
  return Array.from({ length: count }, () => act);
}
