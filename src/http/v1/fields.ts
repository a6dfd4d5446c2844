import * as z from "zod";
import { type CodeText, readCode } from "../../codes/code.ts";
import { CHANNEL_NAMES } from "../../messages/message.ts";
import { isLocale } from "../../numbering/locale.ts";
import { readNumber } from "../../numbering/read-number.ts";
import type { Policy } from "../../phone-number/policy.ts";
import { described } from "../../platform/documented.ts";

/** Why the sends and checks of apps leave no audit entry. */
export const APP_TRAFFIC = "It is the app's own traffic, which the journal records.";

/** Input that more than one endpoint takes. The messages are for developers, in the errors of a 400. */

export const phoneNumber = z
  .string("Give the number as a string, such as +6281234567890.")
  .transform((text, context) => {
    const reading = readNumber(text);
    if (reading.kind === "number") return reading.number;
    context.issues.push({
      code: "custom",
      input: text,
      message: reading.fault,
      params: { problem: "invalid_phone_number" },
    });
    return z.NEVER;
  })
  .meta(
    described({
      description:
        "A phone number with plus sign and country code. Spaces, hyphens, dots, round brackets and invisible marks are " +
        "dropped, and digits of every script read; answers spell it in E.164.",
      examples: ["+6281234567890"],
    }),
  );

/** One of the deployment's purposes. */
export function purpose(policies: ReadonlyMap<string, Policy>) {
  const names = [...policies.keys()].join(", ");
  return z
    .string()
    .refine((name) => policies.has(name), {
      message: `The purposes of this deployment are ${names}.`,
      params: { problem: "unknown_purpose" },
    })
    .default("login")
    .meta(described({ description: `Names the policy: ${names}.`, examples: ["login"] }));
}

export const locale = z
  .string()
  .max(35)
  .refine(isLocale, "Give a BCP 47 language tag, such as pt-BR.")
  .meta(described({ description: "The user's language, in BCP 47.", examples: ["id"] }));

export const channelName = z.enum(CHANNEL_NAMES);

export const session = z
  .string()
  .min(1)
  .max(128)
  .meta(
    described({
      description:
        "What the app ties the verification to, such as a digest of its own browser session. A check has to name the " +
        "same; starts with different sessions are different verifications with different codes. Never returned.",
      examples: ["5f2c8e0d"],
    }),
  );

/** WhatsApp carries up to 15 characters in a code; fewer than four are guessed too easily. */
export const givenCode = z
  .string()
  .regex(/^[A-Za-z0-9]{4,15}$/, "Give 4 to 15 letters and digits.")
  .transform((text) => text as CodeText)
  .meta(
    described({
      description:
        "The caller's own code, instead of one drawn here. It is sent as given; a check takes its letters in either case.",
      examples: ["482913"],
    }),
  );

/** Room for the separators and invisible marks around what counts. */
const LONGEST_TYPED = 128;
/** More than any code has, so that a long guess is wrong and not invalid. */
const LONGEST_READ = 32;

export const typedCode = z
  .string()
  .min(1)
  .max(LONGEST_TYPED)
  .transform((text, context) => {
    const code = readCode(text);
    if (code.length > 0 && code.length <= LONGEST_READ) return code;
    const message =
      code === "" ? "It has no letters or digits." : `Give at most ${LONGEST_READ} letters and digits.`;
    context.issues.push({ code: "custom", input: text, message });
    return z.NEVER;
  })
  .meta(
    described({
      description:
        "What the user typed. Case, separators and invisible characters do not matter, and digits of every script count.",
      examples: ["482913"],
    }),
  );

export const ipAddress = z.union([z.ipv4(), z.ipv6()], "Give an IPv4 or IPv6 address.");

/** The end user as the app sees them: the guard counts by network. */
export const clientField = z
  .strictObject({
    ip: ipAddress.optional(),
    device_id: z.string().min(1).max(256).optional(),
  })
  .meta(described({ description: "The end user's address and device, as the app sees them." }));

export function toClient(client: z.output<typeof clientField> | undefined) {
  return { ip: client?.ip ?? null, deviceId: client?.device_id ?? null };
}

export const limitsField = z
  .record(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/), z.string().min(1).max(256))
  .refine((limits) => Object.keys(limits).length <= 8, "Give at most 8 limits.")
  .meta(
    described({
      description:
        "Keys for the deployment's named limits; a name it does not have limits nothing. At most 8.",
      examples: [{ account: "u_42" }],
    }),
  );

export const metadata = z
  .record(z.string().min(1).max(64), z.string().max(256))
  .refine((entries) => Object.keys(entries).length <= 16, "Give at most 16 keys.")
  .meta(described({ description: "Echoed in answers. At most 16 keys.", examples: [{ order_id: "A-77" }] }));

/** A time, or the beginning of a day in UTC, as milliseconds since the epoch. */
export const moment = z
  .string()
  // Some clients do not encode the plus sign of an offset, and a query reads it as a space.
  .overwrite((text) => text.replace(" ", "+"))
  .refine(
    (text) => z.union([z.iso.datetime({ offset: true }), z.iso.date()]).safeParse(text).success,
    "Give a time in ISO 8601 with its offset, such as 2026-11-23T00:00:00Z, or a date.",
  )
  .transform((text) => Date.parse(text));
