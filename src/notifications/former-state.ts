import { renameFields } from "../platform/rename-fields.ts";
import type { ContactState } from "./contact-state.ts";
import type { NotificationContent } from "./notification.ts";

/** What the fields of a record were called before records had a version. */
const FORMER_NAMES = {
  standing: "consent",
  wish: "choice",
  numberInEvents: "protectedNumber",
  takenAt: "leasedAt",
  lookAgainAt: "retryAt",
} as const;

/** Reads the stored state of a contact of before records had a version. */
export function fromFormerContact(stored: unknown, version: number | undefined): Partial<ContactState> {
  const state = version === undefined ? renameFields(stored, FORMER_NAMES, ["metadata"]) : stored;
  // Written by an earlier build of this object, in the shape that the version says.
  return state as Partial<ContactState>;
}

/** Content that was sealed, for a queue or a batch, before its field `message` was named so. */
interface FormerContent extends Omit<NotificationContent, "message"> {
  readonly says: NotificationContent["message"];
}

/** Reads sealed content, of any version. */
export function fromFormerContent(content: NotificationContent | FormerContent): NotificationContent {
  if (!("says" in content)) return content;
  const { says, ...rest } = content;
  return { ...rest, message: says };
}
