import { setTimeout as pause } from "node:timers/promises";
import { OPERATOR } from "../clients/client.ts";
import { User } from "../clients/user.ts";
import type { Environment } from "../environment/environment.ts";
import { type FaultRates, NO_FAULTS } from "../environment/fault-rates.ts";
import type { OutageHistory } from "../history.ts";
import { begin, type Scenario } from "./scenarios.ts";

const QUEUES_DOWN: FaultRates = { ...NO_FAULTS, queue: { refuse: 1, drop: 0, delay: 0 } };
const OUTAGE_SECONDS = 600;
/** The pauses between attempts at an event: 30, 60, 120, 240 and 480 seconds. */
const ATTEMPTS_IN_OUTAGE = 5;
/** More than is allowed, so that a Worker that asks all the time is not watched for ten minutes. */
const MOST_TRIES_WATCHED = 10;
const POLL_MS = 10;

/** The database takes no writes for ten minutes. People verify their numbers, and an operator unlocks some. */
export const databaseFull: Scenario = async (user, environment) => {
  const { d1, queues } = environment.services;
  outageOf(environment);
  d1.isFull = true;
  await verifyAndGiveUp(user);
  for (let attempt = 1; attempt <= ATTEMPTS_IN_OUTAGE; attempt += 1) {
    await idle(environment);
    queues.skipDelays();
    await verifyAndGiveUp(neighbour(user, environment, attempt));
  }
  await idle(environment);
  d1.isFull = false;
  queues.skipDelays();
  await idle(environment);
};

/** Events that no attempt could store are dead letters, are shown by the health page, and stored after the outage. */
export const deadLetters: Scenario = async (user, environment) => {
  const { d1, queues, connection } = environment.services;
  const outage = outageOf(environment);
  d1.isFull = true;
  await verifyAndGiveUp(user);
  await idle(environment);
  if (queues.bury("sandi-events", "sandi-events-dead") === 0) throw new Error("No event has failed");
  await idle(environment);
  const health = await connection.send("GET", "/health", { authorization: OPERATOR.authorization });
  const shown = JSON.parse(health?.text ?? "{}") as { dead_letters?: { count: number } };
  outage.deadLetters = shown.dead_letters?.count ?? 0;
  d1.isFull = false;
  queues.skipDelays();
  await idle(environment);
};

/** The queues refuse every message for ten minutes. */
export const queuesDown: Scenario = async (user, environment) => {
  const { faults, history } = environment.services;
  const outage = outageOf(environment);
  faults.rates = QUEUES_DOWN;
  await verifyAndGiveUp(user);
  let seconds = 0;
  for (let alarms = 0; ; alarms += 1) {
    await idle(environment);
    seconds += await environment.passUntilAlarm();
    if (seconds > OUTAGE_SECONDS) break;
    if (alarms === 2) await verifyAndGiveUp(neighbour(user, environment, 1));
    for (const { queue, texts } of history.refusals.splice(0)) {
      if (queue !== "sandi-events") continue;
      for (const object of new Set(texts.map(objectOf))) {
        outage.tries.set(object, (outage.tries.get(object) ?? 0) + 1);
      }
    }
    if (Math.max(...outage.tries.values()) > MOST_TRIES_WATCHED) break;
  }
  faults.rates = NO_FAULTS;
  await environment.passUntilAlarm();
  await idle(environment);
};

export const OUTAGE_SCENARIOS: readonly Scenario[] = [databaseFull, deadLetters, queuesDown];

/** One code is typed in; another is not, until its user gives up and an operator unlocks the number. */
async function verifyAndGiveUp(user: User): Promise<void> {
  const approved = await begin(user, { customCode: user.newCode() });
  await user.check(approved, approved.customCode ?? "");
  const abandoned = await begin(user, { app: "shop", purpose: "signup" });
  await user.check(abandoned, user.newCode());
  await user.api("shop").cancel(abandoned.id);
  await user.operator.unlock();
}

function neighbour(user: User, environment: Environment, distance: number): User {
  return new User(environment, user.place + 100 * distance, user.random);
}

function outageOf({ services: { history } }: Environment): OutageHistory {
  history.outage ??= { tries: new Map(), deadLetters: null, audit: [], unverifiedInRanges: 0 };
  return history.outage;
}

/** Waits until everything has been attempted: webhooks, and messages that are due. */
async function idle({ services: { webhooks, queues } }: Environment): Promise<void> {
  await webhooks.settled();
  for (let quiet = 0; quiet < 5; quiet = queues.active === 0 ? quiet + 1 : 0) await pause(POLL_MS);
}

/** The name of the object that sent an event. */
function objectOf(text: string): string {
  const { verification } = JSON.parse(text) as { verification?: { id: string } };
  return verification?.id.slice("vrf_".length, "vrf_".length + 16) ?? "";
}
