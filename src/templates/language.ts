/** True for a structurally valid BCP 47 tag. */
export function isLocale(tag: string): boolean {
  try {
    return new Intl.Locale(tag).language !== "";
  } catch {
    return false;
  }
}

/**
 * Chooses the language of a template for a user, by what a reader can read: the same language and script,
 * in the same region if there is one. Unicode's likely subtags say what a short tag means, so `pt` finds
 * `pt_BR`, `id-ID` finds `id`, and `zh-TW`, written in another script, never gets `zh_CN`.
 *
 * @param locale what the user asked for, in BCP 47
 * @param available languages as WhatsApp spells them: `id`, `pt_BR`
 * @returns one of the available ones, or null when the user could read none of them
 */
export function chooseLanguage(locale: string, available: readonly string[]): string | null {
  const wanted = likely(locale);
  const readable = available.filter((language) => {
    // Somebody may have written anything into the store.
    const offered = isLocale(language.replaceAll("_", "-")) ? likely(language) : null;
    return offered !== null && offered.language === wanted.language && offered.script === wanted.script;
  });
  const exact = readable.find((language) => normal(language) === normal(locale));
  const sameRegion = readable.find((language) => likely(language).region === wanted.region);
  return exact ?? sameRegion ?? readable[0] ?? null;
}

/**
 * The language that most people in a country read, for users whose own nobody named: `id-ID` for `ID`. By
 * Unicode's likely subtags; null where they know none.
 *
 * @param country ISO 3166-1 alpha-2
 */
export function localeOfCountry(country: string | null): string | null {
  if (country === null) return null;
  const { language, region } = new Intl.Locale(`und-${country}`).maximize();
  return language === undefined || language === "und" ? null : `${language}-${region}`;
}

/** What people ask for, where WhatsApp names one of its members. */
const MACROLANGUAGES: Readonly<Record<string, string>> = { no: "nb", tl: "fil" };

/** A language with the script and region that it most likely means. Throws for what is no language tag. */
export function likely(tag: string): Intl.Locale {
  const locale = new Intl.Locale(normal(tag));
  const language = MACROLANGUAGES[locale.language] ?? locale.language;
  return new Intl.Locale(locale, { language }).maximize();
}

function normal(tag: string): string {
  return new Intl.Locale(tag.replaceAll("_", "-")).toString();
}
