import * as z from "zod";
import type { Notifications } from "../../../notifications/notifications.ts";
import { notificationBody } from "../../../wire/notification.ts";
import { endpoint } from "../endpoint.ts";
import { locale, metadata, phoneNumber } from "../fields.ts";
import { replyTo } from "./replies.ts";

export function sendNotification(notifications: Notifications) {
  return endpoint({
    operationId: "sendNotification",
    method: "post",
    path: "/v1/notifications",
    scope: "notifications",
    summary: "Send a notification",
    description:
      "Checks the parameters, then sends the template in the user's language. A recipient who wants no messages " +
      "gets none: the notification is `failed` with `opted_out`.",
    body: z
      .strictObject({
        to: phoneNumber,
        template: z.string().min(1).max(512),
        locale: locale.optional(),
        parameters: z
          .record(z.string(), z.string())
          .default({})
          .meta({ description: "By name, or by number where the template counts." }),
        metadata: metadata.optional(),
      })
      .meta({ id: "SendNotification" }),
    example: {
      to: "+6281234567890",
      template: "shipping_update",
      locale: "en",
      parameters: { name: "Ana", order: "A-77" },
    },
    responses: { 202: { description: "On its way.", schema: notificationBody } },
    problems: ["invalid_phone_number", "send_limit_reached"],
    async handle({ body: { metadata: given, locale: named, ...request } }) {
      const asked = { ...request, locale: named ?? null, metadata: given ?? {} };
      return replyTo(await notifications.send(asked));
    },
  });
}
