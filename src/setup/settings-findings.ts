import type { Sender } from "../channels/whatsapp/senders.ts";
import type { Policy } from "../phone-number/policy.ts";
import { toWhatsAppCode } from "../templates/draft.ts";
import type { PurposeTemplate, SecretShape, SettingsFindings } from "./findings.ts";

/** The settings that the checks examine, as the configuration has them. */
export interface ExaminedSettings {
  readonly whatsapp: {
    readonly apiVersion: string;
    readonly businessAccountId: string;
    readonly appSecret: string;
  };
  readonly senders: readonly Pick<Sender, "phoneNumberId">[];
  readonly policies: ReadonlyMap<string, Policy>;
  readonly defaultLocale: string;
  /** `off` where the team does not watch for changed phones. */
  readonly identityChange: string;
}

/** Settings for an examination, without the secrets. */
export function settingsFindings(
  { whatsapp, senders, policies, defaultLocale, identityChange }: ExaminedSettings,
  publicUrl: string | null,
): SettingsFindings {
  return {
    phoneNumberIds: senders.map(({ phoneNumberId }) => phoneNumberId),
    businessAccountId: whatsapp.businessAccountId,
    apiVersion: whatsapp.apiVersion,
    publicUrl,
    templates: templatesOf(policies),
    defaultLanguage: toWhatsAppCode(defaultLocale),
    asksIdentity: identityChange !== "off",
    appSecret: shapeOf(whatsapp.appSecret),
  };
}

function templatesOf(policies: ReadonlyMap<string, Policy>): readonly PurposeTemplate[] {
  const onWhatsApp = [...policies].filter(([, { channels }]) => channels.includes("whatsapp"));
  const byTemplate = Map.groupBy(onWhatsApp, ([, { template }]) => template);
  return [...byTemplate].map(([name, uses]) => ({
    name,
    purposes: uses.map(([purpose]) => purpose),
    codeLifeSeconds: Math.min(...uses.map(([, { expiresInSeconds }]) => expiresInSeconds)),
  }));
}

/** The app secret is 32 hexadecimal characters; ids are digits, and tokens begin with `EA` (App dashboard, "Basic"). */
function shapeOf(secret: string): SecretShape {
  if (/^[0-9a-f]{32}$/i.test(secret)) return "secret";
  if (/^\d{5,20}$/.test(secret)) return "id";
  return /^EA[0-9A-Za-z]{20,}$/.test(secret) ? "token" : "other";
}
