import type { Background } from "../../platform/async.ts";

/** Whose name stands over the message in WhatsApp, and whether Meta gave it the tick. */
export interface SenderName {
  readonly name: string;
  readonly isOfficial: boolean;
}

/** What is known of the team's senders without waiting for it. */
export interface SenderNames {
  /** Null where the name is not known yet, or WhatsApp does not show it. What is not known is read in the background. */
  nameOf(phoneNumberId: string, background: Background): SenderName | null;
}

/**
 * The sender that the user will see. Which of several has sent a code is not recorded, so that these have to share one name;
 * null where they do not.
 */
export function senderName(
  ids: readonly string[],
  names: SenderNames,
  background: Background,
): SenderName | null {
  const [first = null, ...others] = ids.map((id) => names.nameOf(id, background));
  const isShared = others.every(
    (other) => other?.name === first?.name && other?.isOfficial === first?.isOfficial,
  );
  return isShared ? first : null;
}
