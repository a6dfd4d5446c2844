/**
 * `npm run build:numbering`: writes the numbering plans that the Worker has, which are those of libphonenumber-js without
 * what is not used here. They are checked in; a test fails when the library has others.
 */
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import metadata from "libphonenumber-js/max/metadata";
import { FORMATS, type NumberFormats } from "../numbering/display-number.ts";

const FILE = join(resolve(import.meta.dirname, "../numbering"), "plans.json");

/** Places in the library's packed form of a plan. */
const CALLING_CODE = 0;
const LEADING_DIGITS = 10;
const TYPES = 11;
/** Places among the types of a plan. */
const FIXED_LINE = 0;
const MOBILE = 1;
const PREMIUM_RATE = 3;

type Packed = unknown[];

const countries = Object.entries(metadata.countries as unknown as Record<string, Packed>);

/** How numbers are grouped, by country: only the page of sign-in shows numbers so, and reads it from the static assets. */
export function numberFormats(): NumberFormats {
  return Object.fromEntries(
    countries.flatMap(([country, plan]) => (plan[FORMATS] ? [[country, plan[FORMATS]]] : [])),
  );
}

/** The file's text. */
export function plansFile(): string {
  const kept = countries.map(([country, plan]) => [
    country,
    (typesAreSearched(plan) ? plan : withoutTypes(plan)).with(FORMATS, 0),
  ]);
  const nonGeographic = Object.entries(metadata.nonGeographic as unknown as Record<string, Packed>);
  return `${JSON.stringify({
    ...metadata,
    countries: Object.fromEntries(kept),
    nonGeographic: Object.fromEntries(nonGeographic.map(([code, plan]) => [code, withoutTypes(plan)])),
  })}\n`;
}

/** Which of several countries with one calling code owns a number follows from its type, where not from its first digits. */
function typesAreSearched(plan: Packed): boolean {
  const sharing = metadata.country_calling_codes[plan[CALLING_CODE] as "1"] ?? [];
  return sharing.length > 1 && !plan[LEADING_DIGITS];
}

/** Keeps which numbers may be mobile, and which are at a premium. */
function withoutTypes(plan: Packed): Packed {
  const types = plan[TYPES] as readonly (readonly [pattern: string, ...lengths: unknown[]] | 0)[] | undefined;
  if (!types) return plan;
  const mobile = types[MOBILE] || 0;
  // Without a pattern of its own, a mobile number looks like one of a fixed line.
  const fixedLine = mobile !== 0 && mobile[0] !== "" ? 0 : (types[FIXED_LINE] ?? 0);
  return plan.with(TYPES, [fixedLine, mobile, 0, types[PREMIUM_RATE] || 0]);
}

if (import.meta.main) await writeFile(FILE, plansFile());
