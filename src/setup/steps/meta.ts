import * as z from "zod";
import type { Answer, Graph } from "../graph.ts";

/** What setup reads at Meta. Unlike the doctor's findings it has whole numbers, which stay in this process. */

const app = z.object({ id: z.string(), name: z.string() });

const token = z
  .object({
    data: z.object({
      app_id: z.string().optional(),
      type: z.string().optional(),
      is_valid: z.boolean(),
      expires_at: z.number().default(0),
      scopes: z.array(z.string()).default([]),
      granular_scopes: z
        .array(z.object({ scope: z.string(), target_ids: z.array(z.string()).optional() }))
        .default([]),
    }),
  })
  .transform(({ data }) => ({
    appId: data.app_id ?? null,
    type: data.type ?? null,
    isValid: data.is_valid,
    expiresAt: data.expires_at === 0 ? null : data.expires_at * 1000,
    scopes: data.scopes,
    /** The WhatsApp accounts that it reaches; null where it is not limited to some. */
    accounts: data.granular_scopes.find(({ scope }) => scope === MANAGEMENT)?.target_ids ?? null,
  }));

const health = z
  .object({
    entities: z
      .array(z.object({ errors: z.array(z.object({ error_code: z.number() })).default([]) }))
      .default([]),
  })
  .transform(({ entities }) => entities.flatMap(({ errors }) => errors.map((error) => error.error_code)))
  .catch([]);

const account = z
  .object({
    id: z.string(),
    name: z.string().default("WhatsApp account"),
    country: z.string().optional(),
    business_verification_status: z.string().optional(),
    whatsapp_business_manager_messaging_limit: z.string().optional(),
    health_status: health,
  })
  .transform((node) => ({
    id: node.id,
    name: node.name,
    country: node.country ?? null,
    verification: node.business_verification_status ?? null,
    limit: node.whatsapp_business_manager_messaging_limit ?? null,
    healthCodes: node.health_status,
  }));

const number = z
  .object({
    id: z.string(),
    display_phone_number: z.string(),
    verified_name: z.string().optional(),
    status: z.string().optional(),
    platform_type: z.string().optional(),
    code_verification_status: z.string().optional(),
    account_mode: z.string().optional(),
    whatsapp_business_manager_messaging_limit: z.string().optional(),
    health_status: health,
  })
  .transform((node) => ({
    id: node.id,
    /** The digits, as a `wa.me` link takes them. */
    digits: node.display_phone_number.replaceAll(/\D/g, ""),
    name: node.verified_name ?? "no display name",
    status: node.status ?? null,
    platform: node.platform_type ?? null,
    codeVerification: node.code_verification_status ?? null,
    mode: node.account_mode ?? null,
    limit: node.whatsapp_business_manager_messaging_limit ?? null,
    healthCodes: node.health_status,
  }));

const subscription = z
  .object({
    object: z.string(),
    callback_url: z.string().optional(),
    fields: z.array(z.union([z.string(), z.object({ name: z.string() })])).default([]),
  })
  .transform(({ object, callback_url, fields }) => ({
    object,
    callbackUrl: callback_url ?? null,
    fields: fields.map((field) => (typeof field === "string" ? field : field.name)),
  }));

const subscribedApp = z
  .object({
    whatsapp_business_api_data: z.object({ id: z.string(), name: z.string().optional() }),
    override_callback_uri: z.string().optional(),
  })
  .transform(({ whatsapp_business_api_data: { id, name }, override_callback_uri }) => ({
    id,
    name: name ?? id,
    overrideUrl: override_callback_uri ?? null,
  }));

export type AppFound = z.output<typeof app>;
export type TokenFound = z.output<typeof token>;
export type AccountFound = z.output<typeof account>;
export type NumberFound = z.output<typeof number>;
export type SubscriptionFound = z.output<typeof subscription>;
export type SubscribedAppFound = z.output<typeof subscribedApp>;

export const MANAGEMENT = "whatsapp_business_management";
export const MESSAGING = "whatsapp_business_messaging";

/** The object of webhooks about WhatsApp. */
export const WHATSAPP_OBJECT = "whatsapp_business_account";

const ACCOUNT_FIELDS =
  "id,name,country,business_verification_status,whatsapp_business_manager_messaging_limit,health_status";
const NUMBER_FIELDS =
  "id,display_phone_number,verified_name,status,platform_type,code_verification_status,account_mode," +
  "whatsapp_business_manager_messaging_limit,health_status";

export function readToken(graph: Graph): Promise<Answer<TokenFound>> {
  return graph.debugToken(reader(token));
}

/** The app of the token that asks. */
export function readApp(graph: Graph): Promise<Answer<AppFound>> {
  return graph.get("app", { fields: "id,name" }, reader(app));
}

/** The app, read with its own token, which holds the app secret. */
export function readAppByItself(graph: Graph, appId: string): Promise<Answer<{ id: string }>> {
  return graph.asApp(appId).get(appId, { fields: "id" }, reader(z.object({ id: z.string() })));
}

export function readAccount(graph: Graph, id: string): Promise<Answer<AccountFound>> {
  return graph.get(id, { fields: ACCOUNT_FIELDS }, reader(account));
}

export function readNumber(graph: Graph, id: string): Promise<Answer<NumberFound>> {
  return graph.get(id, { fields: NUMBER_FIELDS }, reader(number));
}

export function readNumbers(graph: Graph, accountId: string): Promise<Answer<readonly NumberFound[]>> {
  return graph.get(`${accountId}/phone_numbers`, { fields: NUMBER_FIELDS, limit: "100" }, list(number));
}

export function readSubscriptions(
  graph: Graph,
  appId: string,
): Promise<Answer<readonly SubscriptionFound[]>> {
  return graph.asApp(appId).get(`${appId}/subscriptions`, {}, list(subscription));
}

export function readSubscribedApps(
  graph: Graph,
  accountId: string,
): Promise<Answer<readonly SubscribedAppFound[]>> {
  return graph.get(`${accountId}/subscribed_apps`, {}, list(subscribedApp));
}

function reader<Schema extends z.ZodType>(schema: Schema): (body: unknown) => z.output<Schema> | null {
  return (body) => schema.safeParse(body).data ?? null;
}

function list<Schema extends z.ZodType>(schema: Schema): (body: unknown) => z.output<Schema>[] | null {
  return (body) => z.object({ data: z.array(schema) }).safeParse(body).data?.data ?? null;
}
