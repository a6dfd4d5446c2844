import { type AccountSettings, BUSINESS_PORTFOLIO } from "../../account/settings.ts";
import { BUSINESS } from "../../business.ts";
import type { Template } from "../../templates/template.ts";
import { GraphError } from "../errors.ts";
import { selectFields } from "../fields.ts";
import { healthStatus } from "./health.ts";

/** A node as a read of it answers, with the fields that the query names. */
export type Node = Record<string, unknown>;

const NUMBER_FIELDS = [
  "verified_name",
  "code_verification_status",
  "display_phone_number",
  "quality_rating",
  "platform_type",
  "throughput",
];

/** The sender's phone number, or a further one of the account. Field names: Meta's v25.0 specification. */
export function numberNode(settings: AccountSettings, number: NumberNames, fields: string | undefined): Node {
  const { id, display_phone_number, verified_name } = number;
  const node = {
    id,
    verified_name,
    display_phone_number,
    name_status: settings.name_status,
    new_display_name: settings.new_display_name ?? undefined,
    new_name_status: settings.new_name_status,
    code_verification_status: settings.code_verification_status,
    quality_rating: settings.quality,
    platform_type: settings.platform_type,
    throughput: { level: settings.throughput },
    status: settings.status,
    account_mode: settings.account_mode,
    whatsapp_business_manager_messaging_limit: settings.limit,
    webhook_configuration: {
      phone_number: settings.override.number ?? undefined,
      whatsapp_business_account: settings.override.account ?? undefined,
      application: settings.webhook.url ?? undefined,
    },
    is_pin_enabled: settings.pin !== null,
    is_on_biz_app: settings.is_on_biz_app,
    is_official_business_account: settings.oba === "APPROVED",
    is_preverified_number: false,
    health_status: healthStatus(settings, { number: id, account: settings.number_waba }),
  };
  return selectFields(node, fields, NUMBER_FIELDS, "WhatsAppBusinessPhoneNumber");
}

export type NumberNames = AccountSettings["more_numbers"][number];

/** The numbers of an account, the sender's first. */
export function numbersOf(settings: AccountSettings, account: string, sender: string): NumberNames[] {
  if (account !== settings.number_waba) return [];
  return [senderNames(sender), ...settings.more_numbers];
}

export function senderNames(id: string): NumberNames {
  return { id, display_phone_number: BUSINESS.displayNumber, verified_name: BUSINESS.name };
}

const ACCOUNT_FIELDS = ["name", "timezone_id", "message_template_namespace"];

/** A WhatsApp account. Field names: the `WhatsAppBusinessAccount` of Meta's SDK. */
export function accountNode(settings: AccountSettings, id: string, fields: string | undefined): Node {
  if (fields?.split(",").includes("primary_funding_id")) {
    throw new GraphError(10, { message: "(#10) Only solution providers may read primary_funding_id" });
  }
  const node = {
    id,
    name: "Sandi",
    account_review_status: settings.account_review_status,
    auth_international_rate_eligibility: settings.auth_international_rate_eligibility ?? undefined,
    business_verification_status: settings.verification,
    country: settings.country,
    currency: "USD",
    health_status: healthStatus(settings, { account: id }),
    is_enabled_for_insights: true,
    message_template_namespace: "b5e1a1d0_0b2c_4b1e_9a55_6f2f3b0f0a11",
    owner_business_info: BUSINESS_PORTFOLIO,
    ownership_type: "SELF",
    primary_business_location: settings.primary_business_location,
    status: settings.account_status,
    timezone_id: "1",
    whatsapp_business_manager_messaging_limit: settings.limit,
  };
  return selectFields(node, fields, ACCOUNT_FIELDS, "WhatsAppBusinessAccount");
}

/** A template by its id, whose health a reader may ask for. */
export function templateNode(
  settings: AccountSettings,
  template: Template,
  account: string,
  number: string,
  fields: string | undefined,
): Node {
  const health_status = healthStatus(settings, { template: template.id, number, account });
  const defaults = ["name", "components", "language", "status", "category"];
  return selectFields({ ...template, health_status }, fields, defaults, "WhatsAppMessageTemplate");
}
