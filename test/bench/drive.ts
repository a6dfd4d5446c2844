/**
 * `npm run drive [-- 5000 [seed]]`: runs verifications through the API of a new `npm run dev`, then compares the
 * journal and the statistics with its own records: every verification is listed once, with its outcome. The last
 * line is JSON; the exit code is 1 when anything differs.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePorts, spawnDev } from "../world/dev.ts";
import { Client } from "./drive/client.ts";
import { compare, compareStats, readListing } from "./drive/journal.ts";
import { drawPeople } from "./drive/people.ts";
import { Stories } from "./drive/stories.ts";

const CLIENTS = 25;
/** Low enough that, with sends still running, the sender's limit of 80 messages a second is rarely reached. */
const STARTS_PER_SECOND = 54;
const STARTUP_MS = 60_000;
/** How long the queue may take to deliver its last events. */
const SETTLE_MS = 60_000;
const POLL_MS = 500;

const verifications = Number(process.argv[2] ?? 5_000);
const seed = Number(process.argv[3] ?? 1);
if (!Number.isInteger(verifications) || verifications < 1 || !Number.isInteger(seed))
  throw new Error("Usage: npm run drive -- [verifications] [seed]");

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => interrupt.abort(new Error(signal)));
const outOfTime = AbortSignal.timeout(STARTUP_MS + verifications * 80 + 2 * SETTLE_MS);
const ending = AbortSignal.any([interrupt.signal, outOfTime]);

const state = await mkdtemp(join(tmpdir(), "sandi-drive-"));
const dev = spawnDev(await freePorts(), state);
try {
  await within(STARTUP_MS, dev.until(/Press Ctrl-C to stop/));
  process.exitCode = (await drive()) ? 0 : 1;
} catch (error) {
  console.error(dev.output().split("\n").slice(-20).join("\n"));
  console.error(error);
  process.exitCode = 1;
} finally {
  await end();
  await rm(state, { recursive: true, force: true, maxRetries: 5 });
}

/** @returns whether the journal and the statistics agree with the records */
async function drive(): Promise<boolean> {
  const client = new Client(dev.api, dev.phone, ending);
  const stories = new Stories(client, 1000 / STARTS_PER_SECOND);
  const people = drawPeople(verifications, seed).values();
  const from = Date.now();
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      for (const person of people) await stories.run(person);
    }),
  );
  const to = Date.now() + 1;
  const { book, refusedStarts } = stories;
  console.log(`${book.size} verifications of seed ${seed} closed after ${seconds(from)} s.`);
  console.log(
    `${refusedStarts} starts were answered with 503; ${client.repeated} requests had no response and were repeated.`,
  );

  const { rows } = await settled(
    () => readListing(client),
    (listing) => listing.rows.length >= book.size,
  );
  console.log(`After ${seconds(from)} s the journal listed ${rows.length} of them.`);
  const differences = await settled(
    () => compareStats(client, book, from, to),
    ({ length }) => length === 0,
  );
  for (const difference of differences) console.log(`Statistics ${difference}`);

  const listing = await readListing(client);
  const { unknown, ...found } = compare(book, listing);
  console.log(`${listing.pages} pages, ${listing.isInOrder ? "in order" : "out of order"}.`);
  if (unknown > 0) console.log(`${unknown} rows are of verifications that this run did not start.`);
  const result = {
    verifications: book.size,
    journaled: listing.rows.length,
    ...found,
    stats_equal: differences.length === 0,
    seconds: seconds(from),
  };
  console.log(JSON.stringify(result));
  const isComplete = result.journaled === book.size && unknown === 0 && listing.isInOrder;
  return isComplete && Object.values(found).every((count) => count === 0) && result.stats_equal;
}

/** Reads until the condition holds or {@link SETTLE_MS} have passed. @returns the last value */
async function settled<T>(read: () => Promise<T>, isSettled: (value: T) => boolean): Promise<T> {
  const until = Date.now() + SETTLE_MS;
  for (;;) {
    const value = await read();
    if (isSettled(value) || Date.now() >= until) return value;
    await pause(POLL_MS, undefined, { signal: ending });
  }
}

async function within(ms: number, ready: Promise<void>): Promise<void> {
  const stop = AbortSignal.any([ending, AbortSignal.timeout(ms)]);
  const late = new Promise<never>((_, reject) => stop.addEventListener("abort", () => reject(stop.reason)));
  await Promise.race([ready, late]);
}

/** Stops the process group of `npm run dev`, and resolves when all of it has exited. */
async function end(): Promise<void> {
  if (dev.child.exitCode === null && dev.child.signalCode === null) await dev.signalAll("SIGTERM");
  for (let attempt = 0; attempt < 100 && signalGroup(0); attempt += 1) await pause(100);
  if (signalGroup(0)) signalGroup("SIGKILL");
}

/** @returns whether the group has a process */
function signalGroup(signal: NodeJS.Signals | 0): boolean {
  if (dev.child.pid === undefined) return false;
  try {
    return process.kill(-dev.child.pid, signal);
  } catch {
    return false;
  }
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 100) / 10;
}
