/** A country whose numbers WhatsApp may name by another id than the dialled number. */
export type Country = "indonesia" | "brazil" | "mexico" | "argentina";

/** A person with a phone, and the spellings of its number. */
export interface Person {
  /** As today's numbering plan has it. Histories name people by it, however a request spells it. */
  readonly number: string;
  /** As callers may dial it, the number itself first. */
  readonly dialled: readonly [string, ...string[]];
}

const COUNTRIES: readonly [Country, ...Country[]] = [
  "indonesia",
  "indonesia",
  "indonesia",
  "brazil",
  "mexico",
];

/**
 * Old accounts keep the id that their number had before Brazil's ninth digit, or with Mexico's former 1. Argentine
 * mobile numbers may be dialled without the 9, of which only WhatsApp knows the person.
 */
const OTHER_SPELLINGS: readonly (readonly [other: RegExp, number: string])[] = [
  [/^\+55(\d{2})(\d{8})$/, "+55$19$2"],
  [/^\+521(\d{10})$/, "+52$1"],
  [/^\+54(11812\d{5})$/, "+549$1"],
];

/** The person with an index: each has a number of its own, which no other person of any country has. */
export function personAt(index: number, country = COUNTRIES[index % COUNTRIES.length]): Person {
  const digits = String(index).padStart(5, "0");
  if (country === "brazil") {
    const number = `+55119812${digits}`;
    return { number, dialled: [number, waIdOf(number)] };
  }
  if (country === "argentina") {
    return { number: `+54911812${digits}`, dialled: [`+54911812${digits}`, `+5411812${digits}`] };
  }
  const number = country === "mexico" ? `+5255812${digits}` : `+62812587${digits}`;
  return { number, dialled: [number] };
}

/** The number of the person behind a spelling. */
export function personOf(spelling: string): string {
  const rule = OTHER_SPELLINGS.find(([other]) => other.test(spelling));
  return rule === undefined ? spelling : spelling.replace(...rule);
}

/** WhatsApp's id of a person, with a plus sign. */
export function waIdOf(number: string): string {
  return number.replace(/^(\+5511)9(?=812\d{5}$)/, "$1").replace(/^\+52(?=55812\d{5}$)/, "+521");
}

/** A number that no valid request names: a message to it is a violation. */
export function forbiddenNumber(index: number): string {
  return `+62812588${String(index).padStart(5, "0")}`;
}

export function isForbiddenNumber(number: string): boolean {
  return number.startsWith("+62812588");
}

/**
 * Finds a whole number of a person, with or without the country code, but not inside a longer number such as a
 * timestamp.
 */
export const WHOLE_NUMBERS: readonly RegExp[] = [
  /(?<!\d)(?:62|0)?81258[78]\d{5}(?!\d)/,
  /(?<!\d)(?:55|549?)?119?812\d{5}(?!\d)/,
  /(?<!\d)(?:521?)?55812\d{5}(?!\d)/,
];
