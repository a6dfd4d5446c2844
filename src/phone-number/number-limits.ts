import * as z from "zod";
import { DAY_MS } from "../platform/time.ts";
import { longestWindow, parseWindows, type Window } from "../platform/windows.ts";

/** A number's object stores a time for each send that its windows count, and forgets after a day. */
const LARGEST_QUOTA = 100;

const windows = z.string().transform((text, context): readonly Window[] => {
  const parsed = parseWindows(text);
  const fits =
    parsed !== null && longestWindow(parsed) <= DAY_MS && parsed.every(({ quota }) => quota <= LARGEST_QUOTA);
  if (fits) return parsed;
  context.issues.push({
    code: "custom",
    input: text,
    message: 'is not like "3 per 2 min, 10 per day", with at most 100 sends and a day',
  });
  return z.NEVER;
});

/** The sends to one phone number, over all apps, purposes and sessions: `[vars.NUMBER_LIMITS]` of wrangler.toml. */
export const numberLimitsSchema = z
  .strictObject({
    /** WhatsApp accepts one message per recipient every 6 s. */
    sends: windows.prefault("1 per 6 s, 3 per 2 min, 6 per h, 10 per day"),
    /** Of the longest window; of the shorter ones the same share is kept, rounded up, but never all. */
    kept_for_known: z.int().min(0).default(3),
  })
  .refine(({ sends, kept_for_known }) => kept_for_known < longestOf(sends).quota, {
    path: ["kept_for_known"],
    message: "leaves no send of the longest window to anyone else",
  })
  .transform((fields) => ({ windows: fields.sends, keptForKnown: fields.kept_for_known }));

export type NumberLimits = z.output<typeof numberLimitsSchema>;

export const DEFAULT_NUMBER_LIMITS: NumberLimits = numberLimitsSchema.parse({});

/** The windows for a network and device that were never approved on a number where others were. */
export function windowsForStrangers({ windows, keptForKnown }: NumberLimits): readonly Window[] {
  const { quota: largest } = longestOf(windows);
  return windows.map(({ quota, windowMs }) => {
    const kept = Math.min(quota - 1, Math.ceil((quota * keptForKnown) / largest));
    return { quota: quota - kept, windowMs };
  });
}

function longestOf(windows: readonly Window[]): Window {
  return windows.reduce((longest, window) => (window.windowMs > longest.windowMs ? window : longest));
}
