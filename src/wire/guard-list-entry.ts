import * as z from "zod";
import { type ListEntry, LONGEST_NOTE } from "../guard/destinations/lists.ts";
import { documented } from "../platform/documented.ts";
import { toIso } from "../platform/time.ts";

export const listEntryNote = z.string().min(1).max(LONGEST_NOTE);

/** An entry of the guard's block or safe list. */
export const listEntryBody = documented(() =>
  z
    .object({
      id: z.string(),
      number: z
        .string()
        .nullable()
        .meta({ description: "Masked; only a keyed hash of the number is stored." }),
      prefix: z.string().nullable(),
      note: listEntryNote,
      added_by: z.string().meta({ description: "The id of the API key." }),
      added_at: z.iso.datetime(),
    })
    .meta({ id: "GuardListEntry" }),
);

export function toListEntryBody(entry: ListEntry): z.input<typeof listEntryBody> {
  const { id, shown, note, addedBy, addedAt } = entry;
  const isPrefix = id === shown;
  return {
    id,
    number: isPrefix ? null : shown,
    prefix: isPrefix ? shown : null,
    note,
    added_by: addedBy,
    added_at: toIso(addedAt),
  };
}
