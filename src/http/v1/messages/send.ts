import * as z from "zod";
import { LONGEST_TEXT } from "../../../channels/whatsapp/payload.ts";
import type { Conversation } from "../../../notifications/conversation.ts";
import { notificationBody } from "../../../wire/notification.ts";
import { endpoint } from "../endpoint.ts";
import { metadata, phoneNumber } from "../fields.ts";
import { replyTo } from "../notifications/replies.ts";

export function sendMessage(conversation: Conversation) {
  return endpoint({
    operationId: "sendMessage",
    method: "post",
    path: "/v1/messages",
    scope: "notifications",
    summary: "Answer a user",
    description:
      "Sends a text of any content within 24 hours of the user's last message. It is sent at once and not tried again.",
    body: z
      .strictObject({
        to: phoneNumber,
        text: z.string().min(1).max(LONGEST_TEXT),
        metadata: metadata.optional(),
      })
      .meta({ id: "SendMessage" }),
    example: { to: "+6281234567890", text: "Your parcel is at the neighbour's." },
    responses: { 202: { description: "WhatsApp took it.", schema: notificationBody } },
    problems: [
      "invalid_phone_number",
      "window_closed",
      "send_limit_reached",
      "channel_failed",
      "channel_unavailable",
    ],
    async handle({ body: { metadata: given, ...request }, background }) {
      return replyTo(await conversation.reply({ ...request, metadata: given ?? {} }, background));
    },
  });
}
