import * as z from "zod";

/** What Meta says of one of the team's numbers ("WhatsApp Business Account, Phone Numbers"); null for what it left out. */
export interface SenderProfile {
  readonly phoneNumberId: string;
  /** As Meta writes it: `+1 206-555-0100`. */
  readonly number: string | null;
  readonly verifiedName: string | null;
  /** Whether the name has the blue tick. */
  readonly isOfficial: boolean;
  /** The request for the blue tick. */
  readonly badge: { readonly status: string; readonly message: string | null } | null;
  readonly quality: string | null;
  /** Such as `TIER_2K`: unique people in 24 hours, over all numbers of the business portfolio. */
  readonly messagingLimit: string | null;
  readonly throughput: string | null;
  readonly status: string | null;
  readonly nameStatus: string | null;
}

/** The profiles as Meta told them. */
export interface KeptProfiles {
  readonly profiles: readonly SenderProfile[];
  /** When Meta was asked, in milliseconds since the epoch. */
  readonly askedAt: number;
  /** A webhook has said since that something is new. */
  readonly isOutdated: boolean;
}

const text = z
  .string()
  .nullish()
  .catch(null)
  .transform((value) => value ?? null);
/** The edge `phone_numbers` of the account. */
export const NUMBERS = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      display_phone_number: text,
      verified_name: text,
      is_official_business_account: z.boolean().catch(false),
      quality_rating: text,
      whatsapp_business_manager_messaging_limit: text,
      throughput: z.object({ level: text }).nullish().catch(null),
      status: text,
      name_status: text,
    }),
  ),
});
export const NUMBERS_FIELDS = Object.keys(NUMBERS.shape.data.element.shape).join();

/** The edge `official_business_account` of a number. */
export const BADGE = z.object({ oba_status: z.string(), status_message: text });
