import * as z from "zod";

/** The query of every list: how many, and the cursor that the page before answered as `next`. */
export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(50)
    .meta({ description: "Entries on a page.", examples: [50] }),
  after: z.string().min(1).max(1024).optional().meta({ description: "The `next` of the page before." }),
};

/** The answer of every list; `next` is null on the last page. */
export function pageBody<Entry extends z.ZodType>(entry: Entry) {
  return z.object({ data: z.array(entry), next: z.string().nullable() });
}
