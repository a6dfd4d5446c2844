import { DEFAULT_APP } from "../ids/app-name.ts";
import { renameFields } from "../platform/rename-fields.ts";
import type { PhoneState } from "./phone-state.ts";
import type { NumberRules } from "./policy.ts";
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
const FORMER_RULES: NumberRules = { owner: "enforce", identityChange: "report", identityHoldMs: 0 };

/** Their names are the callers' own. */
const CALLERS_FIELDS = ["metadata", "limits"];

/**
 * Reads the stored state of an earlier version. Version 1 had neither apps nor sessions: its verifications belong to
 * the default app. Version 2 did not keep the rules of a start. Before version 1, fields had other names.
 */
export function fromFormerState(stored: unknown, version: number | undefined): Partial<PhoneState> {
  const named = version === undefined ? renameFields(stored, FORMER_NAMES, CALLERS_FIELDS) : stored;
  // Written by an earlier build of this object, in the shape that the version says.
  const state = named as Partial<PhoneState>;
  const { verifications = [], outbox = [], idempotency = [] } = state;
  return {
    ...state,
    verifications: verifications.map((v) => ({
      ...withApp(v),
      session: v.session ?? null,
      lastAttempt: v.lastAttempt ?? null,
      rules: v.rules ?? FORMER_RULES,
    })),
    outbox: outbox.map((item) =>
      item.kind === "send" ? item : { ...item, verification: withApp(item.verification) },
    ),
    idempotency: idempotency.map((record) =>
      record.answer === null
        ? record
        : { ...record, answer: { ...record.answer, verification: withApp(record.answer.verification) } },
    ),
  };
}

function withApp<Shown extends Pick<Verification, "app">>(verification: Shown): Shown {
  return { ...verification, app: verification.app ?? DEFAULT_APP };
}
