import * as z from "zod";
import type { SenderProfile } from "../../channels/whatsapp/sender-profile.ts";
import type { SenderProfiles } from "../../channels/whatsapp/sender-profiles.ts";
import type { Sender } from "../../channels/whatsapp/senders.ts";
import type { SharedCircuits } from "../../channels/whatsapp/shared-circuits.ts";
import { described, documented } from "../../platform/documented.ts";
import { Problem } from "../../platform/problem.ts";
import { toIso, toIsoOrNull } from "../../platform/time.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";

const byMeta = (description: string) => z.string().nullable().meta(described({ description }));

const senderBody = documented(() =>
  z
    .object({
      phone_number_id: z.string(),
      number: byMeta("As Meta writes it."),
      verified_name: byMeta("The name that users see."),
      official: z.boolean().meta({ description: "Whether the name has the blue tick." }),
      official_request: z
        .object({
          status: z
            .string()
            .meta({ description: "`PENDING`, `APPROVED` or `REJECTED`, as far as Meta documents them." }),
          message: z.string().nullable(),
        })
        .nullable()
        .meta({ description: "The request for the blue tick; null where Meta knows of none." }),
      quality: byMeta("`GREEN`, `YELLOW`, `RED` or `UNKNOWN`."),
      messaging_limit: byMeta(
        "Such as `TIER_2K`: the people who may be reached in 24 hours, over all numbers of the business portfolio.",
      ),
      recipients_today: z.int().nullable().meta({
        description:
          "The people this sender reached in the last 24 hours; counted where its settings have `recipients_per_day`.",
      }),
      limit_used: z
        .number()
        .nullable()
        .meta({ description: "`recipients_today` as a share of `recipients_per_day`." }),
      throughput: byMeta("`STANDARD` or `HIGH`."),
      status: byMeta("`CONNECTED` where it can send."),
      name_status: byMeta("`APPROVED` or `AVAILABLE_WITHOUT_REVIEW` where users see the name."),
      last_webhook_at: z.iso
        .datetime()
        .nullable()
        .meta({ description: "When a webhook was last about this sender; a minute late at most." }),
      checked_at: z.iso.datetime().meta({ description: "When Meta was asked." }),
    })
    .meta({ id: "Sender" }),
);

export const senderDefinitions = {
  listSenders: defineEndpoint({
    operationId: "listSenders",
    method: "get",
    path: "/v1/senders",
    scope: "admin",
    sharedByApps: "The numbers of the WhatsApp account send for every app.",
    docs: documented(() => ({
      summary: "List the WhatsApp numbers that send",
      description:
        "What Meta says of each: an hour old at most, and asked anew after a webhook about a number or the account. " +
        "While Meta does not answer, the former answer is returned, with its time.",
      responses: {
        200: {
          description: "The senders, in the order of the settings.",
          schema: z.object({ data: z.array(senderBody) }).meta({ id: "Senders" }),
        },
      },
      problems: ["provider_failed"],
    })),
    query: z.strictObject({
      fresh: z
        .stringbool()
        .optional()
        .meta(described({ description: "Asks Meta now.", examples: [true] })),
    }),
  }),
};

export function senderHandlers(
  profiles: SenderProfiles,
  circuits: SharedCircuits,
  senders: readonly Sender[],
): Handlers<typeof senderDefinitions> {
  return {
    async listSenders({ query }) {
      const [kept, recipients, { heardAt }] = await Promise.all([
        profiles.list(query.fresh ?? false),
        circuits.recipientsOfDay(senders),
        circuits.observed(),
      ]);
      if (kept === null) throw unanswered();
      const data = kept.profiles.map((profile) => {
        const limit = senders.find(
          (sender) => sender.phoneNumberId === profile.phoneNumberId,
        )?.recipientsPerDay;
        return toSenderBody(profile, {
          askedAt: kept.askedAt,
          heardAt: heardAt[profile.phoneNumberId] ?? null,
          recipients: recipients[profile.phoneNumberId] ?? 0,
          limit: limit ?? null,
        });
      });
      return { status: 200, body: { data }, outcome: "listed" };
    },
  };
}

interface Observed {
  readonly askedAt: number;
  readonly heardAt: number | null;
  readonly recipients: number;
  /** Recipients are counted only where there is one. */
  readonly limit: number | null;
}

function toSenderBody(
  profile: SenderProfile,
  { askedAt, heardAt, recipients, limit }: Observed,
): z.input<typeof senderBody> {
  return {
    phone_number_id: profile.phoneNumberId,
    number: profile.number,
    verified_name: profile.verifiedName,
    official: profile.isOfficial,
    official_request: profile.badge,
    quality: profile.quality,
    messaging_limit: profile.messagingLimit,
    recipients_today: limit === null ? null : recipients,
    limit_used: limit === null ? null : Math.round((recipients / limit) * 1000) / 1000,
    throughput: profile.throughput,
    status: profile.status,
    name_status: profile.nameStatus,
    last_webhook_at: toIsoOrNull(heardAt),
    checked_at: toIso(askedAt),
  };
}

function unanswered(): Problem {
  return new Problem("provider_failed", {
    detail: "WhatsApp did not say anything about the account's numbers yet. Try again in a moment.",
    provider: { channel: "whatsapp", code: "no_answer", title: "The provider did not answer" },
  });
}
