import { createHash, randomBytes } from "node:crypto";
import type { VerificationId } from "../../ids/verification-id.ts";
import type { E164 } from "../../numbering/e164.ts";
import type { AuthorizeRequest } from "./authorize-request.ts";
import type { SealedTexts } from "./sealed-texts.ts";

/** One sign-in, from its first page on. The form carries it, sealed, and nothing stores it. */
export interface Flow {
  /** Random. */
  readonly id: string;
  /** A digest of the cookie that names the browser. */
  readonly browser: string;
  /** When its first page was answered, in milliseconds since the epoch. */
  readonly startedAt: number;
  readonly request: AuthorizeRequest;
  /** The language that the user chose on the page; null before. */
  readonly locale: string | null;
  /** How often a code was asked for, the resends included: each has a key of its own. */
  readonly sends: number;
  /** The numbers that a code was asked for. */
  readonly numbers: readonly E164[];
  /** The verification of the last of them; null on the first page. */
  readonly verificationId: VerificationId | null;
  /** What the user is to send instead; null where they use a code. */
  readonly message: AskedMessage | null;
}

/** A message by which the user proves their number. */
export interface AskedMessage {
  readonly id: VerificationId;
  /** Null where the number is learned from the message. */
  readonly to: E164 | null;
  /** Null where it cannot be sent any more. */
  readonly link: { readonly sender: E164; readonly text: string } | null;
}

/** More are not the typing errors of one user. */
export const MOST_NUMBERS = 3;

export function beginFlow(request: AuthorizeRequest, browser: string, now: number): Flow {
  return {
    id: randomBytes(12).toString("base64url"),
    browser: browserDigest(browser),
    startedAt: now,
    request,
    locale: null,
    sends: 0,
    numbers: [],
    verificationId: null,
    message: null,
  };
}

export function sealFlow(flow: Flow, texts: SealedTexts): string {
  return texts.seal("flow", flow, flow.startedAt);
}

/** The flow of a form; null for one that is over, or that was changed. */
export function openFlow(text: string, texts: SealedTexts, now: number): Flow | null {
  return texts.open<Flow>("flow", text, now);
}

/**
 * What the number's object tells the flow's verification from others by (`session`). Of the browser and the client, so that
 * two tabs of one browser share a verification and two browsers never do.
 */
export function sessionOf({ browser, request }: Flow): string {
  return digestOf(`${browser} ${request.clientId}`);
}

/**
 * The same for the message of a flow, which is the flow's own: it completes each flow that shares it, and the second
 * redemption of an approval ends what the first one got.
 */
export function messageSessionOf(flow: Flow): string {
  return digestOf(`${sessionOf(flow)} ${flow.id}`);
}

/** A browser as the flow names it. */
export function browserDigest(cookie: string): string {
  return digestOf(`browser ${cookie}`);
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
