import { maskDetails } from "../channels/whatsapp/error-details.ts";
import { maskNumber, parseE164 } from "../numbering/e164.ts";
import type {
  Account,
  App,
  AssignedUser,
  Health,
  InternationalRates,
  ListedTemplate,
  NumberNode,
  SubscribedApp,
  Subscription,
  Token,
} from "./meta-nodes.ts";

/**
 * Readers of Meta's answers. They take what they know and leave out the rest, because Meta adds fields and values
 * without notice; null stands for an answer of another format.
 */

type Fields = Readonly<Record<string, unknown>>;

export const ACCOUNT_FIELDS: readonly string[] = [
  "name",
  "message_template_namespace",
  "status",
  "account_review_status",
  "business_verification_status",
  "whatsapp_business_manager_messaging_limit",
  "country",
  "primary_business_location",
  "auth_international_rate_eligibility",
  "owner_business_info",
  "health_status",
];

export const NUMBER_FIELDS: readonly string[] = [
  "display_phone_number",
  "verified_name",
  "name_status",
  "new_display_name",
  "new_name_status",
  "status",
  "platform_type",
  "code_verification_status",
  "account_mode",
  "quality_rating",
  "throughput",
  "whatsapp_business_manager_messaging_limit",
  "is_on_biz_app",
  "is_official_business_account",
  "webhook_configuration",
  "health_status",
];

export const TEMPLATE_FIELDS: readonly string[] = [
  "name",
  "language",
  "status",
  "category",
  "rejected_reason",
  "message_send_ttl_seconds",
];

export function readApp(body: unknown): App | null {
  const node = fieldsOf(body);
  const id = textOf(node?.id);
  return id === null ? null : { id, name: textOf(node?.name) ?? id };
}

export function readToken(body: unknown): Token | null {
  const data = fieldsOf(fieldsOf(body)?.data);
  if (data === null || typeof data.is_valid !== "boolean") return null;
  const granular = fieldsIn(data.granular_scopes).find(({ scope }) => scope === MANAGEMENT);
  const expiresAt = numberOf(data.expires_at) ?? 0;
  return {
    appId: textOf(data.app_id),
    type: textOf(data.type),
    isValid: data.is_valid,
    expiresAt: expiresAt > 0 ? expiresAt * 1000 : null,
    scopes: textsOf(data.scopes),
    accounts: granular?.target_ids === undefined ? null : textsOf(granular.target_ids),
    userId: textOf(data.user_id),
  };
}

/** The scope whose targets are the WhatsApp accounts that a token reaches. */
const MANAGEMENT = "whatsapp_business_management";

export function readAccount(body: unknown): Account | null {
  const node = fieldsOf(body);
  const id = textOf(node?.id);
  if (node === null || id === null) return null;
  return {
    id,
    name: textOf(node.name),
    status: textOf(node.status),
    reviewStatus: textOf(node.account_review_status),
    verification: textOf(node.business_verification_status),
    limit: textOf(node.whatsapp_business_manager_messaging_limit),
    country: textOf(node.country),
    primaryLocation: textOf(node.primary_business_location),
    internationalRates: ratesOf(node.auth_international_rate_eligibility),
    business: readApp(node.owner_business_info),
    health: healthOf(node.health_status),
  };
}

function ratesOf(value: unknown): InternationalRates | null {
  const rates = fieldsOf(value);
  const from = numberOf(rates?.start_time);
  if (rates === null || from === null) return null;
  const exceptions = fieldsIn(rates.exception_countries).flatMap((exception) => {
    const [country, start] = [textOf(exception.country_code), numberOf(exception.start_time)];
    return country === null || start === null ? [] : [{ country, from: start * 1000 }];
  });
  return { from: from * 1000, exceptions };
}

export function readNumber(body: unknown): NumberNode | null {
  const node = fieldsOf(body);
  const id = textOf(node?.id);
  if (node === null || id === null) return null;
  const shown = textOf(node.display_phone_number);
  const digits = shown?.replace(/\D/g, "") ?? "";
  return {
    id,
    maskedNumber: shown === null ? null : masked(digits),
    isGivenByMeta: digits.startsWith("1555"),
    name: textOf(node.verified_name),
    nameStatus: textOf(node.name_status),
    newName: textOf(node.new_display_name),
    newNameStatus: textOf(node.new_name_status),
    status: textOf(node.status),
    platform: textOf(node.platform_type),
    codeVerification: textOf(node.code_verification_status),
    mode: textOf(node.account_mode),
    quality: textOf(node.quality_rating),
    throughput: textOf(fieldsOf(node.throughput)?.level),
    limit: textOf(node.whatsapp_business_manager_messaging_limit),
    isOnBusinessApp: flagOf(node.is_on_biz_app),
    isOfficial: flagOf(node.is_official_business_account),
    webhooks: webhooksOf(node.webhook_configuration),
    health: healthOf(node.health_status),
  };
}

