import * as z from "zod";
import { type ListPosition, parseCursor } from "../../platform/cursor.ts";
import { described } from "../../platform/documented.ts";

/** The query of every list: how many entries, and the cursor that the page before returned as `next`. */
export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(50)
    .meta(described({ description: "Entries on a page.", examples: [50] })),
  after: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .meta(described({ description: "The `next` of the page before." })),
};

/**
 * `after` of a list that is ordered newest first.
 *
 * @param parseId Returns the list's kind of id, or null when the text is not one.
 */
export function cursorField<Id extends string>(parseId: (text: string) => Id | null) {
  return pageQuery.after.unwrap().transform((text, context): ListPosition<Id> => {
    const position = parseCursor(text, parseId);
    if (position !== null) return position;
    context.issues.push({ code: "custom", input: text, message: "Give the `next` of the page before." });
    return z.NEVER;
  });
}

/** The body of every list; `next` is null on the last page. */
export function pageBody<Entry extends z.ZodType>(entry: Entry) {
  return z.object({ data: z.array(entry), next: z.string().nullable() });
}
