import * as z from "zod";
import type { ProviderError } from "../failure.ts";
import { classify, type Scope } from "./errors.ts";
import { type Change, known } from "./webhook.ts";

/** Fields that tell of a template, and those that tell of the account or one of its numbers. */
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

/** Which kind of event a change is to the team; null where it is none. */
export function noticeType({ field }: Change): "template.updated" | "sender.updated" | null {
  if (TEMPLATE_FIELDS.includes(field)) return "template.updated";
  return SENDER_FIELDS.includes(field) ? "sender.updated" : null;
}

/** An error that will meet more than one recipient, and whose. */
export interface BroadError {
  readonly scope: Exclude<Scope, "recipient">;
  readonly phoneNumberId: string | null;
  readonly error: ProviderError;
}

/** Events of `account_update` after which nothing can be sent. */
const BLOCKING = ["ACCOUNT_DELETED", "ACCOUNT_RESTRICTION", "DISABLED_UPDATE", "ACCOUNT_OFFBOARDED"];

const failure = z.object({ code: z.number() });
const failedStatus = z.object({ status: z.literal("failed"), errors: z.array(failure) });

/**
 * Errors that came by webhook and not as an answer: of the system (`value.errors` without a status), of a
 * message that failed for a reason that is not its recipient's, and accounts that were blocked.
 */
export function readBroadErrors({ field, value }: Change): readonly BroadError[] {
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
