import { type AppName, DEFAULT_APP } from "../ids/app-name.ts";
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

/**
 * Reads the stored state of a contact of an earlier version. Version 1 had no apps: its notifications belong to the
 * default app. Before that, fields had other names.
 */
export function fromFormerContact(stored: unknown, version: number | undefined): Partial<ContactState> {
  const named = version === undefined ? renameFields(stored, FORMER_NAMES, ["metadata"]) : stored;
  // Written by an earlier build of this object, in the shape that the version says.
  const { notifications = [], outbox = [], ...state } = named as Partial<ContactState>;
  return {
    ...state,
    notifications: notifications.map(withApp),
    outbox: outbox.map((item) =>
      item.kind === "job" ? item : { ...item, notification: withApp(item.notification) },
    ),
  };
}

function withApp<Shown extends { readonly app: AppName }>(shown: Shown): Shown {
  return { ...shown, app: shown.app ?? DEFAULT_APP };
}

/** Content that was sealed, for a queue or a batch, before its field `message` was named so. */
interface FormerContent extends Omit<NotificationContent, "message"> {
  readonly says: NotificationContent["message"];
}

/** Reads sealed content, of any version. */
export function fromFormerContent(content: NotificationContent | FormerContent): NotificationContent {
  if (!("says" in content)) return withApp(content);
  const { says, ...rest } = content;
  return withApp({ ...rest, message: says });
}
