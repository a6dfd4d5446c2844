import * as z from "zod";
import { type BatchId, parseBatchId } from "../../../ids/batch-id.ts";
import type { BatchSnapshot } from "../../../notifications/batches/batch-state.ts";
import type { Batches } from "../../../notifications/batches/batches.ts";
import { described, documented } from "../../../platform/documented.ts";
import { Problem } from "../../../platform/problem.ts";
import { acceptedBatchBody, batchBody, toBatchBody } from "../../../wire/notification-batch.ts";
import { defineEndpoint, type Handlers, orNotFound, type Reply } from "../../endpoint.ts";
import { withFaults } from "../../parse-input.ts";
import { locale, metadata, phoneNumber } from "../fields.ts";

const MOST_RECIPIENTS = 1000;
/** A kibibyte for each recipient: about as much as the text of a template may have. */
const LARGEST_BODY_BYTES = MOST_RECIPIENTS * 1024;

const recipient = z.strictObject({
  to: phoneNumber,
  parameters: z.record(z.string(), z.string()).default({}),
  locale: locale.optional(),
  metadata: metadata.optional(),
});

const changed = {
  method: "post",
  scope: "notifications",
  params: { id: parseBatchId },
} as const;

const changedDocs = documented(() => ({
  responses: { 200: { description: "The batch as it is now.", schema: batchBody } },
  problems: ["not_found"],
}));

export const batchDefinitions = {
  createNotificationBatch: defineEndpoint({
    operationId: "createNotificationBatch",
    method: "post",
    path: "/v1/notifications/batches",
    scope: "notifications",
    docs: documented(() => ({
      summary: "Send one template to many",
      description:
        "Checks everything first, and sends nothing if anything is wrong with a recipient; of many faults the first " +
        "100 are named. Then sends at three quarters of the senders' rate, so that codes find room. A number may " +
        "be in it once. What could not be sent within seven days is canceled.",
      example: {
        template: "shipping_update",
        locale: "en",
        recipients: [{ to: "+6281234567890", parameters: { name: "Ana", order: "A-77" } }],
      },
      responses: { 202: { description: "On its way.", schema: acceptedBatchBody } },
      problems: ["invalid_phone_number", "idempotency_mismatch"],
    })),
    body: z
      .strictObject({
        template: z.string().min(1).max(512),
        locale: locale.optional(),
        recipients: z.array(recipient).min(1).max(MOST_RECIPIENTS),
      })
      .meta(described({ id: "CreateNotificationBatch" })),
    acceptsIdempotencyKey: true,
    largestBodyBytes: LARGEST_BODY_BYTES,
  }),

  getNotificationBatch: defineEndpoint({
    operationId: "getNotificationBatch",
    method: "get",
    path: "/v1/notifications/batches/{id}",
    scope: "notifications",
    docs: documented(() => ({
      summary: "Read a batch's progress",
      description: "Until seven days after it has finished.",
      responses: { 200: { description: "The batch.", schema: batchBody } },
      problems: ["not_found"],
    })),
    params: { id: parseBatchId },
  }),

  pauseNotificationBatch: defineEndpoint({
    ...changed,
    operationId: "pauseNotificationBatch",
    path: "/v1/notifications/batches/{id}/pause",
    docs: documented(() => ({
      ...changedDocs,
      summary: "Hold a batch",
      description: "What is on its way goes out; the rest waits, for seven days at most.",
    })),
  }),

  resumeNotificationBatch: defineEndpoint({
    ...changed,
    operationId: "resumeNotificationBatch",
    path: "/v1/notifications/batches/{id}/resume",
    docs: documented(() => ({
      ...changedDocs,
      summary: "Go on with a batch",
      description: "A batch that was not paused stays as it is.",
    })),
  }),

  cancelNotificationBatch: defineEndpoint({
    ...changed,
    operationId: "cancelNotificationBatch",
    path: "/v1/notifications/batches/{id}/cancel",
    docs: documented(() => ({
      ...changedDocs,
      summary: "End a batch",
      description: "What is on its way goes out, and nothing else. A finished batch stays as it is.",
    })),
  }),
};

export function batchHandlers(batches: Batches): Handlers<typeof batchDefinitions> {
  return {
    async createNotificationBatch({ body, caller: { app }, idempotencyKey }) {
      const recipients = body.recipients.map(({ to, parameters, metadata = {}, locale = body.locale }) => ({
        to,
        parameters,
        metadata,
        locale: locale ?? null,
      }));
      const created = await batches.create({ app, template: body.template, recipients }, idempotencyKey);
      if (created.kind === "faults") throw withFaults("invalid_request", created.faults);
      if (created.kind === "idempotency_mismatch") throw new Problem(created.kind);
      const { total, status } = created.batch;
      return { status: 202, body: { id: created.id, total, status }, outcome: status };
    },
    async getNotificationBatch({ params: { id }, caller }) {
      return show(id, await batches.get(id, caller.reach));
    },
    async pauseNotificationBatch({ params: { id }, caller }) {
      return show(id, await batches.pause(id, caller.reach));
    },
    async resumeNotificationBatch({ params: { id }, caller }) {
      return show(id, await batches.resume(id, caller.reach));
    },
    async cancelNotificationBatch({ params: { id }, caller }) {
      return show(id, await batches.cancel(id, caller.reach));
    },
  };
}

function show(id: BatchId, found: BatchSnapshot | null): Reply {
  const batch = orNotFound(found);
  return { status: 200, body: toBatchBody(id, batch), outcome: batch.status };
}
