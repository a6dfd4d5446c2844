/** Whether a text is a structurally valid BCP 47 tag. */
export function isLocale(tag: string): boolean {
  try {
    return new Intl.Locale(tag).language !== "";
  } catch {
    return false;
  }
}

/**
 * Chooses the language of a template for a user: the same language and script, preferably of the same region.
 * Unicode's likely subtags complete short tags, so `pt` finds `pt_BR`, `id-ID` finds `id`, and `zh-TW`, which is
 * written in another script, does not find `zh_CN`.
 *
 * @param locale The user's, in BCP 47.
 * @param available Languages in WhatsApp's spelling: `id`, `pt_BR`.
 * @returns One of the available languages, or null when the user reads none of them.
 */
export function chooseLanguage(locale: string, available: readonly string[]): string | null {
  const wanted = parseTag(locale);
  let choice: string | null = null;
  let isSameRegion = false;
  for (const candidate of available) {
    const { tag, language, script, region } = parseTag(candidate);
    if (language === null || language !== wanted.language || script !== wanted.script) continue;
    if (tag === wanted.tag) return candidate;
    if (choice === null || (!isSameRegion && region === wanted.region)) choice = candidate;
    isSameRegion ||= region === wanted.region;
  }
  return choice;
}

/**
 * The most likely locale of a country, by Unicode's likely subtags: `id-ID` for `ID`. Null where they have none.
 *
 * @param country ISO 3166-1 alpha-2.
 */
export function localeOfCountry(country: string | null): string | null {
  if (country === null) return null;
  const { language, region } = parseTag(`und-${country}`);
  return language === null || language === "und" ? null : `${language}-${region}`;
}

/** The most likely region of a language: `BR` for `pt`. Undefined for an invalid tag. */
export function regionOf(tag: string): string | undefined {
  return parseTag(tag).region;
}

/** A parsed language tag, completed with its most likely script and region. */
interface ParsedTag {
  /** In the canonical form of BCP 47. */
  readonly tag: string;
  /** Null for an invalid tag, which the template store may contain. */
  readonly language: string | null;
  readonly script?: string | undefined;
  readonly region?: string | undefined;
}

/** Macrolanguages that users give, and the member that WhatsApp offers instead. */
const MACROLANGUAGES: Readonly<Record<string, string>> = { no: "nb", tl: "fil" };

/**
 * Sends use the same few tags, and a look-up in Unicode's data takes longer than all other computations of a
 * send. The cache is cleared when it is full, so that many different tags do not fill the memory.
 */
const cache = new Map<string, ParsedTag>();
const MAX_CACHED = 1_000;

function parseTag(spelling: string): ParsedTag {
  const cached = cache.get(spelling);
  if (cached !== undefined) return cached;
  const parsed = parseUncached(spelling.replaceAll("_", "-"));
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(spelling, parsed);
  return parsed;
}

function parseUncached(spelling: string): ParsedTag {
  if (!isLocale(spelling)) return { tag: spelling, language: null };
  const locale = new Intl.Locale(spelling);
  const language = MACROLANGUAGES[locale.language] ?? locale.language;
  const likely = new Intl.Locale(locale, { language }).maximize();
  return {
    tag: locale.toString(),
    language: likely.language,
    script: likely.script,
    region: likely.region,
  };
}
