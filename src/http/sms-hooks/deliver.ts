import type { CodeText } from "../../codes/code.ts";
import type { IdempotencyKey } from "../../ids/idempotency-key.ts";
import type { Caller } from "../../keys/caller.ts";
import type { E164 } from "../../numbering/e164.ts";
import { isLocale } from "../../numbering/locale.ts";
import { readNumber } from "../../numbering/read-number.ts";
import type { Policy } from "../../phone-number/policy.ts";
import type { Background } from "../../platform/async.ts";
import { log } from "../../platform/log.ts";
import { Problem } from "../../platform/problem.ts";
import { DAY_MS, MINUTE_MS } from "../../platform/time.ts";
import type { SendResponse } from "../../verification/requests.ts";
import type { Verifications } from "../../verification/verifications.ts";
import type { Reply } from "../endpoint.ts";
import { ipAddress } from "../v1/fields.ts";
import { sentOrThrow } from "../v1/verifications/replies.ts";
import type { HookMessage, PlatformName } from "./platform.ts";

/** A call of a hook that asks for a message. */
export interface HookCall {
  readonly platform: PlatformName;
  readonly message: HookMessage;
  /** The body as it was parsed: by it, a message without an id is told from another. */
  readonly body: unknown;
  readonly purpose: string;
  readonly caller: Caller;
  readonly background: Background;
}

/**
 * Platforms wait for five seconds, some of them inside a transaction. WhatsApp may take ten. The rest of four seconds is
 * for the way here and for the API key.
 */
const ANSWER_WITHIN_MS = 3_500;

const LONGEST_LOCALE = 35;

/** Sends a message's code as a start does. Throws a problem when it was refused. */
export async function deliver(
  call: HookCall,
  verifications: Verifications,
): Promise<Pick<Reply, "outcome" | "to">> {
  const { platform, message, purpose, caller, background } = call;
  const { number: to, code } = readRequired(message);
  const sending = verifications.start(
    {
      to,
      app: caller.app,
      session: null,
      purpose,
      locale: readLocale(message.locale),
      channels: null,
      code,
      codeLength: null,
      codeCheckedBy: "caller",
      fallbackAfterSeconds: null,
      bind: null,
      metadata: null,
      via: platform,
      whilePending: "resend",
      asker: {
        callerId: caller.id,
        client: { ip: readAddress(message.ip), deviceId: null },
        limits: {},
      },
    },
    keyOf(call),
    background,
  );
  const response = await withinLimit(sending, background);
  // A repetition that overtakes its first request is answered as that one is when the send outlasts the limit.
  const isSending = response === null || response.kind === "idempotency_in_progress";
  if (!isSending) sentOrThrow(response, "/purpose");
  return { outcome: isSending ? "sending" : "sent", to };
}

/** The policy's code length is no bound here: the platform makes its codes, and checks them. */
const CODE = /^[A-Za-z0-9]{4,15}$/;

function readRequired({ number, code }: HookMessage): { readonly number: E164; readonly code: CodeText } {
  const faults: string[] = [];
  if (number === null || number.trim() === "") faults.push("The message names no phone number.");
  if (code === null) faults.push("The message has no code.");
  else if (!CODE.test(code)) faults.push("The code is not 4 to 15 letters and digits.");
  if (number === null || code === null || faults.length > 0) {
    throw new Problem("invalid_message", { detail: faults.join(" ") });
  }
  // Supabase and Logto leave the plus sign out.
  const reading = readNumber(/^\d+$/.test(number) ? `+${number}` : number);
  if (reading.kind === "number") return { number: reading.number, code: code as CodeText };
  throw new Problem("invalid_phone_number", { detail: reading.fault });
}

/** Null for what is no language tag. Auth0 writes `en_US`. */
function readLocale(text: string | null): string | null {
  const tag = text?.replaceAll("_", "-") ?? "";
  return tag.length <= LONGEST_LOCALE && isLocale(tag) ? tag : null;
}

/** Null for what is no address. */
function readAddress(text: string | null): string | null {
  return ipAddress.safeParse(text).data ?? null;
}

/**
 * Repetitions of a message are one request: by the platform's id of it for a day, or else by its content for a minute.
 * Supabase and others sign each repetition anew, so that headers are no part of it. After a failure for now, a
 * repetition is another try: nothing was sent, and that is why Lambda, Auth0 and Kratos repeat.
 */
function keyOf({ platform, message: { id }, body, caller }: HookCall): IdempotencyKey {
  const hasId = id !== null && id !== "";
  return {
    app: caller.app,
    caller: caller.id,
    method: "POST",
    path: `/hooks/${platform}`,
    key: hasId ? `id ${id}` : `body ${JSON.stringify(body)}`,
    content: "",
    keptForMs: hasId ? DAY_MS : MINUTE_MS,
    forgetsFailure: true,
  };
}

/** The response, or null where it takes longer than a platform waits: the send then goes on in the background. */
async function withinLimit(
  sending: Promise<SendResponse>,
  background: Background,
): Promise<SendResponse | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ANSWER_WITHIN_MS, null);
  });
  try {
    const response = await Promise.race([sending, limit]);
    if (response === null) background(sending.catch(logFailure));
    return response;
  } finally {
    clearTimeout(timer);
  }
}

function logFailure(error: unknown): void {
  log("error", "A hook's message failed after its answer", { error: String(error) });
}

/**
 * The purpose of a message: the address's, else the one that its type stands for if the deployment has it, else `login`.
 * Throws a problem for a purpose that needs a binding, which no platform has.
 */
export function purposeOf(
  named: string | undefined,
  { purpose }: HookMessage,
  policies: ReadonlyMap<string, Policy>,
): string {
  const chosen = named ?? (purpose !== null && policies.has(purpose) ? purpose : "login");
  if (policies.get(chosen)?.bindRequired !== true) return chosen;
  throw new Problem("invalid_message", {
    detail: `The purpose ${chosen} needs a binding, which a hook does not have.`,
  });
}
