import type { MessageError } from "../messages/message.ts";

/** Why a notification was not sent, where that was not WhatsApp's decision. */

export const OPTED_OUT: MessageError = {
  code: "opted_out",
  title: "The recipient wants no messages from this business",
  action: "Send none until they ask for them again.",
};

export const WINDOW_CLOSED: MessageError = {
  code: "window_closed",
  title: "The user's 24-hour window is closed",
  action: "Send a template, or wait until they write.",
};

export const GAVE_UP: MessageError = {
  code: "gave_up",
  title: "It could not be sent for a day",
  action: "Send it again if it still matters.",
};

export const UNREADABLE: MessageError = {
  code: "unreadable",
  title: "It was sealed under a SECRET_KEY that is gone",
  action: "Keep SECRET_KEY_PREVIOUS for as long as notifications wait.",
};

/** WhatsApp's own word for users who stopped a business's messages in the app ("Error codes"). */
const STOPPED_BY_USER = "131050";

/** Whether an error says that the recipient wants no messages. */
export function isOptOut(error: MessageError | null): boolean {
  return error?.code === OPTED_OUT.code || error?.code === STOPPED_BY_USER;
}
