import { setTimeout as pause } from "node:timers/promises";
import { type Circumstances, live } from "./clients/life.ts";
import { guess } from "./clients/lock.ts";
import { Person } from "./clients/person.ts";
import { Random } from "./random.ts";
import { lookForSecrets } from "./search.ts";
import { settle } from "./settle.ts";
import { CLEAR, nextWeather } from "./world/weather.ts";
import type { World } from "./world/world.ts";

/** How long and how hard. */
export interface Plan {
  readonly seed: number;
  /** Requests of clients and webhooks together, at least; fewer only where the time is over before. */
  readonly operations: number;
  readonly longestMs: number;
  readonly kills: number;
  /** Between two kills, in milliseconds. */
  readonly killEvery: { readonly from: number; readonly to: number };
  /** Looking through all files takes longer than a kill. */
  readonly killsBetweenSearches: number;
  readonly atOnce: number;
  /** Whether there is time for locks to end and for codes to expire. */
  readonly unhurried: boolean;
}

const EVICT_EVERY_MS = { from: 700, to: 3_000 };
const WEATHER_CHANGES_MS = { from: 800, to: 4_000 };
/** Of the people, those whose number is guessed at; the first one always is. */
const GUESSED_AT = 0.03;

/** Lets people live while the world around the Worker falls apart, and then lets everything come to rest. */
export async function run(world: World, plan: Plan): Promise<void> {
  const { history } = world.parts;
  const until = Date.now() + plan.longestMs;
  const goesOn = () =>
    history.kills.length < plan.kills || (history.operations < plan.operations && Date.now() < until);
  const circumstances: Circumstances = { world, unhurried: plan.unhurried, goesOn };
  const over = new AbortController();
  const disasters = [
    kill(world, plan, over.signal),
    repeatedly(new Random(plan.seed, "evictions"), EVICT_EVERY_MS, over.signal, () => world.evict()),
    changeWeather(world, plan, over.signal),
  ];
  let place = 0;
  const lanes = Array.from({ length: plan.atOnce }, async () => {
    while (goesOn()) {
      const random = new Random(plan.seed, `person ${place}`);
      const person = new Person(world, place, random);
      place += 1;
      await (place === 1 || random.chance(GUESSED_AT)
        ? guess(person, circumstances)
        : live(person, circumstances));
    }
  });
  await Promise.all(lanes);
  over.abort();
  await Promise.all(disasters);
  world.parts.sky.weather = CLEAR;
  await lookForSecrets(world);
  await settle(world, plan.unhurried);
  await lookForSecrets(world);
}

async function kill(
  world: World,
  { seed, killEvery, killsBetweenSearches }: Plan,
  signal: AbortSignal,
): Promise<void> {
  const { history } = world.parts;
  await repeatedly(new Random(seed, "kills"), killEvery, signal, async () => {
    await world.killAndRestart();
    if (history.kills.length % killsBetweenSearches === 0) await lookForSecrets(world);
  });
}

function changeWeather({ parts }: World, { seed }: Plan, signal: AbortSignal): Promise<void> {
  const random = new Random(seed, "weather");
  return repeatedly(random, WEATHER_CHANGES_MS, signal, async () => {
    parts.sky.weather = nextWeather(random);
  });
}

async function repeatedly(
  random: Random,
  every: { readonly from: number; readonly to: number },
  signal: AbortSignal,
  act: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await pause(random.between(every.from, every.to), undefined, { signal }).catch(() => {});
    if (!signal.aborted) await act();
  }
}
