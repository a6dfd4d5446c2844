import { Metadata, parsePhoneNumberFromString } from "libphonenumber-js/core/es6";
import { PLANS } from "./plans.ts";

const NUMBER_TYPES = [
  "FIXED_LINE",
  "MOBILE",
  "TOLL_FREE",
  "PREMIUM_RATE",
  "PERSONAL_NUMBER",
  "VOICEMAIL",
  "UAN",
  "PAGER",
  "VOIP",
  "SHARED_COST",
] as const;
type NumberType = (typeof NUMBER_TYPES)[number];

/** The library's view of one plan, as far as it is used here. Its own type declarations omit most of it. */
interface LibraryPlan {
  possibleLengths(): readonly number[];
  nationalNumberPattern(): string;
  nationalPrefixForParsing(): string | undefined;
  leadingDigits(): string | undefined;
  type(name: NumberType): { pattern(): string; possibleLengths(): readonly number[] } | undefined;
}

interface TypePattern {
  readonly pattern: RegExp;
  readonly lengths: readonly number[];
}

/**
 * The numbering plan of a country. Compiles the patterns that libphonenumber-js has as text when they are first
 * needed and keeps them: the library compiles them again for every number.
 */
export class CountryPlan {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** How many digits a national number may have, in ascending order. */
  readonly lengths: readonly number[];
  readonly #plan: LibraryPlan;
  readonly #types = new Map<NumberType, TypePattern | null>();
  #leadingDigits: RegExp | null | undefined;
  #national: RegExp | undefined;

  constructor(country: string) {
    this.country = country;
    this.#plan = libraryPlan(country);
    this.lengths = this.#plan.possibleLengths();
  }

  /**
   * Whether a national number is this country's, where countries share the calling code: by its leading digits,
   * or else because it is a valid number of any type (`getCountryByNationalNumber` of the library).
   */
  owns(national: string): boolean {
    if (this.#leadingDigits === undefined) {
      const leadingDigits = this.#plan.leadingDigits();
      this.#leadingDigits = leadingDigits ? new RegExp(`^(?:${leadingDigits})`) : null;
    }
    if (this.#leadingDigits !== null) return this.#leadingDigits.test(national);
    return this.#isNational(national) && NUMBER_TYPES.some((type) => this.#matches(national, type));
  }

  isPremiumRate(national: string): boolean {
    return this.#matches(national, "PREMIUM_RATE");
  }

  /** True as well where the plan does not tell mobile numbers from fixed lines. */
  canBeMobile(national: string): boolean {
    return this.#matches(national, this.#typeOf("MOBILE") === null ? "FIXED_LINE" : "MOBILE");
  }

  #isNational(national: string): boolean {
    this.#national ??= wholeText(this.#plan.nationalNumberPattern());
    return this.#national.test(national);
  }

  #matches(national: string, name: NumberType): boolean {
    const type = this.#typeOf(name);
    return type?.lengths.includes(national.length) === true && type.pattern.test(national);
  }

  #typeOf(name: NumberType): TypePattern | null {
    const known = this.#types.get(name);
    if (known !== undefined) return known;
    const type = this.#plan.type(name);
    // The pattern is empty where it is that of fixed lines as well.
    const found = type?.pattern()
      ? { pattern: wholeText(type.pattern()), lengths: type.possibleLengths() }
      : null;
    this.#types.set(name, found);
    return found;
  }
}

/** The numbering plan of a country calling code. */
export class CallingCodePlan {
  readonly callingCode: string;
  /** The main country first. Empty where the calling code belongs to a network or a service. */
  readonly countries: readonly CountryPlan[];
  readonly #lengths: readonly number[];
  /** Lengths that every country of the plan has: these need no search for the owner. */
  readonly #sharedLengths: readonly number[];
  readonly #trunkPrefix: RegExp | null;

  constructor(callingCode: string, countries: readonly string[]) {
    this.callingCode = callingCode;
    this.countries = countries.map((country) => new CountryPlan(country));
    const plan = libraryPlan(callingCode);
    const trunkPrefix = plan.nationalPrefixForParsing();
    this.#trunkPrefix = trunkPrefix ? new RegExp(`^(?:${trunkPrefix})`) : null;
    this.#lengths = plan.possibleLengths();
    this.#sharedLengths = this.#lengths.filter((length) =>
      this.countries.every(({ lengths }) => lengths.includes(length)),
    );
  }

  /** The country of a national number; of countries that share the plan, the first one that owns it. */
  ownerOf(national: string): CountryPlan | undefined {
    return this.countries.length === 1
      ? this.countries[0]
      : this.countries.find((plan) => plan.owns(national));
  }

  /** Whether a national number has a length of its country, and no trunk prefix before it. */
  isPossible(national: string): boolean {
    return this.#hasPossibleLength(national) && !this.#hasTrunkPrefix(national);
  }

  #hasPossibleLength(national: string): boolean {
    if (this.#sharedLengths.includes(national.length)) return true;
    return (this.ownerOf(national)?.lengths ?? this.#lengths).includes(national.length);
  }

  /**
   * Numbers that begin with the digits of a trunk prefix are few. Whether these are one is for the library to
   * decide: it removes the prefix where the rest is still a number.
   */
  #hasTrunkPrefix(national: string): boolean {
    if (!this.#trunkPrefix?.exec(national)?.[0]) return false;
    const number = `+${this.callingCode}${national}`;
    return parsePhoneNumberFromString(number, PLANS)?.number !== number;
  }
}

const plans = new Map<string, CallingCodePlan>();
const library = new Metadata(PLANS);
const countriesByCallingCode: Readonly<Record<string, readonly string[]>> = PLANS.country_calling_codes;

/** Splits `+44…`. No calling code begins with another, and none has more than three digits (ITU-T E.164, 6.2). */
export function splitNumber(number: string): { plan: CallingCodePlan; national: string } | null {
  for (const end of [2, 3, 4]) {
    const plan = planOf(number.slice(1, end));
    if (plan !== null) return { plan, national: number.slice(end) };
  }
  return null;
}

/** Whether a text is the ISO 3166-1 alpha-2 code of a country that has phone numbers. */
export function isCountry(code: string): boolean {
  return Object.hasOwn(PLANS.countries, code);
}

function planOf(callingCode: string): CallingCodePlan | null {
  const known = plans.get(callingCode);
  if (known !== undefined) return known;
  const countries = countriesByCallingCode[callingCode] ?? [];
  if (countries.length === 0 && !Object.hasOwn(PLANS.nonGeographic, callingCode)) return null;
  const plan = new CallingCodePlan(callingCode, countries);
  plans.set(callingCode, plan);
  return plan;
}

/** @param code An ISO country code or a country calling code. */
function libraryPlan(code: string): LibraryPlan {
  (library as { selectNumberingPlan(code: string): void }).selectNumberingPlan(code);
  return library.numberingPlan as unknown as LibraryPlan;
}

function wholeText(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}
