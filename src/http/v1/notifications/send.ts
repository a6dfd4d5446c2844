import * as z from "zod";
import { LONGEST_TEXT } from "../../../channels/whatsapp/payload.ts";
import { parseNotificationId } from "../../../ids/notification-id.ts";
import type { Conversation } from "../../../notifications/conversation.ts";
import type { Notifications } from "../../../notifications/notifications.ts";
import { described, documented } from "../../../platform/documented.ts";
import { notificationBody, toNotificationBody } from "../../../wire/notification.ts";
import { defineEndpoint, type Handlers, orNotFound } from "../../endpoint.ts";
import { APP_TRAFFIC, locale, metadata, phoneNumber } from "../fields.ts";
import { replyTo } from "./replies.ts";

export const notificationDefinitions = {
  sendNotification: defineEndpoint({
    operationId: "sendNotification",
    method: "post",
    path: "/v1/notifications",
    scope: "notifications",
    notAudited: APP_TRAFFIC,
    docs: documented(() => ({
      summary: "Send a notification",
      description:
        "Checks the parameters, then sends the template in the user's language. A recipient who wants no messages " +
        "gets none: the notification is `failed` with `opted_out`.",
      example: {
        to: "+6281234567890",
        template: "shipping_update",
        locale: "en",
        parameters: { name: "Ana", order: "A-77" },
      },
      responses: { 202: { description: "On its way.", schema: notificationBody } },
      problems: ["invalid_phone_number", "idempotency_mismatch", "send_limit_reached"],
    })),
    body: z
      .strictObject({
        to: phoneNumber,
        template: z.string().min(1).max(512),
        locale: locale.optional(),
        parameters: z
          .record(z.string(), z.string())
          .default({})
          .meta(described({ description: "By name, or by number where the template counts." })),
        metadata: metadata.optional(),
      })
      .meta(described({ id: "SendNotification" })),
    acceptsIdempotencyKey: true,
  }),

  getNotification: defineEndpoint({
    operationId: "getNotification",
    method: "get",
    path: "/v1/notifications/{id}",
    scope: "notifications",
    docs: documented(() => ({
      summary: "Read a notification",
      description:
        "Can be read for seven days after its last change. One of a batch is there once it has been tried.",
      responses: { 200: { description: "The notification.", schema: notificationBody } },
      problems: ["not_found"],
    })),
    params: { id: parseNotificationId },
  }),
};

export function notificationHandlers(notifications: Notifications): Handlers<typeof notificationDefinitions> {
  return {
    async sendNotification({
      body: { metadata = {}, locale = null, ...request },
      caller: { app },
      idempotencyKey,
    }) {
      return replyTo(await notifications.send({ ...request, app, locale, metadata }, idempotencyKey));
    },
    async getNotification({ params: { id }, caller }) {
      const notification = orNotFound(await notifications.get(id, caller.reach));
      const { status: outcome, to } = notification;
      return { status: 200, body: toNotificationBody(notification), outcome, to };
    },
  };
}

export const messageDefinitions = {
  sendMessage: defineEndpoint({
    operationId: "sendMessage",
    method: "post",
    path: "/v1/messages",
    scope: "notifications",
    notAudited: APP_TRAFFIC,
    docs: documented(() => ({
      summary: "Answer a user",
      description:
        "Sends a text of any content within 24 hours of the user's last message. It is sent at once and not tried again.",
      example: { to: "+6281234567890", text: "Your parcel is at the neighbour's." },
      responses: { 202: { description: "WhatsApp took it.", schema: notificationBody } },
      problems: [
        "invalid_phone_number",
        "idempotency_in_progress",
        "idempotency_mismatch",
        "window_closed",
        "send_limit_reached",
        "channel_failed",
        "channel_unavailable",
      ],
    })),
    body: z
      .strictObject({
        to: phoneNumber,
        text: z.string().min(1).max(LONGEST_TEXT),
        metadata: metadata.optional(),
      })
      .meta(described({ id: "SendMessage" })),
    acceptsIdempotencyKey: true,
  }),
};

export function messageHandlers(conversation: Conversation): Handlers<typeof messageDefinitions> {
  return {
    async sendMessage({ body: { metadata = {}, ...request }, caller: { app }, idempotencyKey, background }) {
      return replyTo(await conversation.reply({ ...request, app, metadata }, idempotencyKey, background));
    },
  };
}
