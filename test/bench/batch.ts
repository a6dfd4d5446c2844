/**
 * `npm run drive:batch [-- 5000]`: a batch to so many recipients through the real Worker, on the loopback. Codes are
 * started all the while, and the batch is held now and then, so that their waits with it and without it are
 * taken from the same minutes. In the middle the Worker is killed and started again. In the end: did everybody
 * get one message, never more in a second than the sender may send, and did the codes wait no longer? The last
 * line is JSON; whatever is not so ends it with 1.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Scene } from "../e2e/scene.ts";
import { Codes } from "./batch/codes.ts";

/** The default of `messages_per_second`. WhatsApp's stand-in does not enforce it: nothing holds us but ourselves. */
const MESSAGES_PER_SECOND = 80;
/** About what WhatsApp takes for an answer. */
const WHATSAPP_LATENCY_MS = 250;
const CODE_EVERY_MS = 300;
const RECIPIENTS_A_BATCH = 1000;
/** How long the batch runs and is held, in turns, and how long a change takes to show. */
const RUNS_MS = 10_000;
const RESTS_MS = 5_000;
const CHANGE_MS = 1_000;
/** By how much codes may wait longer. */
const MOST_SLOWER = 1.2;

const recipients = Number(process.argv[2] ?? 5_000);
if (!Number.isInteger(recipients) || recipients < 1)
  throw new Error("Say how many: npm run drive:batch -- 5000");

const scene = await Scene.open();
try {
  process.exitCode = (await drive()) ? 0 : 1;
} catch (error) {
  console.error(scene.output().split("\n").slice(-20).join("\n"));
  console.error(error);
  process.exitCode = 1;
} finally {
  await scene.close();
}

/** Answers whether everything is as it should be. */
async function drive(): Promise<boolean> {
  await scene.behave({ latency_ms: WHATSAPP_LATENCY_MS });
  const codes = new Codes(scene);
  const coding = codes.start(CODE_EVERY_MS);
  await pause(RESTS_MS);

  const from = Date.now();
  const batches = await handIn();
  let restartMs: number | null = null;
  for (let left = recipients; left > 0; ) {
    codes.beside = "batch";
    left = await untilLeft(batches, restartMs === null ? recipients / 2 : 0, RUNS_MS);
    codes.beside = "change";
    if (restartMs === null && left <= recipients / 2) {
      restartMs = await kill();
      await pause(CHANGE_MS);
      continue;
    }
    if (left === 0) break;
    await steer(batches, "pause");
    await pause(CHANGE_MS);
    codes.beside = "nothing";
    await pause(RESTS_MS);
    codes.beside = "change";
    await steer(batches, "resume");
    await pause(CHANGE_MS);
  }
  const seconds = Math.round((Date.now() - from) / 100) / 10;
  codes.stop();
  await coding;

  const [sent, all] = await Promise.all([scene.rate("batch"), scene.rate("all")]);
  const [beside, alone] = [codes.waits("batch"), codes.waits("nothing")];
  const slower = Math.round((beside.median_ms / alone.median_ms) * 1000) / 1000;
  const result = {
    recipients,
    messages: sent.accepted,
    reached: sent.recipients,
    twice: sent.recipients_repeated,
    most_in_a_second: all.max_per_second,
    limit: MESSAGES_PER_SECOND,
    seconds,
    restart_ms: restartMs,
    codes: { with_batch: beside, without: alone, slower, failed: codes.failed },
  };
  console.log(JSON.stringify(result));
  const isOnceEach = sent.accepted === recipients && sent.recipients === recipients;
  const isUndelayed = slower <= MOST_SLOWER && codes.failed === 0;
  return isOnceEach && restartMs !== null && isUndelayed && all.max_per_second <= MESSAGES_PER_SECOND;
}

async function handIn(): Promise<readonly string[]> {
  const numbers = Array.from(
    { length: recipients },
    (_, place) => `+628131${String(place).padStart(7, "0")}`,
  );
  const ids: string[] = [];
  for (let first = 0; first < recipients; first += RECIPIENTS_A_BATCH) {
    ids.push(await scene.handIn(numbers.slice(first, first + RECIPIENTS_A_BATCH)));
  }
  return ids;
}

/** Waits for so long, or until no more than so many are left; answers how many are. */
async function untilLeft(batches: readonly string[], few: number, forMs: number): Promise<number> {
  const until = Date.now() + forMs;
  for (;;) {
    await pause(500);
    const shown = await Promise.all(batches.map((id) => scene.read(id)));
    const left = shown.reduce((sum, { counts }) => sum + counts.waiting + counts.sending, 0);
    if (left <= few || Date.now() >= until) {
      console.log(`${recipients - left} of ${recipients} are done with.`);
      return left;
    }
  }
}

async function kill(): Promise<number> {
  const from = Date.now();
  await scene.killAndRestart();
  const restartMs = Date.now() - from;
  console.log(`The Worker was killed, and was back after ${restartMs} ms.`);
  return restartMs;
}

async function steer(batches: readonly string[], verb: "pause" | "resume"): Promise<void> {
  await Promise.all(batches.map((id) => scene.api("POST", `/v1/notifications/batches/${id}/${verb}`)));
}
