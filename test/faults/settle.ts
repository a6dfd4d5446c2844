import { setTimeout as pause } from "node:timers/promises";
import { Api } from "./clients/api.ts";
import { Client, OPERATOR } from "./clients/client.ts";
import type { Environment } from "./environment/environment.ts";
import type { AuditRow, History, JournalRow } from "./history.ts";
import { isForbiddenNumber, personOf } from "./people.ts";

const CONCURRENCY = 24;
/** Longer than a code of the purpose `brief` is valid, with time for the object's alarm. */
const EXPIRY_MS = 33_000;
const POLL_MS = 50;
/** The number of polls in a row that must find nothing pending. */
const QUIET_POLLS = 4;
const TIMEOUT_MS = 20_000;
/** After this many polls, delayed retries are made due. */
const POLLS_UNTIL_RETRY = 20;

/**
 * Waits for pending webhooks, queue messages and deliveries, cancels pending verifications, and reads the final
 * views and the journal. No faults occur any more, so that anything missing afterwards is lost.
 */
export async function settle(environment: Environment, waitsForExpiry: boolean): Promise<void> {
  const { services } = environment;
  const { history, webhooks, connection, d1 } = services;
  const client = new Client(connection, history);
  await webhooks.settled();
  if (waitsForExpiry) await pause(EXPIRY_MS);
  const numbers = [...new Set(history.calls.map(({ number }) => number))].filter(
    (it) => !isForbiddenNumber(it),
  );
  await eachOf(numbers, (number) => closeAll(new Api(client, number, OPERATOR)));
  await webhooks.settled();
  await arrive(environment);
  // Events that a crash left in an object are handed over by its alarm, which is up to a day away.
  await environment.runAlarms();
  await arrive(environment);
  await eachOf([...idsIn(history)], async ([id, number]) => {
    const [final] = (await new Api(client, number, OPERATOR).read(id)).shown;
    if (final !== undefined) history.finals.set(id, final);
  });
  history.journal = d1.read<JournalRow>("SELECT * FROM verifications");
  if (history.outage === null) return;
  history.outage.audit = d1.read<AuditRow>("SELECT action, target, outcome FROM audit");
  history.outage.unverifiedInRanges = environment.unverifiedInRanges();
}

/** Cancels the pending verifications of a number. */
async function closeAll(api: Api): Promise<void> {
  const { shown } = await api.list();
  for (const { id, to, status } of shown) {
    if (personOf(to) === api.number && status === "pending") await api.cancel(id);
  }
}

/** Waits until the queues and the deliveries are empty, or until they stop shrinking. */
async function arrive(environment: Environment): Promise<void> {
  const { queues, d1 } = environment.services;
  let [least, until] = [Number.POSITIVE_INFINITY, 0];
  for (let quiet = 0, polls = 1; quiet < QUIET_POLLS; polls += 1) {
    await pause(POLL_MS);
    const [row] = d1.read<{ waiting: number }>(
      "SELECT count(*) AS waiting FROM webhook_deliveries WHERE status = 'pending'",
    );
    const left = (row?.waiting ?? 0) + queues.backlog;
    if (left < least) [least, until] = [left, Date.now() + TIMEOUT_MS];
    else if (Date.now() > until) return;
    quiet = left === 0 ? quiet + 1 : 0;
    if (quiet === 0 && polls % POLLS_UNTIL_RETRY === 0) await passTime(environment);
  }
}

/** Simulates ten minutes: ends the delays in the queues, or runs the schedule that takes up overdue deliveries. */
async function passTime(environment: Environment): Promise<void> {
  const { queues, d1 } = environment.services;
  const longAgo = Date.now() - 11 * 60_000;
  d1.exec(`UPDATE webhook_deliveries SET next_attempt_at = ${longAgo} WHERE status = 'pending'`);
  if (queues.backlog === 0) await environment.runSchedule();
  else queues.skipDelays();
}

/** The ids of all verifications, with their numbers. */
function idsIn(history: History): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const { operation, id: asked, shown } of history.calls) {
    // A check by number answers with a verification that does not exist where there is none.
    if (operation === "check" && asked === null) continue;
    for (const { id, to } of shown) if (!to.includes("*")) ids.set(id, personOf(to));
  }
  for (const { reference, number } of history.messages) ids.set(reference.split(".")[0] ?? "", number);
  return ids;
}

async function eachOf<Item>(items: readonly Item[], action: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  const lanes = Array.from({ length: CONCURRENCY }, async () => {
    for (const item of queue) await action(item);
  });
  await Promise.all(lanes);
}
