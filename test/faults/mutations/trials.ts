import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Random } from "../../world/random.ts";
import { judge } from "../checker/judge.ts";
import type { Violation } from "../checker/violation.ts";
import { User } from "../clients/user.ts";
import { Environment } from "../environment/environment.ts";
import type { History } from "../history.ts";
import { searchForLeaks } from "../leak-search.ts";
import { settle } from "../settle.ts";
import { buildPatched } from "./build.ts";
import { CODE_MUTATIONS } from "./codes.ts";
import { INTERFACE_MUTATIONS } from "./interface.ts";
import type { Mutation } from "./mutation.ts";
import { ALL, type Scenario } from "./scenarios.ts";
import { SECRECY_MUTATIONS } from "./secrecy.ts";

const MUTATIONS: readonly Mutation[] = [...CODE_MUTATIONS, ...SECRECY_MUTATIONS, ...INTERFACE_MUTATIONS];

/** Two cores, and each of these waits as much as it works. */
const CONCURRENCY = 3;

/** A history, and what the checker makes of it. */
export interface JudgedHistory {
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
export async function buildMutants(directory: string): Promise<readonly Mutant[]> {
  const mutants: Mutant[] = [];
  for (const [place, mutation] of MUTATIONS.entries()) {
    const own = await newDirectory(directory, `mutation-${place}`);
    mutants.push({ mutation, directory: own, main: await buildPatched(own, mutation.patches) });
  }
  return mutants;
}

/**
 * Lets the checker judge each of the broken Workers by a short scene; beside that all scenes with the Worker
 * as it is, in which nothing may be found.
 *
 * @param main The bundle of the Worker as it is.
 */
export async function runTrials(
  mutants: readonly Mutant[],
  main: string,
  directory: string,
  seed: number,
): Promise<{ readonly unbroken: JudgedHistory; readonly trials: readonly Trial[] }> {
  const trials: Trial[] = [];
  const queue = mutants.entries();
  const lane = async () => {
    for (const [place, { mutation, main: broken, directory: own }] of queue) {
      const { violations } = await play([mutation.scenario], broken, own, seed);
      const found = violations.filter(({ invariant }) => invariant === mutation.invariant);
      trials[place] = { mutation, found };
    }
  };
  const unbroken = newDirectory(directory, "unbroken").then((own) => play(ALL, main, own, seed));
  await Promise.all([unbroken.then(lane), ...Array.from({ length: CONCURRENCY - 1 }, lane)]);
  return { unbroken: await unbroken, trials };
}

async function play(
  scenarios: readonly Scenario[],
  main: string,
  directory: string,
  seed: number,
): Promise<JudgedHistory> {
  const environment = await Environment.open(main, directory, seed);
  try {
    for (const [place, scenario] of scenarios.entries()) {
      await scenario(new User(environment, place, new Random(seed, `scene ${place}`)), environment);
    }
    await searchForLeaks(environment);
    await settle(environment, false);
    await searchForLeaks(environment);
  } finally {
    await environment.close();
  }
  const { history } = environment.services;
  return { history, violations: judge(history) };
}

async function newDirectory(parent: string, name: string): Promise<string> {
  const path = join(parent, name);
  await mkdir(path);
  return path;
}
