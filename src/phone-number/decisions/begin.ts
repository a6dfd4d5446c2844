import type { Binding, SessionTag } from "../../codes/code.ts";
import type { AppName } from "../../ids/app-name.ts";
import type { VerificationId } from "../../ids/verification-id.ts";
import type { Via } from "../../ids/via.ts";
import type { E164 } from "../../numbering/e164.ts";
import type { PhoneState } from "../phone-state.ts";
import { type FrozenPolicy, freezeRules, type NumberRules } from "../policy.ts";
import type { Attribution, StoredCode, Verification } from "../verification.ts";
import { hasChanged } from "./identity.ts";

/** What every start says, however the number is to be proved. */
export interface BeginCommand {
  /** A fresh id; unused where a pending verification goes on. */
  readonly id: VerificationId;
  readonly to: E164 | null;
  readonly app: AppName;
  readonly session: SessionTag | null;
  readonly protectedNumber: Verification["protectedNumber"];
  readonly subscribedTypes: Verification["subscribedTypes"];
  readonly purpose: string;
  readonly policy: FrozenPolicy;
  readonly via: Via;
  /** The requested language, or the one to use where none was requested. */
  readonly locale: { readonly tag: string; readonly asked: boolean };
  readonly bind: Binding | null;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly attribution: Attribution;
  readonly rules: NumberRules;
}

/** How it is to be proved. */
interface ByMethod<Code extends StoredCode | null>
  extends Pick<Verification, "link" | "codeLength" | "codeCheckedBy" | "channels" | "test" | "expiresAt"> {
  readonly code: Code;
}

/** A verification at its beginning, before its first message. */
export function beginVerification<Code extends StoredCode | null>(
  state: PhoneState,
  command: BeginCommand,
  { code, link, codeLength, codeCheckedBy, channels, test, expiresAt }: ByMethod<Code>,
  now: number,
): Verification & { readonly code: Code } {
  return {
    id: command.id,
    to: command.to,
    app: command.app,
    via: command.via,
    session: command.session,
    protectedNumber: command.protectedNumber,
    test,
    subscribedTypes: command.subscribedTypes,
    revision: 0,
    purpose: command.purpose,
    policy: command.policy,
    codeLength,
    codeCheckedBy,
    channels,
    status: "pending",
    reason: null,
    locale: command.locale.tag,
    bind: command.bind,
    metadata: command.metadata ?? {},
    attribution: command.attribution,
    rules: freezeRules(command.rules),
    hasSeveralRequesters: false,
    identityChanged: hasChanged(state),
    code,
    link,
    attempts: 0,
    lastAttempt: null,
    createdAt: now,
    expiresAt,
    closedAt: null,
    messages: [],
    supersededSends: 0,
    redeemed: null,
  };
}
