import * as z from "zod";
import type { BatchId } from "../ids/batch-id.ts";
import type { BatchSnapshot } from "../notifications/batches/batch-state.ts";
import { toIso, toIsoOrNull } from "../platform/time.ts";

const time = z.iso.datetime().meta({ description: "UTC, with milliseconds." });

const status = z.enum(["running", "paused", "canceled", "done"]);

/** The answer to the creation of a batch. */
export const acceptedBatchBody = z
  .object({ id: z.string(), total: z.int(), status })
  .meta({ id: "AcceptedNotificationBatch" });

/** A batch as every other answer shows it. */
export const batchBody = z
  .object({
    id: z.string(),
    template: z.string(),
    status,
    total: z.int(),
    counts: z
      .object({
        waiting: z.int(),
        sending: z.int().meta({ description: "On their way; neither a pause nor a cancel stops these." }),
        sent: z.int().meta({ description: "WhatsApp took them; delivery shows in each notification." }),
        failed: z.int(),
        opted_out: z.int().meta({ description: "Not written to, for they want no such messages." }),
        canceled: z.int(),
      })
      .meta({ description: "Recipients. Each is counted once." }),
    errors: z
      .array(z.object({ code: z.string(), title: z.string(), action: z.string(), count: z.int() }))
      .meta({ description: "Why some failed, each error once." }),
    created_at: time,
    finished_at: time.nullable().meta({ description: "When the last recipient was done with." }),
  })
  .meta({ id: "NotificationBatch" });

export function toBatchBody(id: BatchId, batch: BatchSnapshot): z.input<typeof batchBody> {
  const { template, status, total, counts, errors, createdAt, finishedAt } = batch;
  return {
    id,
    template,
    status,
    total,
    counts,
    errors: [...errors],
    created_at: toIso(createdAt),
    finished_at: toIsoOrNull(finishedAt),
  };
}
