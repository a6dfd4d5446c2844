import type { Result, Step } from "../protocol.ts";
import { measurePages } from "./busy-hour.ts";
import { measureDeliveries } from "./deliveries.ts";
import { fillHistory, foldHistory, measureNumber, measureRetention, measureStatistics } from "./history.ts";
import { MeteredDatabase } from "./metered-database.ts";

interface Databases {
  readonly HISTORY: D1Database;
  readonly BUSY: D1Database;
  readonly DELIVERIES: D1Database;
}

/** The Worker in which the journal's code runs, over databases of its own. */
export default {
  async fetch(request, databases) {
    return Response.json(await take(await request.json<Step>(), databases));
  },
} satisfies ExportedHandler<Databases>;

function take(step: Step, { HISTORY, BUSY, DELIVERIES }: Databases): Promise<Result> {
  const history = new MeteredDatabase(HISTORY);
  switch (step.do) {
    case "deliveries":
      return measureDeliveries(new MeteredDatabase(DELIVERIES), step.count);
    case "pages":
      return measurePages(new MeteredDatabase(BUSY), step.rows);
    case "fill":
      return fillHistory(history, step);
    case "fold":
      return foldHistory(history);
    case "statistics":
      return measureStatistics(history, step.rounds);
    case "number":
      return measureNumber(history);
    case "retention":
      return measureRetention(history);
  }
}
