/**
 * `npm run faults [-- --quick] [-- --seed N]`: runs users, attackers and faults against the built Worker,
 * kills it and evicts its objects, and checks everything observed against the invariants in docs/invariants.md.
 * Then runs Workers that are broken on purpose, which the checker has to catch. The last line is JSON. Exits with
 * 1 after a violation or a broken Worker that was not caught.
 */
import { rmSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildWorker, ROOT } from "../world/project.ts";
import { evidence } from "./checker/evidence.ts";
import { judge } from "./checker/judge.ts";
import type { Violation } from "./checker/violation.ts";
import { Environment } from "./environment/environment.ts";
import type { History } from "./history.ts";
import { buildMutants, runTrials, type Trial } from "./mutations/trials.ts";
import { type Plan, run } from "./run.ts";
import { summary } from "./summary.ts";

/** How many violations are printed with their evidence; further ones are counted. */
const MAX_PRINTED = 5;
const PROGRESS_MS = 60_000;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    seed: { type: "string" },
    operations: { type: "string" },
    kills: { type: "string" },
  },
});
const seed = readNumber(values.seed, Math.floor(Math.random() * 2 ** 31));
const plan: Plan = values.quick
  ? {
      seed,
      operations: readNumber(values.operations, 3_000),
      kills: readNumber(values.kills, 3),
      killEvery: { from: 2_000, to: 4_000 },
      killsBetweenSearches: 2,
      concurrency: 32,
      maxMs: 15_000,
      waitsForExpiry: false,
    }
  : {
      seed,
      operations: readNumber(values.operations, 200_000),
      kills: readNumber(values.kills, 30),
      killEvery: { from: 3_000, to: 9_000 },
      killsBetweenSearches: 10,
      concurrency: 64,
      maxMs: Number.POSITIVE_INFINITY,
      waitsForExpiry: true,
    };

const startedAt = performance.now();
const seconds = () => Math.round((performance.now() - startedAt) / 100) / 10;
// The seed decides the requests and faults, but not the scheduling of processes.
console.log(
  `Seed ${seed}; to repeat its decisions: npm run faults -- ${values.quick ? "--quick " : ""}--seed ${seed}`,
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
// On the disk of the project: a temporary directory may be in memory, where a crash loses nothing.
const storage = join(ROOT, ".wrangler");
await mkdir(storage, { recursive: true });
const directory = await mkdtemp(join(storage, "faults-"));
process.once("exit", () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));

const main = await buildWorker(join(directory, "build"));
// Built while the run waits for its disturbances. A patch that no longer matches ends this process at once.
const building = buildMutants(directory);
const history = await play(main);
const violations = judge(history);
console.log(summary(history));
printViolations(history, violations);
const mutants = await building;
console.log(`After ${seconds()} s: running the broken Workers.`);
const { unbroken, trials } = await runTrials(mutants, main, directory, seed);
for (const { history: judged, violations: found } of unbroken) printViolations(judged, found);
for (const trial of trials) console.log(format(trial));
const caught = trials.filter(({ found }) => found.length > 0);
const result = {
  operations: history.operations,
  kills: history.kills.length,
  violations: unbroken.reduce((sum, { violations: found }) => sum + found.length, violations.length),
  mutations: trials.length,
  mutations_caught: caught.length,
  seed,
  seconds: seconds(),
};
console.log(JSON.stringify(result));
process.exitCode = result.violations === 0 && caught.length === trials.length ? 0 : 1;

async function play(main: string): Promise<History> {
  const path = join(directory, "main");
  await mkdir(path);
  const environment = await Environment.open(main, path, seed);
  const { history } = environment.services;
  const progress = setInterval(() => {
    console.log(`After ${seconds()} s: ${history.operations} operations, ${history.kills.length} kills.`);
  }, PROGRESS_MS);
  try {
    await run(environment, plan);
  } finally {
    clearInterval(progress);
    await environment.close();
  }
  console.log(`After ${seconds()} s: the run has settled.`);
  return history;
}

function printViolations(history: History, violations: readonly Violation[]): void {
  for (const violation of violations.slice(0, MAX_PRINTED)) {
    const { invariant, description, number, id } = violation;
    console.log(`\nInvariant ${invariant}: ${description} ${number} ${id}`);
    for (const connection of evidence(history, violation)) console.log(`  ${connection}`);
  }
  const more = Map.groupBy(violations.slice(MAX_PRINTED), ({ invariant }) => invariant);
  for (const [invariant, rest] of more) console.log(`Invariant ${invariant}: ${rest.length} more`);
}

function format({ mutation, found: [first] }: Trial): string {
  const { invariant, description } = mutation;
  return `${invariant}, ${description}: ${first === undefined ? "NOT CAUGHT" : `"${first.description.slice(0, 100)}"`}`;
}

function readNumber(text: string | undefined, otherwise: number): number {
  const number = text === undefined ? otherwise : Number(text);
  if (!Number.isInteger(number) || number < 0) throw new Error(`${text} is not a non-negative integer`);
  return number;
}
