import * as each from "../../../src/scale/per-verification.ts";
import { usdOf } from "./bill.ts";
import type { Measured } from "./measure.ts";

/** Figures may differ by this much: what an isolate does once a minute counts for more with few numbers. */
const TOLERANCE = 0.05;

interface Figure {
  readonly name: string;
  readonly assumed: number;
  readonly counted: number;
  /** Whether fewer are no difference: full batches share less than those of this run. */
  readonly isUpperBound?: boolean;
}

/** Where `npm run scale` reckons with other figures than these counts. */
export function scaleDifferences(measured: readonly Measured[]): readonly string[] {
  const [plain, delivered] = ["plain", "webhook_endpoints"].map((name) =>
    measured.find(({ path }) => path === name),
  );
  if (plain === undefined || delivered === undefined) return [];
  const deliveries = of(delivered, "queue_operations", "sandi-deliveries write");
  const eventBatches = of(plain, "worker_requests", "queue sandi-events");
  const deliveryBatches = of(delivered, "worker_requests", "queue sandi-deliveries");
  const queriesOfResults =
    of(delivered, "d1_queries", "queue sandi-deliveries") - deliveryBatches * each.QUERIES_PER_DELIVERY_BATCH;
  const figures: readonly Figure[] = [
    {
      name: "EVENTS_WITHOUT_ENDPOINT",
      assumed: each.EVENTS_WITHOUT_ENDPOINT,
      counted: of(plain, "queue_operations", "sandi-events write"),
    },
    {
      name: "EVENTS",
      assumed: each.EVENTS,
      counted: of(delivered, "queue_operations", "sandi-events write"),
    },
    { name: "LOG_LINES", assumed: each.LOG_LINES, counted: of(plain, "log_lines", "request") },
    {
      name: "CONFIRMING_QUERIES",
      assumed: each.CONFIRMING_QUERIES,
      counted: of(plain, "d1_queries", "objects"),
    },
    {
      name: "QUERIES_PER_EVENT_BATCH",
      assumed: each.QUERIES_PER_EVENT_BATCH,
      counted: of(plain, "d1_queries", "queue sandi-events") / eventBatches,
    },
    {
      name: "QUERIES_PER_DELIVERY",
      assumed: each.QUERIES_PER_DELIVERY,
      counted: queriesOfResults / deliveries,
      isUpperBound: true,
    },
    {
      name: "EVENTS_USD and DELIVERY_USD",
      assumed: (each.EVENTS_USD + deliveries * each.DELIVERY_USD) * 1e6,
      counted: usdOf(delivered) - usdOf(plain),
    },
    ...batchFigures(plain, measured),
  ];
  return figures
    .filter(({ assumed, counted, isUpperBound }) =>
      isUpperBound ? counted > assumed : Math.abs(assumed / counted - 1) > TOLERANCE,
    )
    .map(({ name, assumed, counted }) => `${name}: ${assumed} is assumed, ${counted} was counted`);
}

function batchFigures(plain: Measured, measured: readonly Measured[]): readonly Figure[] {
  const batched = measured.find(({ path }) => path === "webhook_batches");
  if (batched === undefined) return [];
  const batches = of(batched, "object_requests", "ENDPOINT_LANES add");
  const assumed = (each.EVENTS_USD + batches * each.BATCH_USD) * 1e6;
  return [{ name: "EVENTS_USD and BATCH_USD", assumed, counted: usdOf(batched) - usdOf(plain) }];
}

/** A unit of one source for each number. */
function of({ counts, numbers }: Measured, unit: string, source: string): number {
  return (counts[unit]?.[source] ?? 0) / numbers;
}
