import * as z from "zod";
import type { ProviderError } from "../failure.ts";
import { classify, type Scope } from "./errors.ts";
import { type Change, known } from "./webhook.ts";

/** Webhook fields about a template, and those about the account or one of its numbers. */
const TEMPLATE_FIELDS = [
  "message_template_status_update",
  "message_template_quality_update",
  "template_category_update",
];
const SENDER_FIELDS = [
  "phone_number_quality_update",
  "business_capability_update",
  "account_update",
  "account_alerts",
];

/** The team's event type for a webhook change; null for fields without one. */
export function noticeType({ field }: Change): "template.updated" | "sender.updated" | null {
  if (TEMPLATE_FIELDS.includes(field)) return "template.updated";
  return SENDER_FIELDS.includes(field) ? "sender.updated" : null;
}

/** An error that affects more than one recipient, and its scope. */
export interface SharedError {
  readonly scope: Exclude<Scope, "recipient">;
  readonly phoneNumberId: string | null;
  readonly error: ProviderError;
}

/** Events of `account_update` after which the account cannot send. */
const BLOCKING = ["ACCOUNT_DELETED", "ACCOUNT_RESTRICTION", "DISABLED_UPDATE", "ACCOUNT_OFFBOARDED"];

const failure = z.object({ code: z.number() });
const failedStatus = z.object({ status: z.literal("failed"), errors: z.array(failure) });

/**
 * Reads errors that arrive by webhook and affect more than their recipient: system errors (`value.errors`),
 * messages that failed for a reason of the sender, template or account, and blocked accounts.
 */
export function readSharedErrors({ field, value }: Change): readonly SharedError[] {
  if (field === "account_update" && BLOCKING.includes(String(value.event))) {
    const title = `The business account was blocked: ${value.event}`;
    return [
      { scope: "account", phoneNumberId: null, error: { code: "account_update", class: "stop", title } },
    ];
  }
  if (field !== "messages") return [];
  const metadata = z.object({ phone_number_id: z.string() }).safeParse(value.metadata);
  const failures = [
    ...known(failure, value.errors),
    ...known(failedStatus, value.statuses).flatMap(({ errors }) => errors),
  ];
  return failures.flatMap(({ code }) => {
    const error = classify(code);
    if (error.scope === "recipient") return [];
    return [{ scope: error.scope, phoneNumberId: metadata.data?.phone_number_id ?? null, error }];
  });
}
