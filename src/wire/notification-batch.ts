import * as z from "zod";
import type { BatchId } from "../ids/batch-id.ts";
import type { BatchSnapshot } from "../notifications/batches/batch-state.ts";
import { documented } from "../platform/documented.ts";
import { toIso, toIsoOrNull } from "../platform/time.ts";

const time = documented(() => z.iso.datetime().meta({ description: "UTC, with milliseconds." }));

const status = z.enum(["running", "paused", "canceled", "done"]);

/** The answer to the creation of a batch. */
export const acceptedBatchBody = documented(() =>
  z.object({ id: z.string(), total: z.int(), status }).meta({ id: "AcceptedNotificationBatch" }),
);

/** A batch as every other answer shows it. */
export const batchBody = documented(() =>
  z
    .object({
      id: z.string(),
      template: z.string(),
      status,
      total: z.int(),
      counts: z
        .object({
          waiting: z.int(),
          sending: z.int().meta({ description: "Being sent; neither a pause nor a cancel stops these." }),
          sent: z.int().meta({ description: "Accepted by WhatsApp; each notification shows its delivery." }),
          failed: z.int(),
          opted_out: z.int().meta({ description: "Not sent, because the recipient has opted out." }),
          canceled: z.int(),
        })
        .meta({ description: "Numbers of recipients; each recipient counts once." }),
      errors: z
        .array(z.object({ code: z.string(), title: z.string(), action: z.string(), count: z.int() }))
        .meta({ description: "The errors of failed recipients, each once." }),
      created_at: time,
      finished_at: time
        .nullable()
        .meta({ description: "When the last recipient was sent to, had failed or was canceled." }),
    })
    .meta({ id: "NotificationBatch" }),
);

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
