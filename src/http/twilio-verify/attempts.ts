import * as z from "zod";
import { ownerOf, parseVerificationId, type VerificationId } from "../../ids/verification-id.ts";
import type { JournalFilter } from "../../journal/filter.ts";
import type { JournaledVerification } from "../../journal/rows.ts";
import { CHANNEL_NAMES } from "../../messages/message.ts";
import { serializeCursor } from "../../platform/cursor.ts";
import { described, documented } from "../../platform/documented.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";
import { phoneNumber } from "../v1/fields.ts";
import { cursorField } from "../v1/page.ts";
import { attemptFilters, purposeOf, queryWithout } from "./attempt-query.ts";
import type { TwilioContext } from "./context.ts";
import { twilioDialect } from "./dialect.ts";
import { metaOf, pageMeta, pageQuery } from "./page.ts";
import {
  accountSidOf,
  attemptSid,
  baseOf,
  parseVerificationSid,
  toSecondsIso,
  toVerificationSid,
} from "./spelling.ts";

const CONVERSIONS = ["converted", "unconverted"] as const;

const attempt = documented(() =>
  z
    .object({
      sid: z.string().meta({ description: "`VL` and 32 hexadecimal digits." }),
      account_sid: z.string(),
      service_sid: z.string(),
      verification_sid: z.string(),
      date_created: z.string().meta({ description: "When the message was sent, in whole seconds." }),
      date_updated: z.string(),
      conversion_status: z.enum(CONVERSIONS).meta({
        description: "`converted` for the newest message of an approved verification.",
      }),
      channel: z.enum(CHANNEL_NAMES),
      price: z.object({ value: z.null(), currency: z.string() }),
      channel_data: z.object({
        verification_sid: z.string(),
        to: z.string().meta({ description: "Masked." }),
        status: z.enum(["confirmed", "unconfirmed", "expired"]),
        message_status: z.enum(["queued", "sent", "delivered", "read", "failed"]),
        error_code: z.string().nullable(),
        country: z.string().nullable(),
        locale: z.string(),
      }),
      url: z.url(),
    })
    .meta({ id: "TwilioVerificationAttempt" }),
);
type Attempt = z.input<typeof attempt>;

const query = z.strictObject({
  ...attemptFilters,
  // Some clients do not encode the plus sign, and a query reads it as a space.
  "ChannelData.To": z
    .string()
    .overwrite((text) => text.replace(/^ /, "+"))
    .pipe(phoneNumber)
    .optional()
    .meta(described({ examples: ["+6281234567890"] })),
  VerificationSid: z
    .string()
    .transform((text, context): VerificationId => {
      const id = parseVerificationSid(text);
      if (id !== null) return id;
      context.issues.push({ code: "custom", input: text, message: "Give VE and 32 hexadecimal digits." });
      return z.NEVER;
    })
    .optional()
    .meta(described({ examples: ["VE0123456789abcdef0123456789abcdef"] })),
  Status: z.enum(CONVERSIONS).optional(),
  ...pageQuery,
  PageToken: cursorField(parseVerificationId).optional(),
});
type Query = z.output<typeof query>;

export const attemptDefinitions = {
  listTwilioAttempts: defineEndpoint({
    operationId: "listTwilioAttempts",
    dialect: twilioDialect,
    method: "get",
    path: "/twilio/v2/Attempts",
    scope: "reports",
    docs: documented(() => ({
      summary: "List messages as Twilio's verification attempts",
      description:
        "Newest first, from the journal: a message is in it from a few seconds after its verification has closed. A page " +
        "ends with the last message of a verification, and may be short or empty; only a `next_page_url` of null says " +
        "that it is the last.",
      responses: {
        200: { description: "A page.", schema: z.object({ attempts: z.array(attempt), meta: pageMeta }) },
      },
      problems: ["invalid_phone_number", "not_found"],
    })),
    query,
  }),
};

export function attemptHandlers(context: TwilioContext): Handlers<typeof attemptDefinitions> {
  const { journal, services } = context;
  return {
    async listTwilioAttempts({ query, caller, request }) {
      const { Status, Channel, Page, PageSize } = query;
      const filter = await toFilter(query, context);
      const { verifications, next } = pageFor(await journal.list(caller.reach, filter), PageSize);
      const accountSid = accountSidOf(request, context.accountSid, caller);
      const base = baseOf(request);
      const attempts = verifications
        .flatMap((verification) => toAttempts(verification, { ...context, accountSid, base }))
        .filter(
          ({ conversion_status, channel }) =>
            conversion_status === (Status ?? conversion_status) && channel === (Channel ?? channel),
        );
      const filters = queryWithout(request, ["Page", "PageSize", "PageToken"]);
      const page = { size: PageSize, page: Page, next: next && serializeCursor(next) };
      const body = { attempts, meta: metaOf("attempts", `${base}/Attempts`, filters, page) };
      return { status: 200, body, outcome: "listed" };
    },
  };

  /** A filter of verifications; what is about single messages is filtered afterwards. */
  async function toFilter(given: Query, { verifications }: TwilioContext): Promise<JournalFilter> {
    const { "ChannelData.To": to, VerificationSid: id } = given;
    const named = id === undefined ? undefined : [ownerOf(id)];
    return {
      tags: to === undefined ? named : await verifications.namesOf(to),
      id,
      purpose: purposeOf(given.VerifyServiceSid, services),
      country: given.Country,
      approved: given.Status === "converted" ? true : undefined,
      test: false,
      from: given.DateCreatedAfter,
      to: given.DateCreatedBefore,
      after: given.PageToken,
      limit: given.PageSize,
    };
  }
}

type Page = Awaited<ReturnType<TwilioContext["journal"]["list"]>>;

/** As many verifications as have no more messages than a page has entries; at least one. */
function pageFor({ verifications, next }: Page, size: number): Page {
  let entries = 0;
  const fitting = verifications.filter(({ messages }, index) => {
    entries += messages.length;
    return index === 0 || entries <= size;
  });
  const last = fitting.at(-1);
  return fitting.length === verifications.length || last === undefined
    ? { verifications, next }
    : { verifications: fitting, next: last };
}

interface Shown extends Pick<TwilioContext, "keyring" | "services"> {
  readonly accountSid: string;
  readonly base: string;
}

/** The messages of a verification, newest first. */
function toAttempts(verification: JournaledVerification, shown: Shown): Attempt[] {
  const { id, status, purpose, messages } = verification;
  const verificationSid = toVerificationSid(id);
  const attempts = messages.map((message, ordinal): Attempt => {
    const isConverted = status === "approved" && ordinal === messages.length - 1;
    const sid = attemptSid(shown.keyring, id, ordinal);
    return {
      sid,
      account_sid: shown.accountSid,
      service_sid: shown.services.sidOf(purpose),
      verification_sid: verificationSid,
      date_created: toSecondsIso(message.createdAt),
      date_updated: toSecondsIso(message.updatedAt),
      conversion_status: isConverted ? "converted" : "unconverted",
      channel: message.channel,
      price: { value: null, currency: "usd" },
      channel_data: {
        verification_sid: verificationSid,
        to: verification.to ?? "",
        status: isConverted ? "confirmed" : status === "expired" ? "expired" : "unconfirmed",
        message_status: message.status,
        error_code: message.error?.code ?? null,
        country: verification.country,
        locale: verification.locale,
      },
      url: `${shown.base}/Attempts/${sid}`,
    };
  });
  return attempts.reverse();
}
