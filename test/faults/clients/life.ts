import { setTimeout as pause } from "node:timers/promises";
import type { Purpose } from "../world/settings.ts";
import type { World } from "../world/world.ts";
import { type Act, afterwards, end, meanwhile } from "./acts.ts";
import type { Bind } from "./asks.ts";
import type { Pending, Person } from "./person.ts";

const BIND: Bind = { amount: "150000.00", currency: "IDR", payee: "Toko Maju" };
/** WhatsApp may have delivered nothing, or late; a user does not stare at the phone for ever. */
const PATIENCE_MS = 400;

export interface Circumstances {
  readonly world: World;
  /** Whether there is time to wait for what takes half a minute. */
  readonly unhurried: boolean;
  /** False when it is time to come to an end. */
  goesOn(): boolean;
}

/** One verification after the other, each with much that goes wrong around it, until the number has had enough. */
export async function live(person: Person, circumstances: Circumstances): Promise<void> {
  const { random } = person;
  if (random.chance(0.04)) await circumstances.world.parts.whatsApp.disconnect(person.number);
  const rounds = 1 + random.below(4);
  for (let round = 0; round < rounds && circumstances.goesOn(); round += 1) {
    if (!(await verify(person, circumstances, round))) return;
  }
}

/** @returns false when the number gets no more codes */
async function verify(person: Person, circumstances: Circumstances, round: number): Promise<boolean> {
  const { random } = person;
  const pending = await begin(person, circumstances, round);
  if (pending === null) return false;
  if (pending === "nothing") return true;
  for (let looks = 0; looks < 20 && person.codeOf(pending) === null; looks += 1)
    await pause(PATIENCE_MS / 20);

  await inGroups(person, random.shuffled(meanwhile(person, pending, circumstances.unhurried)));
  await end(person, pending, circumstances.unhurried);
  await inGroups(person, random.shuffled(afterwards(person, pending)));
  return true;
}

async function begin(
  person: Person,
  { unhurried }: Circumstances,
  round: number,
): Promise<Pending | "nothing" | null> {
  const { random, asks, number } = person;
  const purpose = random.pick<Purpose>(
    unhurried
      ? ["login", "login", "signup", "recovery", "transaction", "brief"]
      : ["login", "login", "signup", "recovery", "transaction"],
  );
  const brought = random.chance(0.6) ? person.newCode() : null;
  const bind = purpose === "transaction" ? BIND : undefined;
  const options = {
    purpose,
    metadata: { round: `${number.slice(-5)}-${round}` },
    ...(brought !== null && { code: brought }),
    ...(bind && { bind }),
  };
  const keyed = { ...options, idempotencyKey: `start-${round}` };
  const calls = random.chance(0.3)
    ? await Promise.all([asks.start(keyed), asks.start(keyed)])
    : [await asks.start(random.chance(0.5) ? keyed : options)];
  if (calls.some(({ status, problem }) => status === 429 && problem?.code !== "resend_too_soon")) return null;
  const shown = calls.flatMap((call) => call.shown).find(({ status }) => status === "pending");
  const found = await person.pendingOf(purpose, shown);
  return found === undefined ? "nothing" : { id: found.id, purpose, brought, bind };
}

/** One after the other, or a few at the same moment. */
async function inGroups(person: Person, acts: readonly Act[]): Promise<void> {
  for (let at = 0; at < acts.length; ) {
    const together = 1 + person.random.below(3);
    await Promise.all(acts.slice(at, at + together).map((act) => act()));
    at += together;
  }
}
