import { setTimeout as pause } from "node:timers/promises";
import { Asks } from "./clients/asks.ts";
import { Client } from "./clients/client.ts";
import type { History, JournalRow } from "./history.ts";
import { isUntouchable } from "./secrets.ts";
import type { World } from "./world/world.ts";

const AT_ONCE = 24;
/** The longest that a code of the purpose `brief` lives, and the object's alarm a little longer. */
const EXPIRY_MS = 33_000;
const LOOK_EVERY_MS = 50;
/** Everything is quiet when it has been for so many looks in a row. */
const QUIET_LOOKS = 4;
const PATIENCE_MS = 20_000;
/** So often something that waits for a later attempt gets one. */
const LOOKS_UNTIL_LATER = 20;

/**
 * Lets everything that is still under way arrive, closes what is open, and reads how it all ended. Nothing
 * fails any more: what has not come by now is lost.
 */
export async function settle(world: World, unhurried: boolean): Promise<void> {
  const { parts } = world;
  const { history, courier, line, database } = parts;
  const client = new Client(line, history);
  await courier.settled();
  if (unhurried) await pause(EXPIRY_MS);
  const numbers = [...new Set(history.calls.map(({ number }) => number))].filter((it) => !isUntouchable(it));
  await eachOf(numbers, (number) => closeAll(new Asks(client, number)));
  await courier.settled();
  await arrive(world);
  // What a crash has left in an object may wait for its alarm, which is up to a day away.
  await world.passDay();
  await arrive(world);
  await eachOf([...idsIn(history)], async ([id, number]) => {
    const { shown } = await new Asks(client, number).read(id);
    const [final] = shown;
    if (final !== undefined) history.finals.set(id, final);
  });
  history.journal = database.read<JournalRow>("SELECT * FROM verifications");
}

/** Cancels what is pending. */
async function closeAll(asks: Asks): Promise<void> {
  const { shown } = await asks.list();
  for (const { id, to, status } of shown) {
    if (to === asks.number && status === "pending") await asks.cancel(id);
  }
}

/** Waits until the queues and the deliveries are empty, or nothing moves any more. */
async function arrive(world: World): Promise<void> {
  const { queues, database } = world.parts;
  let [least, until] = [Number.POSITIVE_INFINITY, 0];
  for (let quiet = 0, looks = 1; quiet < QUIET_LOOKS; looks += 1) {
    await pause(LOOK_EVERY_MS);
    const [row] = database.read<{ waiting: number }>(
      "SELECT count(*) AS waiting FROM webhook_deliveries WHERE status = 'pending'",
    );
    const left = (row?.waiting ?? 0) + queues.backlog;
    if (left < least) [least, until] = [left, Date.now() + PATIENCE_MS];
    else if (Date.now() > until) return;
    quiet = left === 0 ? quiet + 1 : 0;
    if (quiet === 0 && looks % LOOKS_UNTIL_LATER === 0) await passTime(world);
  }
}

/** Ten minutes go by for whatever is held back; when nobody holds anything, the schedule rings for what is overdue. */
async function passTime(world: World): Promise<void> {
  const { queues, database } = world.parts;
  const longAgo = Date.now() - 11 * 60_000;
  database.exec(`UPDATE webhook_deliveries SET next_attempt_at = ${longAgo} WHERE status = 'pending'`);
  if (queues.backlog === 0) await world.ring();
  else queues.hurry();
}

/** Every verification that anybody has seen, and whose it is. */
function idsIn(history: History): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const { shown } of history.calls)
    for (const { id, to } of shown) if (!to.includes("*")) ids.set(id, to);
  for (const { reference, number } of history.sent) ids.set(reference.split(".")[0] ?? "", number);
  return ids;
}

async function eachOf<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  const lanes = Array.from({ length: AT_ONCE }, async () => {
    for (const item of queue) await act(item);
  });
  await Promise.all(lanes);
}
