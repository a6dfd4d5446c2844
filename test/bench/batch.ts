/**
 * `npm run drive:batch [-- 5000]`: sends a batch of notifications through the real Worker, while verifications are
 * started at a constant rate. The batch is paused from time to time, so that the waits of callers with and without
 * it are measured in the same minutes. Halfway the Worker is killed and started again. Succeeds when every
 * recipient got one message, the sender's limit was never exceeded, and codes did not wait longer. The last line
 * is JSON; the exit code is 1 otherwise.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Scene } from "../e2e/scene.ts";
import { median, round } from "./harness/statistics.ts";

/** The default of `messages_per_second`, which the simulator does not enforce. */
const MESSAGES_PER_SECOND = 80;
/** A typical response time of WhatsApp's API. */
const WHATSAPP_LATENCY_MS = 250;
const CODE_EVERY_MS = 300;
const RECIPIENTS_PER_BATCH = 1000;
/** How long the batch runs and pauses in turns, and how long a change takes to have an effect. */
const RUN_MS = 10_000;
const PAUSE_MS = 5_000;
const CHANGE_MS = 1_000;
/** The highest ratio of the median waits with and without the batch. */
const MAX_SLOWDOWN = 1.2;

/** What runs beside the codes. During a change from one to the other, waits are not counted. */
type Beside = "batch" | "nothing" | "change";

/** Starts verifications at a constant rate, one at a time, and records how long each caller waited. */
class Codes {
  readonly #scene: Scene;
  readonly #waitsMs: Record<Beside, number[]> = { batch: [], nothing: [], change: [] };
  #stopped = false;
  beside: Beside = "change";
  /** Starts without a response, or with another one than 201. */
  failed = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Resolves after {@link stop}. */
  async start(everyMs: number): Promise<void> {
    for (let serial = 0; !this.#stopped; serial += 1) {
      const next = pause(everyMs);
      await this.#startCode(`+628141${String(serial).padStart(7, "0")}`);
      await next;
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  /** The number of codes, and the median wait in milliseconds. */
  waits(beside: Beside): { readonly codes: number; readonly median_ms: number } {
    const waits = this.#waitsMs[beside];
    return { codes: waits.length, median_ms: round(median(waits), 1) };
  }

  async #startCode(to: string): Promise<void> {
    const { beside } = this;
    const from = performance.now();
    const status = await this.#scene
      .api("POST", "/v1/verifications", { to })
      .then((response) => response.status)
      .catch(() => null);
    if (beside !== this.beside || beside === "change") return;
    if (status === 201) this.#waitsMs[beside].push(performance.now() - from);
    else this.failed += 1;
  }
}

const recipients = Number(process.argv[2] ?? 5_000);
if (!Number.isInteger(recipients) || recipients < 1)
  throw new Error("Usage: npm run drive:batch -- [recipients]");

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

/** @returns whether the run succeeded */
async function drive(): Promise<boolean> {
  await scene.behave({ latency_ms: WHATSAPP_LATENCY_MS });
  const codes = new Codes(scene);
  const codesStopped = codes.start(CODE_EVERY_MS);
  await pause(PAUSE_MS);

  const from = Date.now();
  const batches = await createBatches();
  let restartMs: number | null = null;
  for (let left = recipients; left > 0; ) {
    codes.beside = "batch";
    left = await untilLeft(batches, restartMs === null ? recipients / 2 : 0, RUN_MS);
    codes.beside = "change";
    if (restartMs === null && left <= recipients / 2) {
      restartMs = await kill();
      await pause(CHANGE_MS);
      continue;
    }
    if (left === 0) break;
    await control(batches, "pause");
    await pause(CHANGE_MS);
    codes.beside = "nothing";
    await pause(PAUSE_MS);
    codes.beside = "change";
    await control(batches, "resume");
    await pause(CHANGE_MS);
  }
  const seconds = Math.round((Date.now() - from) / 100) / 10;
  codes.stop();
  await codesStopped;

  const [sent, all] = await Promise.all([scene.rate("batch"), scene.rate("all")]);
  const [beside, alone] = [codes.waits("batch"), codes.waits("nothing")];
  const slower = round(beside.median_ms / alone.median_ms, 3);
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
  const isUndelayed = slower <= MAX_SLOWDOWN && codes.failed === 0;
  return isOnceEach && restartMs !== null && isUndelayed && all.max_per_second <= MESSAGES_PER_SECOND;
}

async function createBatches(): Promise<readonly string[]> {
  const numbers = Array.from(
    { length: recipients },
    (_, place) => `+628131${String(place).padStart(7, "0")}`,
  );
  const ids: string[] = [];
  for (let first = 0; first < recipients; first += RECIPIENTS_PER_BATCH) {
    ids.push(await scene.handIn(numbers.slice(first, first + RECIPIENTS_PER_BATCH)));
  }
  return ids;
}

/** Waits until few enough recipients are left, or for `forMs`. @returns how many are left */
async function untilLeft(batches: readonly string[], few: number, forMs: number): Promise<number> {
  const until = Date.now() + forMs;
  for (;;) {
    await pause(500);
    const states = await Promise.all(batches.map((id) => scene.read(id)));
    const left = states.reduce((sum, { counts }) => sum + counts.waiting + counts.sending, 0);
    if (left <= few || Date.now() >= until) {
      console.log(`${recipients - left} of ${recipients} are processed.`);
      return left;
    }
  }
}

async function kill(): Promise<number> {
  const from = Date.now();
  await scene.killAndRestart();
  const restartMs = Date.now() - from;
  console.log(`The Worker was killed and accepted requests again after ${restartMs} ms.`);
  return restartMs;
}

async function control(batches: readonly string[], verb: "pause" | "resume"): Promise<void> {
  await Promise.all(batches.map((id) => scene.api("POST", `/v1/notifications/batches/${id}/${verb}`)));
}
