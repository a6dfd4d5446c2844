import type { Account, Health } from "../meta-nodes.ts";
import type { OwnNumber } from "./meta.ts";

/**
 * What a setup can reach with an account as Meta has it now:
 * - `ready`: codes on WhatsApp.
 * - `limited`: the Worker, webhooks, message-first verification and SMS, but no codes on WhatsApp yet.
 * - `trial`: Meta's test number, which reaches five listed people.
 */
export interface Outlook {
  readonly kind: "ready" | "limited" | "trial";
  /** Why it is not `ready`, in sentences. */
  readonly reasons: readonly string[];
}

/** Messaging limits below that of authentication templates ("Messaging limits"). */
const LOW_LIMITS: Readonly<Record<string, string>> = {
  TIER_NOT_SET: "not set",
  TIER_50: "50",
  TIER_250: "250",
  TIER_1K: "1,000",
};

/** `health_status`: "There is an issue with the payment method of this account". */
const PAYMENT_CODE = 141006;

/** Meta lets verified businesses with a limit of 2,000 or more create authentication templates. */
export function outlookOf(account: Account, number: OwnNumber): Outlook {
  if (number.mode === "SANDBOX") {
    return {
      kind: "trial",
      reasons: [
        "This is Meta's test number: it reaches five listed people and sends no codes. Add a number of your own.",
      ],
    };
  }
  const { verification } = account;
  const limit = LOW_LIMITS[number.limit ?? account.limit ?? ""];
  const codes = [...codesIn(account.health), ...codesIn(number.health)];
  const reasons = [
    verification === null || verification === "verified"
      ? null
      : `Meta's verification of your business is ${verification.replaceAll("_", " ")}.`,
    limit === undefined ? null : `The messaging limit is ${limit}; authentication templates need 2,000.`,
    codes.includes(PAYMENT_CODE)
      ? "The account has no payment method: WhatsApp Manager, Billing and payments."
      : null,
  ].filter((reason) => reason !== null);
  return { kind: reasons.length === 0 ? "ready" : "limited", reasons };
}

function codesIn(health: Health | null): readonly number[] {
  return health?.entities.flatMap(({ errors }) => errors.map(({ code }) => code)) ?? [];
}

/** What works at the end of a setup. */
export const OUTLOOKS: Readonly<Record<Outlook["kind"], string>> = {
  ready: "ready: codes go out on WhatsApp",
  limited: "limited: no codes on WhatsApp yet; message-first verification and SMS work",
  trial: "trial: webhooks and conversations with five listed people, no codes",
};
