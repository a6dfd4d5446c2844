import * as z from "zod";
import type { ProviderError } from "../failure.ts";
import { ACCOUNT_KEY, circuitKey } from "./circuit-keys.ts";
import { classify, OVER_THROUGHPUT } from "./errors.ts";
import type { Observations } from "./observations.ts";
import { type Change, known, type OnSkipped, senderOf } from "./webhook.ts";

/** Webhook fields about a template, and those about the account or one of its numbers. */
const TEMPLATE_FIELDS = [
  "message_template_status_update",
  "message_template_quality_update",
  "template_category_update",
];
const SENDER_FIELDS = [
  "phone_number_quality_update",
  "phone_number_name_update",
  "business_capability_update",
  "account_update",
  "account_alerts",
  "security",
];

/** The team's event type for a webhook change; null for fields without one. */
export function noticeType({ field }: Change): "template.updated" | "sender.updated" | null {
  if (TEMPLATE_FIELDS.includes(field)) return "template.updated";
  return SENDER_FIELDS.includes(field) ? "sender.updated" : null;
}

/** Whether a change is about one of the numbers or the account, so that what Meta says of them may be new. */
export function isAboutSenders({ field }: Change): boolean {
  return SENDER_FIELDS.includes(field);
}

/** What a webhook says about a circuit: an error that every call would meet, or that its cause is gone (null). */
export interface CircuitReport {
  readonly key: string;
  readonly error: ProviderError | null;
  /** When it happened at Meta, a whole second in milliseconds since the epoch. */
  readonly at: number;
}

/** Meta adds events and fields without notice; each part that is not understood is passed over. */
const accountUpdate = z.object({
  event: z.string(),
  ban_info: z.object({ waba_ban_state: z.string() }).optional().catch(undefined),
  restriction_info: z
    .array(
      z.object({
        restriction_type: z.string().catch(""),
        expiration: z.coerce.number().optional().catch(undefined),
      }),
    )
    .optional()
    .catch(undefined),
});

type AccountUpdate = z.output<typeof accountUpdate>;

/** The restriction that concerns codes and notifications; others are about replies, calls or added numbers. */
const SENDING_RESTRICTION = "RESTRICTED_BIZ_INITIATED_MESSAGING";

/**
 * Reads whether a change of the field `account_update` stops the account's messages or resumes them. Events
 * that do neither (a scheduled ban, violations, partners, prices) are only told to the team.
 */
export function readAccountUpdate({ field, value, time }: Change, now: number): readonly CircuitReport[] {
  if (field !== "account_update") return [];
  const update = accountUpdate.safeParse(value).data;
  const effect = update === undefined ? null : effectOf(update, now);
  if (update === undefined || effect === null) return [];
  const title = `The business account was blocked: ${update.event}`;
  const error: ProviderError = { code: "account_update", class: "stop", title };
  return [{ key: ACCOUNT_KEY, error: effect === "stop" ? error : null, at: timeOf(time, now) }];
}

/**
 * Records what the doctor tells of changes: whether the account's messages were stopped, whether Meta's own agent answers
 * in its place, and which sender was heard of.
 */
export function observeAccount(changes: readonly Change[], observations: Observations, now: number): void {
  for (const change of changes) {
    const { field, value, time } = change;
    if (field === "standby") observations.recordStandby(timeOf(time, now));
    const sender = field === "messages" ? senderOf(change) : null;
    if (sender !== null) observations.recordHeard(sender, now);
    const update = field === "account_update" ? accountUpdate.safeParse(value).data : undefined;
    const effect = update === undefined ? null : effectOf(update, now);
    if (update === undefined || effect === null) continue;
    const restriction = update.restriction_info?.find(
      ({ restriction_type }) => restriction_type === SENDING_RESTRICTION,
    );
    const until = restriction?.expiration;
    observations.recordAccountUpdate({
      type: restriction?.restriction_type ?? update.ban_info?.waba_ban_state ?? update.event,
      stopsMessages: effect === "stop",
      until: until === undefined ? null : until * 1000,
      at: timeOf(time, now),
    });
  }
}

function effectOf(
  { event, ban_info, restriction_info }: AccountUpdate,
  now: number,
): "stop" | "resume" | null {
  switch (event) {
    case "ACCOUNT_DELETED":
    case "ACCOUNT_OFFBOARDED":
      return "stop";
    case "ACCOUNT_RECONNECTED":
      return "resume";
    case "DISABLED_UPDATE":
      return banEffect(ban_info?.waba_ban_state);
    case "ACCOUNT_RESTRICTION":
      return restrictionEffect(restriction_info, now);
    default:
      return null;
  }
}

function banEffect(state = "DISABLE"): "stop" | "resume" | null {
  if (state === "REINSTATE") return "resume";
  return state === "DISABLE" ? "stop" : null;
}

/** A restriction of which nothing more is known may be of any kind, so it stops the account's messages. */
function restrictionEffect(restrictions: AccountUpdate["restriction_info"], now: number): "stop" | null {
  if (restrictions === undefined || restrictions.length === 0) return "stop";
  const isInForce = restrictions.some(
    ({ restriction_type, expiration }) =>
      restriction_type === SENDING_RESTRICTION && (expiration === undefined || expiration * 1000 > now),
  );
  return isInForce ? "stop" : null;
}

const failure = z.object({ code: z.number() });

/**
 * Reads the errors of a sender that come without a message (`value.errors` of the field `messages`). Too high a throughput
 * is none: the sender works. Entries of this field often have no time, so that a repeat of days ago looks like news:
 * without one, only errors that pause for seconds count.
 */
export function readSystemErrors(
  change: Change,
  now: number,
  onSkipped?: OnSkipped,
): readonly CircuitReport[] {
  if (change.field !== "messages") return [];
  return known(failure, change.value.errors, onSkipped).flatMap(({ code }) => {
    const error = classify(code);
    const subject = { phoneNumberId: senderOf(change), country: null, template: null };
    const key = error.scope === "country" ? null : circuitKey(error.scope, subject);
    const mayBeOld = change.time === 0 && error.class !== "backoff";
    const isNone = key === null || error.code === OVER_THROUGHPUT;
    return isNone || mayBeOld ? [] : { key, error, at: timeOf(change.time, now) };
  });
}

/** An entry without a time was sent just now. */
function timeOf(time: number, now: number): number {
  return time > 0 ? time * 1000 : now;
}
