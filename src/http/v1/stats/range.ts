import * as z from "zod";
import { DAY_MS } from "../../../platform/time.ts";

const LONGEST_DAYS = 31;

/** A moment, or a day's first in UTC. The plus of an offset arrives in a query as a space, unless it is encoded. */
const moment = z
  .string()
  .overwrite((text) => text.replace(" ", "+"))
  .refine(
    (text) => isIso(text),
    "Give a time in ISO 8601 with its offset, such as 2026-11-23T00:00:00Z, or a date.",
  )
  .transform((text) => Date.parse(text));

function isIso(text: string): boolean {
  return z.union([z.iso.datetime({ offset: true }), z.iso.date()]).safeParse(text).success;
}

/** From when until when, for reports: at most 31 days, the last day's worth where nothing is said. */
export const rangeQuery = {
  from: moment
    .optional()
    .meta({ description: "ISO 8601. A day before `to` unless given.", examples: ["2026-11-23"] }),
  to: moment.optional().meta({
    description: "ISO 8601; this moment no longer belongs to it. Now unless given.",
    examples: ["2026-11-24T00:00:00Z"],
  }),
};

export interface Range {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/** Fills in what the query left out. */
export function rangeOf(query: { [end in keyof Range]?: number | undefined }, now: number): Range {
  const { to = now, from = to - DAY_MS } = query;
  return { from, to };
}

/** What is wrong with a range, for the developer who asked for it; null when nothing is. */
export function faultOf({ from, to }: Range): string | null {
  if (from >= to) return "It has to be before `to`.";
  return to - from > LONGEST_DAYS * DAY_MS ? `At most ${LONGEST_DAYS} days before \`to\`.` : null;
}
