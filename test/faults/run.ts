import { setTimeout as pause } from "node:timers/promises";
import { Random } from "../world/random.ts";
import { guessCodes } from "./clients/guessing.ts";
import { type RunContext, runSession } from "./clients/session.ts";
import { User } from "./clients/user.ts";
import type { Environment } from "./environment/environment.ts";
import { drawFaultRates, NO_FAULTS } from "./environment/fault-rates.ts";
import { searchForLeaks } from "./leak-search.ts";
import { settle } from "./settle.ts";

/** How long and how hard. */
export interface Plan {
  readonly seed: number;
  /** Requests of clients and webhooks together, at least; fewer only where the time is over before. */
  readonly operations: number;
  readonly maxMs: number;
  readonly kills: number;
  /** Between two kills, in milliseconds. */
  readonly killEvery: { readonly from: number; readonly to: number };
  /** Looking through all files takes longer than a kill. */
  readonly killsBetweenSearches: number;
  readonly concurrency: number;
  /** Whether there is time for locks to end and for codes to expire. */
  readonly waitsForExpiry: boolean;
}

const EVICT_EVERY_MS = { from: 700, to: 3_000 };
const WEATHER_CHANGES_MS = { from: 800, to: 4_000 };
/** Of the people, those whose number is guessed at; the first one always is. */
const GUESSED_AT = 0.03;

/** Lets people live while the world around the Worker falls apart, and then lets everything come to rest. */
export async function run(environment: Environment, plan: Plan): Promise<void> {
  const { history } = environment.services;
  const until = Date.now() + plan.maxMs;
  const isRunning = () =>
    history.kills.length < plan.kills || (history.operations < plan.operations && Date.now() < until);
  const context: RunContext = { environment, waitsForExpiry: plan.waitsForExpiry, isRunning };
  const endedAt = new AbortController();
  const disasters = [
    kill(environment, plan, endedAt.signal),
    repeatedly(new Random(plan.seed, "evictions"), EVICT_EVERY_MS, endedAt.signal, () => environment.evict()),
    changeWeather(environment, plan, endedAt.signal),
  ];
  let place = 0;
  const lanes = Array.from({ length: plan.concurrency }, async () => {
    while (isRunning()) {
      const random = new Random(plan.seed, `person ${place}`);
      const user = new User(environment, place, random);
      place += 1;
      await (place === 1 || random.chance(GUESSED_AT)
        ? guessCodes(user, context)
        : runSession(user, context));
    }
  });
  await Promise.all(lanes);
  endedAt.abort();
  await Promise.all(disasters);
  environment.services.faults.rates = NO_FAULTS;
  await searchForLeaks(environment);
  await settle(environment, plan.waitsForExpiry);
  await searchForLeaks(environment);
}

async function kill(
  environment: Environment,
  { seed, killEvery, killsBetweenSearches }: Plan,
  signal: AbortSignal,
): Promise<void> {
  const { history } = environment.services;
  await repeatedly(new Random(seed, "kills"), killEvery, signal, async () => {
    await environment.killAndRestart();
    if (history.kills.length % killsBetweenSearches === 0) await searchForLeaks(environment);
  });
}

function changeWeather({ services }: Environment, { seed }: Plan, signal: AbortSignal): Promise<void> {
  const random = new Random(seed, "weather");
  return repeatedly(random, WEATHER_CHANGES_MS, signal, async () => {
    services.faults.rates = drawFaultRates(random);
  });
}

async function repeatedly(
  random: Random,
  every: { readonly from: number; readonly to: number },
  signal: AbortSignal,
  action: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await pause(random.between(every.from, every.to), undefined, { signal }).catch(() => {});
    if (!signal.aborted) await action();
  }
}
