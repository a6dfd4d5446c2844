import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { judge } from "../checker/judge.ts";
import type { Violation } from "../checker/violation.ts";
import { Person } from "../clients/person.ts";
import type { History } from "../history.ts";
import { Random } from "../random.ts";
import { lookForSecrets } from "../search.ts";
import { settle } from "../settle.ts";
import { buildBroken } from "../world/bundle.ts";
import { World } from "../world/world.ts";
import type { Mutation } from "./mutation.ts";
import { OF_CODES } from "./of-codes.ts";
import { OF_SECRETS } from "./of-secrets.ts";
import { OF_THE_OUTSIDE } from "./of-the-outside.ts";
import { ALL, type Scene } from "./scenes.ts";

const MUTATIONS: readonly Mutation[] = [...OF_CODES, ...OF_SECRETS, ...OF_THE_OUTSIDE];

/** Two cores, and each of these waits as much as it works. */
const AT_ONCE = 3;

/** A history, and what the checker makes of it. */
export interface Judged {
  readonly history: History;
  readonly violations: readonly Violation[];
}

export interface Trial {
  readonly mutation: Mutation;
  /** What the checker found against the invariant that was broken; none where it was fooled. */
  readonly found: readonly Violation[];
}

/** A broken Worker, ready to run. */
export interface Mutant {
  readonly mutation: Mutation;
  /** Its bundle. */
  readonly main: string;
  /** Its own. */
  readonly directory: string;
}

/** Breaks the Worker in all the ways. Throws where the source has changed and a patch no longer finds its place. */
export async function breed(directory: string): Promise<readonly Mutant[]> {
  const mutants: Mutant[] = [];
  for (const [place, mutation] of MUTATIONS.entries()) {
    const own = await newDirectory(directory, `mutation-${place}`);
    mutants.push({ mutation, directory: own, main: await buildBroken(own, mutation.patches) });
  }
  return mutants;
}

/**
 * Lets the checker judge each of the broken Workers by a short scene; beside that all scenes with the Worker
 * as it is, in which nothing may be found.
 *
 * @param main The bundle of the Worker as it is.
 */
export async function tryMutants(
  mutants: readonly Mutant[],
  main: string,
  directory: string,
  seed: number,
): Promise<{ readonly unbroken: Judged; readonly trials: readonly Trial[] }> {
  const trials: Trial[] = [];
  const queue = mutants.entries();
  const lane = async () => {
    for (const [place, { mutation, main: broken, directory: own }] of queue) {
      const { violations } = await play([mutation.scene], broken, own, seed);
      const found = violations.filter(({ invariant }) => invariant === mutation.invariant);
      trials[place] = { mutation, found };
    }
  };
  const unbroken = newDirectory(directory, "unbroken").then((own) => play(ALL, main, own, seed));
  await Promise.all([unbroken.then(lane), ...Array.from({ length: AT_ONCE - 1 }, lane)]);
  return { unbroken: await unbroken, trials };
}

async function play(
  scenes: readonly Scene[],
  main: string,
  directory: string,
  seed: number,
): Promise<Judged> {
  const world = await World.open(main, directory, seed);
  try {
    for (const [place, scene] of scenes.entries()) {
      await scene(new Person(world, place, new Random(seed, `scene ${place}`)), world);
    }
    await lookForSecrets(world);
    await settle(world, false);
    await lookForSecrets(world);
  } finally {
    await world.close();
  }
  const { history } = world.parts;
  return { history, violations: judge(history) };
}

async function newDirectory(parent: string, name: string): Promise<string> {
  const path = join(parent, name);
  await mkdir(path);
  return path;
}
