import * as z from "zod";
import { MODES } from "../rule.ts";
import { parseWindows, type Window } from "./windows.ts";

const windows = z.string().transform((text, context): readonly Window[] => {
  const parsed = parseWindows(text);
  if (parsed !== null) return parsed;
  context.issues.push({ code: "custom", input: text, message: 'is not like "5 per 10 min, 20 per day"' });
  return z.NEVER;
});

/** The limits that the team names, as they stand in `[vars.GUARD.named_limits]`. */
export const namedLimitSettings = z
  .strictObject({
    mode: z.enum(MODES).default("enforce"),
    /** By the limit's name. A name that a caller gives and that is not here limits nothing. */
    windows: z
      .record(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, "is not a limit's name"), windows)
      .default({}),
  })
  .transform((fields) => ({ mode: fields.mode, windows: new Map(Object.entries(fields.windows)) }));

export type NamedLimitSettings = z.output<typeof namedLimitSettings>;
