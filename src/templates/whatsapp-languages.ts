import { chooseLanguage, isLocale, regionOf } from "../numbering/locale.ts";

/** The languages that WhatsApp takes templates in, as it spells them (Cloud API, "Supported languages"). */
export const WHATSAPP_LANGUAGES: readonly string[] = (
  "af ar az bg bn ca cs da de el en en_GB en_US es es_AR es_ES es_MX et fa fi fil fr ga gu ha he hi hr hu id it ja " +
  "ka kk kn ko ky_KG lo lt lv mk ml mr ms nb nl pa pl pt_BR pt_PT ro ru rw_RW sk sl sq sr sv sw ta te th tr uk ur " +
  "uz vi zh_CN zh_HK zh_TW zu"
).split(" ");

export type LanguageCode =
  | { readonly kind: "known"; readonly code: string }
  /** The one that the same people can read, if any. */
  | { readonly kind: "unknown"; readonly nearest: string | null };

/**
 * Spells a language as WhatsApp does, from its own spelling or from BCP 47: `pt-BR` is `pt_BR`, `id-ID` is
 * `id`, `ky` is `ky_KG`. No language stands for another's region: `fr-CA` is unknown, and `fr` nearest to it.
 */
export function toWhatsAppLanguage(tag: string): LanguageCode {
  const nearest = isLocale(tag.replaceAll("_", "-")) ? chooseLanguage(tag, WHATSAPP_LANGUAGES) : null;
  const same = nearest !== null && regionOf(nearest) === regionOf(tag);
  return same ? { kind: "known", code: nearest } : { kind: "unknown", nearest };
}

/** Spells a language that WhatsApp itself has named: its webhooks write `en-US`, its API `en_US`. */
export function fromWebhook(language: string): string {
  return language.replaceAll("-", "_");
}
