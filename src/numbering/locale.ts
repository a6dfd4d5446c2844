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
  const wanted = read(locale);
  let choice: string | null = null;
  let isSameRegion = false;
  for (const offered of available) {
    const { tag, language, script, region } = read(offered);
    if (language === null || language !== wanted.language || script !== wanted.script) continue;
    if (tag === wanted.tag) return offered;
    if (choice === null || (!isSameRegion && region === wanted.region)) choice = offered;
    isSameRegion ||= region === wanted.region;
  }
  return choice;
}

/**
 * The language that most people in a country read, for users whose own nobody named: `id-ID` for `ID`. By
 * Unicode's likely subtags; null where they know none.
 *
 * @param country ISO 3166-1 alpha-2
 */
export function localeOfCountry(country: string | null): string | null {
  if (country === null) return null;
  const { language, region } = read(`und-${country}`);
  return language === null || language === "und" ? null : `${language}-${region}`;
}

/** The region that a language is most likely spoken in: `BR` for `pt`. Undefined for what is no language tag. */
export function regionOf(tag: string): string | undefined {
  return read(tag).region;
}

/** A language tag, with the script and the region that it most likely means. */
interface Reading {
  /** In the one spelling that BCP 47 makes of all. */
  readonly tag: string;
  /** Null for what is no language tag: somebody may have written anything into the store. */
  readonly language: string | null;
  readonly script?: string | undefined;
  readonly region?: string | undefined;
}

/** What people ask for, where WhatsApp names one of its members. */
const MACROLANGUAGES: Readonly<Record<string, string>> = { no: "nb", tl: "fil" };

/**
 * Sends ask for the same few tags over and over, and Unicode's data answers more slowly than all the rest of a
 * send computes. Forgotten all at once, so that whoever asks for ever new tags fills no memory.
 */
const known = new Map<string, Reading>();
const MOST_KNOWN = 1_000;

function read(spelling: string): Reading {
  const before = known.get(spelling);
  if (before !== undefined) return before;
  const reading = readAnew(spelling.replaceAll("_", "-"));
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(spelling, reading);
  return reading;
}

function readAnew(spelling: string): Reading {
  if (!isLocale(spelling)) return { tag: spelling, language: null };
  const locale = new Intl.Locale(spelling);
  const named = MACROLANGUAGES[locale.language] ?? locale.language;
  const { language, script, region } = new Intl.Locale(locale, { language: named }).maximize();
  return { tag: locale.toString(), language, script, region };
}
