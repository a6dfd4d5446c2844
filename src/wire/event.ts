import * as z from "zod";
import type { EventType } from "../events/event.ts";
import { decision } from "./guard-decision.ts";
import { notificationBody } from "./notification.ts";
import { verificationBody } from "./verification.ts";

const time = z.iso.datetime().meta({ description: "UTC, with milliseconds." });

/** What one type of event says, and when it is sent. */
export interface EventDescription {
  readonly summary: string;
  readonly description: string;
  readonly data: z.ZodType;
}

const ofTheAccount = z.string().meta({ description: "`default`: the WhatsApp account belongs to no app." });

const receivedMessage = z
  .object({
    app: ofTheAccount,
    channel: z.literal("whatsapp"),
    from: z
      .string()
      .nullable()
      .meta({ description: "In E.164; null where WhatsApp names only the account." }),
    from_user_id: z
      .string()
      .nullable()
      .meta({ description: "WhatsApp's id of the account in this business." }),
    message_id: z.string(),
    context_id: z
      .string()
      .nullable()
      .meta({ description: "The id of the message that is answered, or whose button was tapped." }),
    type: z
      .string()
      .meta({ description: "WhatsApp's type of message: `text`, `button`, `image`, `system`." }),
    text: z.string().nullable(),
    button_payload: z.string().nullable(),
    received_at: time,
    window_ends_at: time
      .nullable()
      .meta({ description: "Until then `POST /v1/messages` may answer; null where the user did not write." }),
    system: z
      .object({ type: z.string(), new_number: z.string().nullable() })
      .nullable()
      .meta({ description: "Set for WhatsApp's own messages, such as a user's change of number." }),
  })
  .meta({ id: "ReceivedMessage" });

const metaChange = {
  app: ofTheAccount,
  field: z
    .string()
    .meta({ description: "The webhook field of Meta. The other fields are Meta's, as it sent them." }),
};

const templateChange = z.looseObject(metaChange).meta({ id: "TemplateChange" });

const senderState = z
  .object({
    app: ofTheAccount,
    circuit: z
      .string()
      .meta({ description: "What is in or out of use, such as `sender/<phone number id>`." }),
    state: z.enum(["open", "closed"]).meta({ description: "`open`: out of use. `closed`: in use again." }),
    error: z.object({ code: z.string(), title: z.string() }),
    until: time.optional().meta({ description: "When it is tried again; only while it is open." }),
  })
  .meta({ id: "SenderState" });

const senderChange = z.looseObject(metaChange).meta({ id: "SenderChange" });

const deploymentCheck = z
  .object({
    app: ofTheAccount,
    check: z.string().meta({ description: "The check's id, as `GET /v1/doctor` has it." }),
    severity: z.enum(["blocks", "degrades", "warns", "informs"]),
    state: z.enum(["ok", "warning", "failed"]),
    sentence: z.string(),
    repair: z.string().nullable().meta({ description: "What to do about it, in one sentence." }),
  })
  .meta({ id: "DeploymentCheck" });

const capacityWarning = z
  .object({
    app: ofTheAccount,
    used_percent: z.number().int().meta({ description: "How much of the limit the database takes." }),
    limit_bytes: z.number().int(),
    deletes_delivered_events: z.boolean().meta({
      description:
        "Whether delivered webhook events are deleted before their time, to make room. From 90 % on.",
    }),
  })
  .meta({ id: "CapacityWarning" });

const guardDecision = decision.meta({ id: "GuardBlock" });

/** Every event that webhook endpoints receive. `data` is what the API would have answered at that time. */
export const EVENTS: Readonly<Record<EventType, EventDescription>> = {
  "verification.started": {
    summary: "A verification starts",
    description: "Its first message is on its way.",
    data: verificationBody,
  },
  "verification.approved": {
    summary: "A verification is approved",
    description: "The user proved the number. Each verification is approved at most once.",
    data: verificationBody,
  },
  "verification.expired": {
    summary: "A verification expires",
    description: "The right code did not come in time.",
    data: verificationBody,
  },
  "verification.canceled": {
    summary: "A verification is canceled",
    description: "Your app canceled it, or a newer one took its place: `reason` is `superseded` then.",
    data: verificationBody,
  },
  "verification.failed": {
    summary: "A verification fails",
    description:
      "`reason` says why: no attempts left, no channel delivered, or the owner of the number objected.",
    data: verificationBody,
  },
  "verification.message": {
    summary: "A code's message changes",
    description: "The status of one of `messages` changed: sent, delivered, read or failed.",
    data: verificationBody,
  },
  "notification.sent": {
    summary: "A notification is sent",
    description: "WhatsApp reports it as sent.",
    data: notificationBody,
  },
  "notification.delivered": {
    summary: "A notification is delivered",
    description: "It is on the recipient's phone.",
    data: notificationBody,
  },
  "notification.read": {
    summary: "A notification is read",
    description: "Only of recipients who allow read receipts.",
    data: notificationBody,
  },
  "notification.failed": {
    summary: "A notification fails",
    description: "`error` says why, and what to do about it.",
    data: notificationBody,
  },
  "message.received": {
    summary: "A user writes",
    description:
      "Or taps a button. Endpoints of the app `default` receive it. A message that proves a number is none to answer, and " +
      "has no such event.",
    data: receivedMessage,
  },
  "template.updated": {
    summary: "A template changes at WhatsApp",
    description: "WhatsApp reviewed, paused or rated it. Endpoints of the app `default` receive it.",
    data: templateChange,
  },
  "sender.updated": {
    summary: "A sender changes",
    description:
      "It is out of use or back in use, or Meta has a notice about the account or its numbers. Endpoints of the app " +
      "`default` receive it.",
    data: z.union([senderState, senderChange]),
  },
  "deployment.degraded": {
    summary: "A check of the doctor turns red",
    description:
      "The nightly examination found it. Endpoints of the app `default` receive it, once until the check is red no more.",
    data: deploymentCheck,
  },
  "deployment.recovered": {
    summary: "A check of the doctor is red no more",
    description: "The nightly examination found it. Endpoints of the app `default` receive it.",
    data: deploymentCheck,
  },
  "capacity.warning": {
    summary: "The journal's database is filling",
    description:
      "It takes 70 % of what it can hold, or more. Endpoints of the app `default` receive it once a day until it takes less.",
    data: capacityWarning,
  },
  "guard.blocked": {
    summary: "The guard refuses a send",
    description: "Or would refuse it, where the rule only records.",
    data: guardDecision,
  },
};

/** The body of an event's request: the format that Standard Webhooks recommends. */
export function eventBody<Data extends z.ZodType>(type: string, data: Data) {
  return z.object({
    type: z.literal(type),
    timestamp: time.meta({ description: "When it happened, in UTC with milliseconds." }),
    data,
  });
}
