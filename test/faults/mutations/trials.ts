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
import { DIALECT_SCENARIOS } from "./dialect-scenarios.ts";
import { FOREIGN_SCENARIOS } from "./foreign-scenarios.ts";
import { LIMIT_SCENARIOS } from "./limit-scenarios.ts";
import { MESSAGE_SCENARIOS } from "./message-scenarios.ts";
import type { Mutation } from "./mutation.ts";
import { MUTATIONS } from "./mutations.ts";
import { OUTAGE_SCENARIOS } from "./outage-scenarios.ts";
import { PEOPLE_SCENARIOS } from "./people-scenarios.ts";
import { REACH_SCENARIOS } from "./reach-scenarios.ts";
import { ALL, type Scenario } from "./scenarios.ts";
import { SIGN_IN_SCENARIOS } from "./sign-in-scenarios.ts";

/** A trial waits as long as it computes, so two cores run three. */
const CONCURRENCY = 3;

/** A history and the violations that the checker found in it. */
export interface JudgedHistory {
  readonly history: History;
  readonly violations: readonly Violation[];
}

export interface Trial {
  readonly mutation: Mutation;
  /** The violations of the broken invariant; empty when the checker missed it. */
  readonly found: readonly Violation[];
}

/** A broken Worker that is built. */
export interface Mutant {
  readonly mutation: Mutation;
  /** The path of its bundle. */
  readonly main: string;
  /** For this mutant only. */
  readonly directory: string;
}

/**
 * Builds every broken Worker.
 *
 * @throws when the source has changed and a patch no longer matches
 */
export async function buildMutants(directory: string): Promise<readonly Mutant[]> {
  const mutants: Mutant[] = [];
  for (const [place, mutation] of MUTATIONS.entries()) {
    const mutantDirectory = await newDirectory(directory, `mutation-${place}`);
    mutants.push({
      mutation,
      directory: mutantDirectory,
      main: await buildPatched(mutantDirectory, mutation.patches),
    });
  }
  return mutants;
}

/**
 * Runs each broken Worker through the scenario of its mutation, and the unbroken Worker through all scenarios, in
 * which the checker must find nothing. Those of outages run apart, because they are judged as a whole.
 *
 * @param main The path of the unbroken Worker's bundle.
 */
export async function runTrials(
  mutants: readonly Mutant[],
  main: string,
  directory: string,
  seed: number,
): Promise<{ readonly unbroken: readonly JudgedHistory[]; readonly trials: readonly Trial[] }> {
  const trials: Trial[] = [];
  const queue = mutants.entries();
  const lane = async () => {
    for (const [place, { mutation, main: broken, directory: mutantDirectory }] of queue) {
      const { violations } = await play([mutation.scenario], broken, mutantDirectory, seed);
      const found = violations.filter(({ invariant }) => invariant === mutation.invariant);
      trials[place] = { mutation, found };
    }
  };
  const outages = newDirectory(directory, "outages").then((path) => play(OUTAGE_SCENARIOS, main, path, seed));
  const unbroken = newDirectory(directory, "unbroken").then((path) =>
    play(
      [
        ...ALL,
        ...FOREIGN_SCENARIOS,
        ...REACH_SCENARIOS,
        ...PEOPLE_SCENARIOS,
        ...LIMIT_SCENARIOS,
        ...MESSAGE_SCENARIOS,
        ...SIGN_IN_SCENARIOS,
        ...DIALECT_SCENARIOS,
      ],
      main,
      path,
      seed,
    ),
  );
  const others = Array.from({ length: CONCURRENCY - 2 }, lane);
  await Promise.all([unbroken.then(lane), outages.then(lane), ...others]);
  return { unbroken: [await unbroken, await outages], trials };
}

export async function play(
  scenarios: readonly Scenario[],
  main: string,
  directory: string,
  seed: number,
): Promise<JudgedHistory> {
  const environment = await Environment.open(main, directory, seed);
  try {
    for (const [place, scenario] of scenarios.entries()) {
      await scenario(new User(environment, place, new Random(seed, `scenario ${place}`)), environment);
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
