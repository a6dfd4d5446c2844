import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { DEFAULT_APP } from "../../ids/app-name.ts";
import type { ApiKeys } from "../../keys/api-keys.ts";
import type { Caller } from "../../keys/caller.ts";
import { Problem } from "../../platform/problem.ts";
import { verifyWebhook } from "../../platform/standard-webhooks.ts";
import { MINUTE_MS } from "../../platform/time.ts";
import { bearerOfBasic } from "../basic-auth.ts";
import type { HookSecrets } from "./settings.ts";

/** The platforms that sign their calls. */
export type SigningPlatform = keyof HookSecrets;

/** Whether a secret of the platform has signed the body, within five minutes of now where the platform signs the time. */
type IsSigned = (headers: Headers, raw: Uint8Array, secret: string) => boolean;

const TOLERANCE_MS = 5 * MINUTE_MS;

/**
 * `ZITADEL-Signature: t=<Unix time>,v1=<hex>`, with one `v1` or several. Each is the HMAC-SHA-256 of the time, a dot and
 * the body; the key is the text as Zitadel shows it.
 */
const isSignedByZitadel: IsSigned = (headers, raw, key) => {
  const fields = (headers.get("zitadel-signature") ?? "").split(",").map((field) => field.trim());
  const [time] = fields.flatMap((field) => /^t=(\d{1,12})$/.exec(field)?.[1] ?? []);
  if (time === undefined || Math.abs(Date.now() - Number(time) * 1000) > TOLERANCE_MS) return false;
  const given = fields.flatMap((field) => /^v1=(.*)$/.exec(field)?.[1] ?? []);
  return isOneOf(given, createHmac("sha256", key).update(`${time}.`).update(raw).digest());
};

/** The HMAC-SHA-256 of the body alone. */
const isSignedByAuthgear: IsSigned = (headers, raw, key) =>
  isOneOf([headers.get("x-authgear-body-signature") ?? ""], createHmac("sha256", key).update(raw).digest());

/** Whether one of the texts is the MAC in hexadecimal digits. */
function isOneOf(texts: readonly string[], mac: Buffer): boolean {
  const wellFormed = texts.filter((text) => /^[0-9a-f]{64}$/i.test(text));
  return wellFormed.some((text) => timingSafeEqual(Buffer.from(text, "hex"), mac));
}

/** Svix names the headers of Standard Webhooks after itself. */
const isSignedByClerk: IsSigned = (headers, raw, secret) => {
  const renamed = new Headers();
  for (const name of ["id", "timestamp", "signature"]) {
    renamed.set(`webhook-${name}`, headers.get(`svix-${name}`) ?? "");
  }
  return verifyWebhook(renamed, raw, secret) !== null;
};

const IS_SIGNED: Readonly<Record<SigningPlatform, IsSigned>> = {
  supabase: (headers, raw, secret) => verifyWebhook(headers, raw, secret) !== null,
  zitadel: isSignedByZitadel,
  clerk: isSignedByClerk,
  authgear: isSignedByAuthgear,
};

/**
 * The platform as a caller of the default app, if one of its secrets has signed the body. Throws a problem otherwise:
 * `not_found` where the deployment has no secret of the platform.
 */
export function authenticateSigned(
  platform: SigningPlatform,
  secrets: HookSecrets,
  headers: Headers,
  raw: ArrayBuffer,
): Caller {
  const candidates = secrets[platform];
  if (candidates.length === 0) {
    throw new Problem("not_found", { detail: "This deployment has no secret of this platform." });
  }
  const bytes = new Uint8Array(raw);
  if (!candidates.some((secret) => IS_SIGNED[platform](headers, bytes, secret))) {
    throw new Problem("unauthorized", { detail: "The signature is not the platform's." });
  }
  return { id: platform, name: platform, scopes: ["hooks"], app: DEFAULT_APP, reach: DEFAULT_APP };
}

/** The caller of a platform that does not sign: its API key is a bearer token, or the password of Basic. */
export function authenticateByKey(keys: ApiKeys, headers: Headers): Promise<Caller | null> {
  const authorization = headers.get("authorization");
  return keys.authenticate(bearerOfBasic(authorization) ?? authorization);
}
