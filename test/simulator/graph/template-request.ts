import * as z from "zod";

/** Meta's pages write these words in upper and in lower case. */
export const word = <T extends string>(...words: T[]) => z.string().toUpperCase().pipe(z.enum(words));

/** What decides by which rules the rest of a create call is read. */
export const categorySchema = z.looseObject({ category: word("AUTHENTICATION", "UTILITY") });

export const templateName = z
  .string()
  .max(512)
  .regex(/^[a-z0-9_]+$/);

export const templateLanguage = z.string().regex(/^[a-z]{2,3}(_[A-Z]{2,3})?$/);

/** So many seconds, or -1 for 30 days. Source: Meta's page on time to live. */
export const timeToLive = (max: number) => z.union([z.literal(-1), z.int().min(30).max(max)]);

/** Time to live of a template that names none: ten minutes for an authentication template, else 30 days. */
export const DEFAULT_TTL_SECONDS = { AUTHENTICATION: 600, UTILITY: -1 };
