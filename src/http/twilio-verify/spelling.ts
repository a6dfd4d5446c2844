import { parseHex, toHex, type VerificationId } from "../../ids/verification-id.ts";
import type { Caller } from "../../keys/caller.ts";
import type { Keyring } from "../../platform/keyring.ts";
import { toIso } from "../../platform/time.ts";
import { readBasic } from "../basic-auth.ts";
import { hexDigest } from "./services.ts";

/** Where the API is, under the origin that the client called. */
export function baseOf({ url }: Request): string {
  return `${new URL(url).origin}/twilio/v2`;
}

export function toVerificationSid(id: VerificationId): string {
  return `VE${toHex(id)}`;
}

/** Null for a text that is no SID of a verification. */
export function parseVerificationSid(text: string): VerificationId | null {
  return text.startsWith("VE") ? parseHex(text.slice(2)) : null;
}

/** An attempt is a message. Its SID is keyed, so that it tells nothing about the verification. */
export function attemptSid(keyring: Keyring, id: VerificationId, ordinal: number): string {
  // A request's MAC is over a list of another length, so that neither can be the other.
  const [mac] = keyring.mac("request", JSON.stringify(["attempt", id, ordinal]));
  return `VL${mac.toString("hex", 0, 16)}`;
}

/** Clients send the SID of their account as the user name; it is shown, and authenticates nothing. */
const ACCOUNT_SID = /^AC[0-9A-Za-z]{0,62}$/;

/**
 * The account that answers show: the user name where it is an account's SID, else the configured one, else one that is
 * derived from the key.
 */
export function accountSidOf({ headers }: Request, configured: string | null, caller: Caller): string {
  const user = readBasic(headers.get("authorization"))?.user ?? "";
  return ACCOUNT_SID.test(user) ? user : (configured ?? `AC${hexDigest(caller.id)}`);
}

/** Twilio's times are in whole seconds, and some of its clients read no others. */
export function toSecondsIso(time: number): string {
  return toIso(time).replace(/\.\d+Z$/, "Z");
}
