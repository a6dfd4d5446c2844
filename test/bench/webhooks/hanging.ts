import { setTimeout as pause } from "node:timers/promises";
import { verificationEvent } from "../../webhook-endpoints/events.ts";
import { percentile } from "../harness/statistics.ts";
import { arrivalOf, HANGS, type WebhookWorld } from "./world.ts";

/** The endpoint that answers does so after this time, which is most of what its events take. */
const ANSWER_MS = 200;

/** A third of what six posts at a time to that endpoint allow: beyond it a busy machine falls behind. */
const EVENTS_PER_SECOND = 10;

/** Longer than a post that hangs: the queues here deliver a batch at a time, so that what waits behind it waits as long. */
const ONSET_MS = 25_000;

export interface HangingPlan {
  /** Pairs of rounds, one alone and one beside the endpoint that hangs. */
  readonly pairs: number;
  readonly roundMs: number;
  /** Whether the endpoint hangs for so long before that it becomes known as slow; else that is written down. */
  readonly withOnset: boolean;
}

/** Milliseconds from an event's hand-over until the endpoint has answered, at the 95th percentile of a round. */
export interface HangingResult {
  readonly alone: readonly number[];
  /** Of the same pairs, beside the endpoint that hangs. */
  readonly beside: readonly number[];
  /** Until the other endpoint is known as slow; null where that was not measured. */
  readonly onset: number | null;
  /** How many events the hanging endpoint has been sent. */
  readonly hung: number;
}

/** Measures what an endpoint that never answers costs another one, in alternating rounds. */
export async function measureHanging(world: WebhookWorld, plan: HangingPlan): Promise<HangingResult> {
  const answers = new Map<string, number>();
  let hung = 0;
  await world.register("answers.example.com", async (_, headers) => {
    await pause(ANSWER_MS);
    answers.set(headers.get("webhook-id") ?? "", performance.now());
    return { status: 204 };
  });
  const hanging = await world.register("hangs.example.com", (body, headers) => {
    hung += 1;
    return HANGS(body, headers);
  });

  const round = async (milliseconds: number): Promise<number[]> => {
    const sent = new Map<string, number>();
    const handovers: Promise<void>[] = [];
    const startedAt = performance.now();
    for (let place = 0; place < (milliseconds * EVENTS_PER_SECOND) / 1000; place += 1) {
      await pause(Math.max(0, startedAt + (place * 1000) / EVENTS_PER_SECOND - performance.now()));
      const event = verificationEvent(world.keyring, "+6281234567890", "verification.approved");
      sent.set(event.id, performance.now());
      handovers.push(world.handOver([event]));
    }
    await Promise.all(handovers);
    await arrivalOf("single events", () => [...sent.keys()].every((id) => answers.has(id)));
    return [...sent].map(([id, at]) => (answers.get(id) ?? Number.NaN) - at);
  };
  const p95 = (latencies: readonly number[]) => percentile(latencies, 0.95);

  const onset = plan.withOnset ? p95(await round(ONSET_MS)) : null;
  if (!plan.withOnset)
    await world.query("UPDATE webhook_endpoints SET slowness = 12 WHERE url LIKE '%hangs%'");
  const [{ slowness } = {}] = await world.query(
    "SELECT slowness FROM webhook_endpoints WHERE url LIKE '%hangs%'",
  );
  if (slowness !== 12) throw new Error(`The endpoint that hangs is not known as slow, but as ${slowness}`);

  const alone: number[] = [];
  const beside: number[] = [];
  const both = [
    { status: "disabled", into: alone },
    { status: "enabled", into: beside },
  ] as const;
  // The first pair compiles the code, and is not counted.
  for (let pair = -1; pair < plan.pairs; pair += 1) {
    for (const { status, into } of pair % 2 === 0 ? both : both.toReversed()) {
      await world.update(hanging, { status });
      const latencies = await round(plan.roundMs);
      if (pair >= 0) into.push(p95(latencies));
    }
  }
  if (hung === 0) throw new Error("The endpoint that hangs was sent nothing");
  return { alone, beside, onset, hung };
}
