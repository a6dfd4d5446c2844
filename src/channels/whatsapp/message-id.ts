import { Buffer } from "node:buffer";
import { parseWaId, type Subscriber } from "../../numbering/subscriber.ts";

/** Meta's longest ids have about a hundred characters. */
export const LONGEST_MESSAGE_ID = 512;

const PREFIX = "wamid.";
/** The head of a Thrift struct in the compact protocol: a field of type string, its length, and its text. */
const HEAD = [0x1c, 0x18];

/**
 * The recipient's number as a message id seems to carry it: ids of messages to a phone number are base64 of a
 * Thrift struct that begins with the number's digits ("wamid.HBgN…"). Meta does not document this form, so the
 * number is only a hint where to look: the object of that number has to know the very message, and a wrong hint,
 * or an id of another form, finds nothing.
 */
export function numberInMessageId(id: string): Subscriber | null {
  if (!id.startsWith(PREFIX) || id.length > LONGEST_MESSAGE_ID) return null;
  const bytes = Buffer.from(id.slice(PREFIX.length), "base64");
  const [first, second, length = 0] = bytes;
  if (first !== HEAD[0] || second !== HEAD[1]) return null;
  const digits = bytes.subarray(3, 3 + length).toString("latin1");
  return /^\d{7,15}$/.test(digits) ? parseWaId(digits) : null;
}