/** Meta's own test numbers follow no numbering plan. */
function masked(digits: string): string {
  const number = parseE164(`+${digits}`);
  return number === null
    ? `+${"*".repeat(Math.max(0, digits.length - 2))}${digits.slice(-2)}`
    : maskNumber(number);
}

function webhooksOf(value: unknown): NumberNode["webhooks"] {
  const addresses = fieldsOf(value);
  if (addresses === null) return null;
  return {
    application: textOf(addresses.application),
    account: textOf(addresses.whatsapp_business_account),
    number: textOf(addresses.phone_number),
  };
}

function healthOf(value: unknown): Health | null {
  const health = fieldsOf(value);
  const canSend = textOf(health?.can_send_message);
  if (health === null || canSend === null) return null;
  const entities = fieldsIn(health.entities).map((entity) => ({
    type: textOf(entity.entity_type) ?? "",
    canSend: textOf(entity.can_send_message) ?? "",
    info: textsOf(entity.additional_info).map((text) => maskDetails(text)),
    errors: fieldsIn(entity.errors).flatMap((error) => {
      const code = numberOf(error.error_code);
      if (code === null) return [];
      const solution = textOf(error.possible_solution);
      return [
        {
          code,
          description: maskDetails(textOf(error.error_description) ?? ""),
          solution: solution === null ? null : maskDetails(solution),
        },
      ];
    }),
  }));
  return { canSend, entities };
}

export function readNumbers(body: unknown): readonly NumberNode[] | null {
  return (
    listIn(body)
      ?.map(readNumber)
      .filter((node) => node !== null) ?? null
  );
}

export function readSubscribedApps(body: unknown): readonly SubscribedApp[] | null {
  const apps = listIn(body)?.map((item): SubscribedApp | null => {
    const app = readApp(item.whatsapp_business_api_data);
    return app && { id: app.id, name: app.name, overrideUrl: textOf(item.override_callback_uri) };
  });
  return apps?.filter((app) => app !== null) ?? null;
}

export function readSubscriptions(body: unknown): readonly Subscription[] | null {
  return (
    listIn(body)?.map((item) => ({
      object: textOf(item.object) ?? "",
      callbackUrl: textOf(item.callback_url),
      fields: fieldsIn(item.fields).flatMap(({ name }) => textOf(name) ?? []),
    })) ?? null
  );
}

/** A page of the account's templates, and where the next one starts. */
export interface TemplatePage {
  readonly templates: readonly ListedTemplate[];
  readonly after: string | null;
}

export function readTemplates(body: unknown): TemplatePage | null {
  const items = listIn(body);
  if (items === null) return null;
  const paging = fieldsOf(fieldsOf(body)?.paging);
  const after = textOf(fieldsOf(paging?.cursors)?.after);
  const templates = items.flatMap((item): ListedTemplate | [] => {
    const [id, name, language] = [textOf(item.id), textOf(item.name), textOf(item.language)];
    if (id === null || name === null || language === null) return [];
    const reason = textOf(item.rejected_reason);
    return {
      id,
      name,
      language,
      status: textOf(item.status) ?? "",
      category: textOf(item.category)?.toUpperCase() ?? "",
      rejectedReason: reason === "NONE" ? null : reason,
      timeToLiveSeconds: numberOf(item.message_send_ttl_seconds),
    };
  });
  return { templates, after: textOf(paging?.next) === null ? null : after };
}

export function readAssignedUsers(body: unknown): readonly AssignedUser[] | null {
  const users = listIn(body)?.map((item): AssignedUser | null => {
    const user = readApp(item);
    return user && { id: user.id, name: user.name, tasks: textsOf(item.tasks) };
  });
  return users?.filter((user) => user !== null) ?? null;
}

/** The schema and the page of the setting spell the inner key differently. */
export function readIdentityCheck(body: unknown): boolean | null {
  const settings = fieldsOf(body);
  if (settings === null) return null;
  const check = fieldsOf(settings.user_identity_change);
  return flagOf(check?.enable_identity_key_check) ?? flagOf(check?.enabled) ?? false;
}

export function readBadge(body: unknown): string | null {
  const node = fieldsOf(body);
  return node && (textOf(node.oba_status) ?? "NOT_STARTED");
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

function fieldsIn(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf).filter((item) => item !== null) : [];
}

/** The items of `data`, as every list of the Graph API has it. */
function listIn(body: unknown): readonly Fields[] | null {
  const data = fieldsOf(body)?.data;
  return Array.isArray(data) ? fieldsIn(data) : null;
}

/** Meta writes its ids as texts, and some of them as numbers. */
function textOf(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.flatMap((item) => textOf(item) ?? []) : [];
}

function numberOf(value: unknown): number | null {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

function flagOf(value: unknown): boolean | null {
  return typeof value === "boolean" ? value : null;
}
