import { renameFields } from "../platform/rename-fields.ts";
import type { Entry } from "./entry.ts";

/** What the fields of an entry were called before entries had a version. */
const FORMER_NAMES = { heard: "lastUpdates", saidAt: "sentAt", heardAt: "receivedAt" } as const;

/** Reads a stored entry of before entries had a version. Later builds without versions used the current names. */
export function fromFormerEntry(stored: object): Entry {
  const empty = { lastUpdates: {} };
  return { ...empty, ...(renameFields(stored, FORMER_NAMES, ["template"]) as Entry) };
}
