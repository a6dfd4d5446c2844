import { parseNotificationId } from "../../../ids/notification-id.ts";
import type { Notifications } from "../../../notifications/notifications.ts";
import { Problem } from "../../../platform/problem.ts";
import { notificationBody, toNotificationBody } from "../../../wire/notification.ts";
import { endpoint } from "../endpoint.ts";

export function getNotification(notifications: Notifications) {
  return endpoint({
    operationId: "getNotification",
    method: "get",
    path: "/v1/notifications/{id}",
    scope: "notifications",
    summary: "Read a notification",
    description:
      "Can be read for seven days after its last change. One of a batch is there once it has been tried.",
    responses: { 200: { description: "The notification.", schema: notificationBody } },
    problems: ["not_found"],
    async handle({ id: text }) {
      // What is not even spelled like an id was never issued.
      const id = parseNotificationId(text);
      const notification = id && (await notifications.get(id));
      if (notification === null) throw new Problem("not_found");
      return {
        status: 200,
        body: toNotificationBody(notification),
        outcome: notification.status,
        to: notification.to,
      };
    },
  });
}
