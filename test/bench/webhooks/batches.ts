import { setTimeout as pause } from "node:timers/promises";
import { verificationEvent } from "../../webhook-endpoints/events.ts";
import { arrivalOf, type WebhookWorld } from "./world.ts";

/** The endpoint answers a batch after this time. */
export const ANSWER_MS = 100;

/** As the events' consumer hands them over. */
const HANDED_OVER = 100;

/** Six batches of 100 side by side would be 6,000 events a second at most. */
const SETTINGS = { maxEvents: 250, maxWaitMs: 1_000 };

/** Calls of the consumer. */
const SIDE_BY_SIDE = 4;

/** Events of one number. */
const EVENTS_OF_NUMBER = 6;

export interface BatchesResult {
  readonly events: number;
  /** From the first hand-over to the last answer. */
  readonly eventsPerSecond: number;
  /** Written for each event until its last row is deleted. */
  readonly rowsPerEvent: number;
  readonly batches: number;
  /** Events that came before an earlier one of their number, twice, or while one of their number was unanswered. */
  readonly outOfOrder: number;
}

/** Measures how an endpoint that takes batches gets a number of events. */
export async function measureBatches(world: WebhookWorld, count: number): Promise<BatchesResult> {
  const numbers = Math.ceil(count / EVENTS_OF_NUMBER);
  const events = Array.from({ length: count }, (_, place) => {
    const number = `+62812${10_000_000 + (place % numbers)}`;
    return verificationEvent(world.keyring, number, "verification.message");
  });
  const places = new Map(events.map(({ id }, place) => [id, place]));
  /** How many events of each number have come. */
  const arrived = new Map<number, number>();
  const unanswered = new Set<number>();
  let [received, batches, outOfOrder] = [0, 0, 0];

  const id = await world.register(
    "batches.example.com",
    async (body) => {
      const { data } = JSON.parse(body) as { readonly data: readonly { readonly id: string }[] };
      const taken = data.map((event) => places.get(event.id) ?? Number.NaN);
      const busy = taken.filter((place) => unanswered.has(place % numbers));
      outOfOrder += busy.length;
      for (const place of taken) {
        const number = place % numbers;
        const before = arrived.get(number) ?? 0;
        if (place !== number + before * numbers) outOfOrder += 1;
        arrived.set(number, before + 1);
      }
      for (const place of taken) unanswered.add(place % numbers);
      batches += 1;
      await pause(ANSWER_MS);
      for (const place of taken) unanswered.delete(place % numbers);
      received += taken.length;
      return { status: 204 };
    },
    { batch: { max_events: SETTINGS.maxEvents, max_wait_ms: SETTINGS.maxWaitMs } },
  );

  const startedAt = performance.now();
  // The events of a number in one sequence of calls, because their order is judged.
  const sequences = Array.from({ length: SIDE_BY_SIDE }, (_, sequence) =>
    events.filter((_event, place) => (place % numbers) % SIDE_BY_SIDE === sequence),
  );
  await Promise.all(
    sequences.map(async (sequence) => {
      for (let first = 0; first < sequence.length; first += HANDED_OVER) {
        await world.handToLane(id, sequence.slice(first, first + HANDED_OVER), SETTINGS);
      }
    }),
  );
  await arrivalOf("events of batches", () => received >= count);
  const seconds = (performance.now() - startedAt) / 1000;
  // The last answer is written down.
  await pause(ANSWER_MS);
  const { changed, left } = await world.laneRows(id);
  return {
    events: count,
    eventsPerSecond: count / seconds,
    rowsPerEvent: (changed + left) / count,
    batches,
    outOfOrder,
  };
}
