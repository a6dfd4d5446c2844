/**
 * `npm run drive [-- 5000 [seed]]`: so many verifications through the API of a fresh `npm run dev`, on the
 * loopback, and then: are all of them in the journal, once, as they ended, and do the statistics count the
 * same? The last line is JSON; anything that differs ends it with 1.
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

const AT_ONCE = 25;
/** With those under way never more than 80 in a second, the sender's throughput. */
const STARTS_A_SECOND = 54;
const STARTUP_MS = 60_000;
/** For what is still in the queue when the last verification has closed. */
const SETTLE_MS = 60_000;
const LOOK_EVERY_MS = 500;

const verifications = Number(process.argv[2] ?? 5_000);
const seed = Number(process.argv[3] ?? 1);
if (!Number.isInteger(verifications) || verifications < 1 || !Number.isInteger(seed))
  throw new Error("Say how many: npm run drive -- 5000");

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

/** Answers whether everything agrees. */
async function drive(): Promise<boolean> {
  const client = new Client(dev.api, dev.phone, ending);
  const stories = new Stories(client, 1000 / STARTS_A_SECOND);
  const people = drawPeople(verifications, seed).values();
  const from = Date.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const person of people) await stories.live(person);
    }),
  );
  const to = Date.now() + 1;
  const { book, refusedStarts } = stories;
  console.log(`${book.size} verifications of seed ${seed} have closed after ${seconds(from)} s.`);
  console.log(`${refusedStarts} starts met 503, ${client.repeated} calls had no answer and were repeated.`);

  const { rows } = await settled(
    () => readListing(client),
    (listing) => listing.rows.length >= book.size,
  );
  console.log(`After ${seconds(from)} s the journal had ${rows.length} of them.`);
  const differences = await settled(
    () => compareStats(client, book, from, to),
    ({ length }) => length === 0,
  );
  for (const difference of differences) console.log(`Statistics ${difference}`);

  const listing = await readListing(client);
  const { strangers, ...found } = compare(book, listing);
  console.log(`${listing.pages} pages, ${listing.isInOrder ? "in order" : "OUT OF ORDER"}.`);
  if (strangers > 0) console.log(`${strangers} rows are of verifications that nobody here started.`);
  const result = {
    verifications: book.size,
    journaled: listing.rows.length,
    ...found,
    stats_equal: differences.length === 0,
    seconds: seconds(from),
  };
  console.log(JSON.stringify(result));
  const isWhole = result.journaled === book.size && strangers === 0 && listing.isInOrder;
  return isWhole && Object.values(found).every((count) => count === 0) && result.stats_equal;
}

/** Looks until it is so or the time for that is over, and answers what it saw last. */
async function settled<T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  const until = Date.now() + SETTLE_MS;
  for (;;) {
    const seen = await look();
    if (isSo(seen) || Date.now() >= until) return seen;
    await pause(LOOK_EVERY_MS, undefined, { signal: ending });
  }
}

async function within(ms: number, ready: Promise<void>): Promise<void> {
  const stop = AbortSignal.any([ending, AbortSignal.timeout(ms)]);
  const late = new Promise<never>((_, reject) => stop.addEventListener("abort", () => reject(stop.reason)));
  await Promise.race([ready, late]);
}

/** Ends the whole group, and comes back when none of it is left. */
async function end(): Promise<void> {
  if (dev.child.exitCode === null && dev.child.signalCode === null) await dev.signalAll("SIGTERM");
  for (let look = 0; look < 100 && signalGroup(0); look += 1) await pause(100);
  if (signalGroup(0)) signalGroup("SIGKILL");
}

/** Answers whether anybody was there. */
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
