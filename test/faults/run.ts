import { setTimeout as pause } from "node:timers/promises";
import { Random } from "../world/random.ts";
import { guessCodes } from "./clients/guessing.ts";
import { type RunContext, runSession } from "./clients/session.ts";
import { runSignIns } from "./clients/sign-in-session.ts";
import { User } from "./clients/user.ts";
import type { Environment } from "./environment/environment.ts";
import { drawFaultRates, NO_FAULTS } from "./environment/fault-rates.ts";
import { searchForLeaks } from "./leak-search.ts";
import { settle } from "./settle.ts";

/** The size of a run. */
export interface Plan {
  readonly seed: number;
  /** The least number of API requests and webhooks, unless `maxMs` ends the run before. */
  readonly operations: number;
  readonly maxMs: number;
  readonly kills: number;
  /** Between two kills, in milliseconds. */
  readonly killEvery: { readonly from: number; readonly to: number };
  /** A search of all files takes longer than a kill. */
  readonly killsBetweenSearches: number;
  readonly concurrency: number;
  /** Whether users wait for locks to end and codes to expire. */
  readonly waitsForExpiry: boolean;
}

const EVICT_EVERY_MS = { from: 700, to: 3_000 };
const CHANGE_RATES_EVERY_MS = { from: 800, to: 4_000 };
/** The share of users whose codes are guessed; the first user always is. */
const SHARE_GUESSED = 0.03;
/** The share of the other users who sign in through the page. */
const SHARE_SIGNING_IN = 0.2;

/** Runs users against the Worker under kills, evictions and faults, then lets everything settle. */
export async function run(environment: Environment, plan: Plan): Promise<void> {
  const { history } = environment.services;
  const deadline = Date.now() + plan.maxMs;
  const isRunning = () =>
    history.kills.length < plan.kills || (history.operations < plan.operations && Date.now() < deadline);
  const context: RunContext = { environment, waitsForExpiry: plan.waitsForExpiry, isRunning };
  const ended = new AbortController();
  const disturbances = [
    kill(environment, plan, ended.signal),
    repeatedly(new Random(plan.seed, "evictions"), EVICT_EVERY_MS, ended.signal, () => environment.evict()),
    changeFaultRates(environment, plan, ended.signal),
  ];
  let index = 0;
  const lanes = Array.from({ length: plan.concurrency }, async () => {
    while (isRunning()) {
      const random = new Random(plan.seed, `user ${index}`);
      const user = new User(environment, index, random);
      index += 1;
      if (index === 1 || random.chance(SHARE_GUESSED)) await guessCodes(user, context);
      else if (random.chance(SHARE_SIGNING_IN)) await runSignIns(user, context);
      else await runSession(user, context);
    }
  });
  await Promise.all(lanes);
  ended.abort();
  await Promise.all(disturbances);
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

function changeFaultRates({ services }: Environment, { seed }: Plan, signal: AbortSignal): Promise<void> {
  const random = new Random(seed, "fault rates");
  return repeatedly(random, CHANGE_RATES_EVERY_MS, signal, async () => {
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
