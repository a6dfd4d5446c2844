/**
 * `npm run numbering-plans`: writes plans.json out of libphonenumber-js's metadata, which is a selection of
 * Google's. Kept is what says whether a number is possible, and whose. The library itself stays out of the
 * Worker: most of it reads looser spellings than E.164. Tests hold the file, and its reader, against it.
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import metadata from "libphonenumber-js/min/metadata";
import type { Country, Plan, Trunk } from "./plan.ts";

/** A plan as the library packs it (`NumberingPlan` in its metadata.js); 0 stands for nothing. */
type Packed = readonly [
  callingCode: string,
  internationalPrefix: unknown,
  national: string,
  lengths: readonly number[],
  formats: unknown,
  trunkPrefix?: string | 0,
  formattingRule?: unknown,
  trunkPrefixPattern?: string | 0,
  transform?: string | 0,
  trunkPrefixIsOptional?: unknown,
  leadingDigits?: string | 0,
  kinds?: readonly (readonly [pattern: string, lengths?: readonly number[]] | 0)[] | 0,
];

const { country_calling_codes, countries, nonGeographic } = metadata as unknown as {
  readonly country_calling_codes: Readonly<Record<string, readonly [string, ...string[]]>>;
  readonly countries: Readonly<Record<string, Packed>>;
  readonly nonGeographic: Readonly<Record<string, Packed>>;
};

/** By country calling code. */
export function numberingPlans(): Record<string, Plan> {
  const plans: Record<string, Plan> = {};
  for (const [callingCode, plan] of Object.entries(nonGeographic))
    plans[callingCode] = { lengths: unpack(plan).lengths, countries: [] };
  for (const [callingCode, sharing] of Object.entries(country_calling_codes))
    plans[callingCode] = sharedPlan(sharing);
  return plans;
}

/** The first country is the main one, and its plan that of numbers which are nobody's. */
function sharedPlan(sharing: readonly [string, ...string[]]): Plan {
  const main = planOf(sharing[0]);
  const lengths = new Set(sharing.flatMap((country) => planOf(country).lengths));
  // Where all numbers are equally long, one that loses a prefix is too short, unless digits take its place.
  const trunk = lengths.size > 1 || main.transform ? trunkOf(main) : null;
  return {
    lengths: main.lengths,
    countries: sharing.map((country): Country => {
      const own = planOf(country);
      return {
        country,
        ...(sharing.length > 1 && { pattern: patternOf(own) }),
        ...(String(own.lengths) !== String(main.lengths) && { lengths: own.lengths }),
      };
    }),
    ...(trunk && { trunk }),
  };
}

type Unpacked = ReturnType<typeof unpack>;

function planOf(country: string): Unpacked {
  const plan = countries[country];
  if (plan === undefined) throw new Error(`libphonenumber-js has no plan for ${country}`);
  return unpack(plan);
}

function unpack(plan: Packed) {
  const [, , national, lengths, , trunkPrefix, , trunkPrefixPattern, transform, , leadingDigits, kinds] =
    plan;
  return {
    national,
    lengths,
    prefix: trunkPrefixPattern || trunkPrefix,
    transform,
    leadingDigits,
    kinds: kinds || [],
  };
}

/** Leading digits decide alone. Without them, a number has to be of one of the kinds that its country has. */
function patternOf({ national, lengths, leadingDigits, kinds }: Unpacked): string {
  if (leadingDigits) return `^(?:${leadingDigits})`;
  const patterns = kinds
    .filter((kind) => kind !== 0)
    .flatMap(([pattern, own = lengths]) => (pattern ? `${ofLength(own)}(?:${pattern})` : []));
  return `^(?=(?:${national})$)(?:${patterns.join("|")})$`;
}

function ofLength(lengths: readonly number[]): string {
  return `(?=(?:${lengths.map((length) => `.{${length}}`).join("|")})$)`;
}

function trunkOf({ national, prefix, transform }: Unpacked): Trunk | null {
  if (!prefix) return null;
  const isNeverNational = /^\d+$/.test(prefix) && !canBegin(national, prefix);
  return {
    prefix: `^(?:${prefix})`,
    ...(transform && { transform }),
    ...(!isNeverNational && { national: `^(?:${national})$` }),
  };
}

/** Whether a text that matches the pattern can begin with these digits: it may end at each digit of the pattern. */
function canBegin(pattern: string, digits: string): boolean {
  const endingAnywhere = pattern.replace(/(\{[\d,]+\})|\\d|\[[^\]]+\]|\d/g, (part, repetition) =>
    repetition ? part : `(?:${part}|$)`,
  );
  return new RegExp(`^(?:${endingAnywhere})$`).test(digits);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await writeFile(
    fileURLToPath(import.meta.resolve("./plans.json")),
    `${JSON.stringify(numberingPlans())}\n`,
  );
}
