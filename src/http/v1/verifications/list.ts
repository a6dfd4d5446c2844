import * as z from "zod";
import type { AppScope } from "../../../ids/app-name.ts";
import type { PhoneNumberName } from "../../../ids/phone-number-name.ts";
import { parseVerificationId } from "../../../ids/verification-id.ts";
import { newestFirst, type Position } from "../../../journal/filter.ts";
import type { Journal } from "../../../journal/journal.ts";
import type { E164 } from "../../../numbering/e164.ts";
import type { VerificationSnapshot } from "../../../phone-number/snapshot.ts";
import { serializeCursor } from "../../../platform/cursor.ts";
import { described, documented } from "../../../platform/documented.ts";
import {
  type ShownVerification,
  toVerificationBody,
  verificationBody,
  verificationStatus,
} from "../../../wire/verification.ts";
import { defineEndpoint, type Handlers } from "../../endpoint.ts";
import { phoneNumber } from "../fields.ts";
import { cursorField, pageBody, pageQuery } from "../page.ts";

/** What the number's object stores: everything pending, and what closed within the last day. */
export interface RecentVerifications {
  listOf(to: E164, scope: AppScope): Promise<readonly VerificationSnapshot[]>;
  /** The names of all objects of a number, by which the journal finds what closed earlier. */
  namesOf(to: E164): Promise<readonly PhoneNumberName[]>;
}

const query = z.strictObject({
  // Some clients do not encode the plus sign, and a query reads it as a space.
  to: z
    .string()
    .overwrite((text) => text.replace(/^ /, "+"))
    .pipe(phoneNumber)
    .optional()
    .meta(
      described({
        description: "Of this number, in E.164; the ones still pending are then listed as well.",
        examples: ["+6281234567890"],
      }),
    ),
  status: verificationStatus.optional(),
  purpose: z
    .string()
    .min(1)
    .max(32)
    .optional()
    .meta(described({ examples: ["login"] })),
  limit: pageQuery.limit,
  after: cursorField(parseVerificationId)
    .optional()
    .meta(described({ description: "The `next` of the page before." })),
});
type Filter = z.output<typeof query>;

export const listDefinitions = {
  listVerifications: defineEndpoint({
    operationId: "listVerifications",
    method: "get",
    path: "/v1/verifications",
    scope: "verifications",
    docs: documented(() => ({
      summary: "List verifications",
      description:
        "Newest first, a page at a time, from the journal: a verification is in it from a few seconds after it has " +
        "closed. There `to` is masked, and `provider_message_id` is null because WhatsApp's contains the number. " +
        "With `to` the list also has what is pending for that number, and a page of a large journal looks back over ten days. A page may " +
        "be short, even empty; only a `next` of null says that it is the last.",
      responses: { 200: { description: "A page of verifications.", schema: pageBody(verificationBody) } },
      problems: ["invalid_phone_number"],
    })),
    query,
  }),
};

export function listHandlers(
  recent: RecentVerifications,
  journal: Journal,
): Handlers<typeof listDefinitions> {
  return {
    async listVerifications({ query: { to, ...filter }, caller }) {
      const { verifications, next } =
        to === undefined
          ? await journal.list(caller.reach, filter)
          : await listOfNumber(to, filter, { recent, journal, scope: caller.reach });
      const body = {
        data: verifications.map((verification) => toVerificationBody(verification)),
        next: next && serializeCursor(next),
      };
      const reply = { status: 200, body, outcome: "listed" } as const;
      return to === undefined ? reply : { ...reply, to };
    },
  };
}

interface Sources {
  readonly recent: RecentVerifications;
  readonly journal: Journal;
  readonly scope: AppScope;
}

/** Merges what the number's object and the journal know into one page. Where they overlap, the object is newer. */
async function listOfNumber(to: E164, filter: Omit<Filter, "to">, { recent, journal, scope }: Sources) {
  const [known, written] = await Promise.all([
    recent.listOf(to, scope),
    recent.namesOf(to).then((tags) => journal.list(scope, { ...filter, tags })),
  ]);
  const ids = new Set(known.map(({ id }) => id));
  const merged: ShownVerification[] = [
    ...known.filter((verification) => isOnPage(verification, filter, written.next)),
    ...written.verifications.filter(({ id }) => !ids.has(id)),
  ].sort(newestFirst);
  const verifications = merged.slice(0, filter.limit);
  const last = verifications.at(-1);
  return { verifications, next: merged.length > filter.limit && last ? last : written.next };
}

/** Whether a verification passes the filter, and lies between the end of the page before and the end of the journal's page. */
function isOnPage(
  verification: VerificationSnapshot,
  { status, purpose, after }: Omit<Filter, "to">,
  end: Position | null,
): boolean {
  return (
    (status === undefined || verification.status === status) &&
    (purpose === undefined || verification.purpose === purpose) &&
    (after === undefined || newestFirst(after, verification) < 0) &&
    (end === null || newestFirst(verification, end) <= 0)
  );
}
