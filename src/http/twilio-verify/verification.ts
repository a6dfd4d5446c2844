import * as z from "zod";
import { CHANNEL_NAMES } from "../../messages/message.ts";
import type { VerificationSnapshot } from "../../phone-number/snapshot.ts";
import { documented } from "../../platform/documented.ts";
import type { Keyring } from "../../platform/keyring.ts";
import { toIso } from "../../platform/time.ts";
import { toAmountText } from "./amount.ts";
import type { Service } from "./services.ts";
import { attemptSid, toSecondsIso, toVerificationSid } from "./spelling.ts";

const sharedFields = documented(() => ({
  sid: z.string().meta({ description: "`VE` and 32 hexadecimal digits." }),
  service_sid: z.string().meta({ description: "As the request spelled it." }),
  account_sid: z.string(),
  to: z.string(),
  channel: z.enum(CHANNEL_NAMES).nullable().meta({ description: "That of the newest message." }),
  status: z.enum(["pending", "approved", "canceled"]),
  valid: z.boolean(),
  amount: z.string().nullable(),
  payee: z.string().nullable(),
  date_created: z
    .string()
    .meta({ description: "UTC, in whole seconds.", examples: ["2026-11-23T15:45:42Z"] }),
  date_updated: z.string(),
}));

export const twilioVerification = documented(() =>
  z
    .object({
      ...sharedFields,
      lookup: z.object({}),
      send_code_attempts: z
        .array(z.object({ time: z.string(), channel: z.enum(["whatsapp", "SMS"]), attempt_sid: z.string() }))
        .meta({ description: "One a message." }),
      sna: z.null(),
      url: z.url(),
    })
    .meta({ id: "TwilioVerification" }),
);

export const twilioCheck = documented(() =>
  z
    .object({ ...sharedFields, sna_attempts_error_codes: z.array(z.unknown()) })
    .meta({ id: "TwilioVerificationCheck" }),
);

/** What an answer shows besides the verification. */
export interface View {
  /** The address of the API, as the client called it. */
  readonly base: string;
  readonly accountSid: string;
  readonly service: Service;
  /** As the request spelled it; undefined in a request that names none. */
  readonly amount?: string | undefined;
}

type Shared = Omit<z.input<typeof twilioCheck>, "sna_attempts_error_codes">;

function shared(
  verification: VerificationSnapshot,
  status: Shared["status"],
  { accountSid, service, amount }: View,
): Shared {
  const { id, to, channel, bind, createdAt, closedAt, messages } = verification;
  const updatedAt = Math.max(createdAt, closedAt ?? 0, ...messages.map((message) => message.updatedAt));
  return {
    sid: toVerificationSid(id),
    service_sid: service.sid,
    account_sid: accountSid,
    // Twilio knows no verification without a number.
    to: to ?? "",
    channel,
    status,
    valid: status === "approved",
    amount: bind && (amount ?? toAmountText(bind)),
    payee: bind?.payee ?? null,
    date_created: toSecondsIso(createdAt),
    date_updated: toSecondsIso(updatedAt),
  };
}

export function toTwilioVerification(
  verification: VerificationSnapshot,
  status: Shared["status"],
  view: View,
  keyring: Keyring,
): z.input<typeof twilioVerification> {
  const { id, messages } = verification;
  const fields = shared(verification, status, view);
  return {
    ...fields,
    lookup: {},
    send_code_attempts: messages.map(({ channel, createdAt }, ordinal) => ({
      time: toIso(createdAt),
      channel: channel === "sms" ? "SMS" : channel,
      attempt_sid: attemptSid(keyring, id, ordinal),
    })),
    sna: null,
    url: `${view.base}/Services/${encodeURIComponent(view.service.sid)}/Verifications/${fields.sid}`,
  };
}

export function toTwilioCheck(
  verification: VerificationSnapshot,
  isValid: boolean,
  view: View,
): z.input<typeof twilioCheck> {
  return {
    ...shared(verification, isValid ? "approved" : "pending", view),
    sna_attempts_error_codes: [],
  };
}
