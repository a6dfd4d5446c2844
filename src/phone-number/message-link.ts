import type { LinkName, SealedToken } from "../codes/token.ts";

/** How a verification is proved: by a code that the user types, or by a message that they send. */
export const METHODS = ["code", "message"] as const;
export type Method = (typeof METHODS)[number];

/** The message that a user is to send. Its text and its `wa.me` address are made from this where they are shown. */
export interface MessageLink {
  /** The object that knows the token. */
  readonly name: LinkName;
  /** Null once the verification has closed. */
  readonly sealed: SealedToken | null;
  /** The team's number that the message goes to, by Meta's id. */
  readonly sender: string;
  /** Whether the number is the one that the message comes from. */
  readonly learnsNumber: boolean;
  /** A digest of WhatsApp's id of the message that closed it: its webhook may be repeated. */
  readonly messageId: string | null;
  /** The last two digits of a number that was not the claimed one. */
  readonly otherNumberEndsWith: string | null;
  /** The same of the late message that was answered; later ones are not. */
  readonly lateMessageId: string | null;
}

interface Closable {
  readonly expiresAt: number;
  readonly link: MessageLink | null;
}

/** Meta's time of a message has to be within the link's life, and the message may arrive so much later. */
export const ARRIVAL_GRACE_MS = 60_000;

/** When a pending verification closes by itself. */
export function closesAt({ expiresAt, link }: Closable): number {
  return link === null ? expiresAt : expiresAt + ARRIVAL_GRACE_MS;
}

export function methodOf({ link }: Pick<Closable, "link">): Method {
  return link === null ? "code" : "message";
}
