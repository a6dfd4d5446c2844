/**
 * `npm run bench:senders [-- --quick] [-- --before <git ref>]`: how many codes the team's own limit costs when many
 * isolates send by one WhatsApp number. The product's own classes run on a simulated clock against a WhatsApp that refuses
 * what is above 80 messages in any second: 1 to 64 isolates, codes at 0.5 to 3 times the limit, evenly, unevenly and in
 * bursts, with isolates that start and end, and with an object of the pace that does not answer. Compared with the
 * fewest refusals that are possible: those of one sender that sees every code. With `--before`, the source of that
 * commit runs instead. The results do not depend on the machine. Prints a table; the last line is JSON. Ends with 1
 * where more than 3 percentage points too many are refused, or a second passes without a code sent.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { checkOutTree, resolveRef } from "./harness/source-tree.ts";
import { percentile, round, table } from "./harness/statistics.ts";
import { bundleDriver, type Driver } from "./senders/bundle.ts";
import { draw, KINDS, type Offer, type Outcome } from "./senders/scenario.ts";

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, before: { type: "string" } },
});

/** WhatsApp's default, in messages a second. */
const LIMIT = 80;
const ISOLATES = values.quick ? [4, 64] : [1, 2, 4, 8, 16, 32, 64];
const LOADS = values.quick ? [0.5, 1, 3] : [0.5, 0.75, 1, 1.25, 1.5, 2, 3];
/** At the limit itself chance decides most, so that these runs are longer. */
const secondsAt = (times: number) => (values.quick ? 20 : 60) * (times === 1 ? 4 : 1);

/** What is held: percentage points above what must be refused, and seconds without a code sent. */
const MOST_POINTS = 3;
const LONGEST_SILENCE_SECONDS = 1;

interface Run {
  readonly offer: Offer;
  readonly refused: number;
  readonly needed: number;
  readonly pointsOver: number;
  readonly silenceSeconds: number;
  readonly refusalsPerSent: number;
  readonly waits: readonly number[];
}

/** The simulation replaces the console's methods. */
const print = console.log;

const directory = await mkdtemp(join(tmpdir(), "sandi-senders-"));
try {
  const { simulate } = await load(values.before ?? null);
  const runs: Run[] = [];
  for (const kind of KINDS) {
    for (const isolates of ISOLATES) {
      for (const times of LOADS) {
        const seed = runs.length + 1;
        const offer = { kind, isolates, perSecond: LIMIT * times, seconds: secondsAt(times), seed };
        runs.push(toRun(offer, await simulate(draw(offer), LIMIT)));
      }
    }
  }
  report(runs);
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function load(ref: string | null): Promise<Driver> {
  const tree = ref === null ? null : join(directory, "tree");
  if (ref !== null && tree !== null) await checkOutTree(await resolveRef(ref), tree);
  const file = join(directory, "driver.mjs");
  await writeFile(file, await bundleDriver(tree));
  return import(pathToFileURL(file).href);
}

function toRun(offer: Offer, { codes, refused, needed, refusals, silenceMs, waits }: Outcome): Run {
  return {
    offer,
    refused: refused / codes,
    needed: needed / codes,
    pointsOver: ((refused - needed) / codes) * 100,
    silenceSeconds: silenceMs / 1000,
    refusalsPerSent: refusals / Math.max(1, codes - refused),
    waits,
  };
}

function report(runs: readonly Run[]): void {
  const head = ["codes come", "isolates", "times the limit", "refused", "needed", "points over"];
  const more = ["longest silence", "130429 a code sent", "p50", "p95"];
  const rows = runs.map(({ offer, refused, needed, pointsOver, silenceSeconds, refusalsPerSent, waits }) => [
    offer.kind,
    offer.isolates,
    offer.perSecond / LIMIT,
    `${round(refused * 100, 1)} %`,
    `${round(needed * 100, 1)} %`,
    round(pointsOver, 1),
    `${round(silenceSeconds, 2)} s`,
    round(refusalsPerSent, 2),
    ...[0.5, 0.95].map((share) => `${round(percentile(waits, share), 0)} ms`),
  ]);
  print(`${table([...head, ...more], rows)}\n`);
  const worst = (figure: (run: Run) => number) => Math.max(...runs.map(figure));
  const points = round(
    worst(({ pointsOver }) => pointsOver),
    2,
  );
  const silence = round(
    worst(({ silenceSeconds }) => silenceSeconds),
    2,
  );
  const result = {
    worst_refused_points_over_needed: points,
    longest_silence_seconds: silence,
    most_130429_a_code_sent: round(
      worst(({ refusalsPerSent }) => refusalsPerSent),
      2,
    ),
    runs: runs.length,
    source: values.before ?? "working tree",
    quick: values.quick,
  };
  print(JSON.stringify(result));
  if (points > MOST_POINTS || silence >= LONGEST_SILENCE_SECONDS) process.exitCode = 1;
}
