import { compiled } from "./compiled.ts";
import table from "./plans.json" with { type: "json" };

/** The numbering plan of a country calling code, as far as it tells what is possible, and whose it is. */
export interface Plan {
  /** How many digits a national number may have, in ascending order. */
  readonly lengths: readonly number[];
  /** Who has the calling code, the main country first; nobody where it belongs to a network or a service. */
  readonly countries: readonly Country[];
  /** Only where a number that has it could be of a possible length all the same. */
  readonly trunk?: Trunk;
}

export interface Country {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** A regular expression for the national numbers that are this country's, where several share the code. */
  readonly pattern?: string | undefined;
  /** Where they are not the plan's. */
  readonly lengths?: readonly number[] | undefined;
}

/** What is dialled before a national number within its country, and is no part of it: often a zero. */
export interface Trunk {
  /** A regular expression for it, and for what some plans want rewritten together with it. */
  readonly prefix: string;
  /** What takes the place of a `prefix` whose last group matched; nothing otherwise. */
  readonly transform?: string;
  /** A regular expression for national numbers, where some begin with the same digits as `prefix`. */
  readonly national?: string;
}

const plans: Readonly<Record<string, Plan>> = table;

/** `+44…` in parts. No calling code begins with another, and none has more than three digits (ITU-T E.164, 6.2). */
export function takeApart(number: string): { callingCode: string; national: string; plan: Plan } | null {
  for (const end of [2, 3, 4]) {
    const callingCode = number.slice(1, end);
    const plan = plans[callingCode];
    if (plan) return { callingCode, national: number.slice(end), plan };
  }
  return null;
}

/** Whose a national number is: of countries that share a plan, the first whose pattern it matches. */
export function ownerOf(national: string, plan: Plan): Country | undefined {
  return plan.countries.find(({ pattern = "" }) => compiled(pattern).test(national));
}

/** Whether a national number has a length of its country, and no trunk prefix before it. */
export function isPossible(national: string, plan: Plan): boolean {
  return lengthsFor(national, plan).includes(national.length) && !hasTrunkPrefix(national, plan);
}

function lengthsFor(national: string, plan: Plan): readonly number[] {
  return ownerOf(national, plan)?.lengths ?? plan.lengths;
}

/**
 * Whether the digits read better without a trunk prefix, as libphonenumber decides it: what remains has to be
 * long enough, and not to lose the form of a national number that all the digits have.
 */
function hasTrunkPrefix(digits: string, plan: Plan): boolean {
  const remaining = plan.trunk === undefined ? digits : withoutTrunkPrefix(digits, plan.trunk);
  if (remaining === digits) return false;
  const national = compiled(plan.trunk?.national ?? "(?!)");
  if (national.test(digits) && !national.test(remaining)) return false;
  const lengths = lengthsFor(remaining, plan);
  return lengths.includes(remaining.length) || remaining.length > (lengths.at(-1) ?? 0);
}

function withoutTrunkPrefix(digits: string, { prefix, transform = "" }: Trunk): string {
  const pattern = compiled(prefix);
  return digits.replace(pattern, pattern.exec(digits)?.at(-1) ? transform : "");
}
