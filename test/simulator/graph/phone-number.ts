import { BUSINESS } from "../business.ts";
import { selectFields } from "./fields.ts";

const DEFAULT_FIELDS = [
  "verified_name",
  "code_verification_status",
  "display_phone_number",
  "quality_rating",
  "platform_type",
  "throughput",
];

/** The sender's phone number as a Graph node. */
export function phoneNumberNode(id: string, fields: string | undefined): Record<string, unknown> {
  const node = {
    id,
    verified_name: BUSINESS.name,
    name_status: "APPROVED",
    code_verification_status: "VERIFIED",
    display_phone_number: BUSINESS.displayNumber,
    quality_rating: "GREEN",
    platform_type: "CLOUD_API",
    throughput: { level: "STANDARD" },
    status: "CONNECTED",
    account_mode: "LIVE",
    whatsapp_business_manager_messaging_limit: "TIER_2K",
  };
  return selectFields(node, fields, DEFAULT_FIELDS, "WhatsAppBusinessPhoneNumber");
}
