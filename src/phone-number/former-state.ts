import { DEFAULT_APP } from "../ids/app-name.ts";
import { DEFAULT_VIA } from "../ids/via.ts";
import { renameFields } from "../platform/rename-fields.ts";
import type { Answer } from "./answers.ts";
import type { PhoneState } from "./phone-state.ts";
import type { FrozenRules } from "./policy.ts";
import type { VerificationSnapshot } from "./snapshot.ts";
import type { Verification } from "./verification.ts";

/** What the fields of a record were called before records had a version. */
const FORMER_NAMES = {
  heldTo: "attribution",
  wanted: "subscribedTypes",
  takenAt: "leasedAt",
  lookedAt: "lastUnchargedCheckAt",
  numberInEvents: "protectedNumber",
  of: "tapId",
  lookAgainAt: "repeatAt",
  broughtByCaller: "fromCaller",
} as const;

/** How every verification was treated before each kept the rules of its start. */
const FORMER_RULES: FrozenRules = { owner: "enforce", identityChange: "report", identityHoldMs: 0 };

/** Their names are the callers' own. */
const CALLERS_FIELDS = ["metadata", "limits"];

/**
 * Reads the stored state of an earlier version. Version 5 issued no tokens for approvals. Version 4 had only codes. Version 3
 * knew one API, whose every code was checked here, and whose starts
 * superseded no sends. Version 2 counted sends without their verifications, and did not keep the rules of a start; version 1
 * had neither apps nor sessions: its verifications belong to the default app. Before that, fields had other names.
 */
export function fromFormerState(stored: unknown, version: number | undefined): Partial<PhoneState> {
  const named = version === undefined ? renameFields(stored, FORMER_NAMES, CALLERS_FIELDS) : stored;
  // Written by an earlier build of this object, in the shape that the version says.
  const { sendTimes = [], ...state } = named as Partial<PhoneState> & FormerFields;
  const { verifications = [], outbox = [], idempotency = [] } = state;
  return {
    ...state,
    sends: state.sends ?? sendTimes.map((at) => ({ at, id: null, isRefused: false })),
    verifications: verifications.map(withAddedFields),
    outbox: outbox.map((item) =>
      item.kind !== "verification" ? item : { ...item, verification: asShown(item.verification) },
    ),
    idempotency: idempotency.map((record) =>
      record.answer === null ? record : { ...record, answer: asAnswer(record.answer) },
    ),
  };
}

function asAnswer(answer: Answer): Answer {
  const verification = asShown(answer.verification);
  return answer.kind === "check_answer"
    ? { ...answer, verification }
    : { ...answer, verification, retryAfterMs: answer.retryAfterMs ?? 0 };
}

/** The fields of an earlier version that have gone. */
interface FormerFields {
  readonly sendTimes?: readonly number[];
}

function withAddedFields(verification: Verification): Verification {
  const { attribution, policy } = verification;
  return {
    ...withApp(verification),
    link: verification.link ?? null,
    codeLength: verification.codeLength ?? null,
    codeCheckedBy: verification.codeCheckedBy ?? "sandi",
    supersededSends: verification.supersededSends ?? 0,
    redeemed: verification.redeemed ?? null,
    session: verification.session ?? null,
    lastAttempt: verification.lastAttempt ?? null,
    rules: verification.rules ?? FORMER_RULES,
    hasSeveralRequesters: verification.hasSeveralRequesters ?? false,
    attribution: { ...attribution, device: attribution.device ?? null },
    policy: { ...policy, blockAfterFailures: policy.blockAfterFailures ?? null },
  };
}

function withApp<Shown extends Pick<Verification, "app" | "via">>(verification: Shown): Shown {
  return { ...verification, app: verification.app ?? DEFAULT_APP, via: verification.via ?? DEFAULT_VIA };
}

/** What an answer or an event shows of a verification. */
function asShown<Shown extends Pick<VerificationSnapshot, "app" | "via" | ShownSinceMethods>>(
  verification: Shown,
): Shown {
  return {
    ...withApp(verification),
    method: verification.method ?? "code",
    numberLearned: verification.numberLearned ?? false,
    otherNumberEndsWith: verification.otherNumberEndsWith ?? null,
  };
}

type ShownSinceMethods = "method" | "numberLearned" | "otherNumberEndsWith";
