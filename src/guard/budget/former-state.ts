import { renameFields } from "../../platform/rename-fields.ts";
import type { RangeState } from "./range-state.ts";

/** What the fields of a record were called before records had a version. */
const FORMER_NAMES = {
  standing: "status",
  strikes: "consecutiveBlocks",
  forgivenAt: "clearedAt",
} as const;

/** Reads the stored state of a range of before records had a version. */
export function fromFormerRange(stored: object): Partial<RangeState> {
  return renameFields(stored, FORMER_NAMES) as Partial<RangeState>;
}
