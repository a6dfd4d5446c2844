import * as z from "zod";
import type { Batches } from "../../../../notifications/batches/batches.ts";
import { Problem } from "../../../../platform/problem.ts";
import { endpoint } from "../../endpoint.ts";
import { locale, metadata, phoneNumber } from "../../fields.ts";
import { withFaults } from "../../parse-input.ts";
import { acceptedBatchBody } from "./body.ts";

const MOST_RECIPIENTS = 1000;
/** A kibibyte for each recipient, which is about what a template's text may have. */
const LARGEST_BODY_BYTES = MOST_RECIPIENTS * 1024;

const recipient = z.strictObject({
  to: phoneNumber,
  parameters: z.record(z.string(), z.string()).default({}),
  locale: locale.optional(),
  metadata: metadata.optional(),
});

export function createBatch(batches: Batches) {
  return endpoint({
    operationId: "createNotificationBatch",
    method: "post",
    path: "/v1/notifications/batches",
    scope: "notifications",
    summary: "Send one template to many",
    description:
      "Checks everything first, and sends nothing if anything is wrong with anybody; of many faults the first " +
      "100 are named. Then sends at three quarters of the senders' rate, so that codes find room. A number may " +
      "stand in it once. What could not be sent within seven days is canceled.",
    body: z
      .strictObject({
        template: z.string().min(1).max(512),
        locale: locale.optional(),
        recipients: z.array(recipient).min(1).max(MOST_RECIPIENTS),
      })
      .meta({ id: "CreateNotificationBatch" }),
    example: {
      template: "shipping_update",
      locale: "en",
      recipients: [{ to: "+6281234567890", parameters: { name: "Ana", order: "A-77" } }],
    },
    acceptsIdempotencyKey: true,
    largestBodyBytes: LARGEST_BODY_BYTES,
    responses: { 202: { description: "On its way.", schema: acceptedBatchBody } },
    problems: ["invalid_phone_number", "idempotency_mismatch"],
    async handle({ body, idempotencyKey }) {
      const recipients = body.recipients.map((one) => ({
        to: one.to,
        parameters: one.parameters,
        metadata: one.metadata ?? {},
        locale: one.locale ?? body.locale ?? null,
      }));
      const created = await batches.create({ template: body.template, recipients }, idempotencyKey);
      if (created.kind === "faults") throw withFaults("invalid_request", created.faults);
      if (created.kind === "idempotency_mismatch") throw new Problem(created.kind);
      const { total, status } = created.batch;
      return { status: 202, body: { id: created.id, total, status }, outcome: status };
    },
  });
}
