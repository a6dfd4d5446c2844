import { DAY_MS } from "../../platform/time.ts";
import type { Findings } from "../findings.ts";
import type { Account } from "../meta-nodes.ts";
import type { Check, Repair, Result } from "./check.ts";
import { quoted } from "./health.ts";
import { INSIGHTS, SECURITY_CENTER, SUPPORT_HOME } from "./meta-pages.ts";
import { dayOf, failed, inWords, ok, told, unknown, warning } from "./results.ts";

export const accountChecks: readonly Check[] = [
  {
    id: "template.eligibility",
    severity: "blocks",
    needs: ["token.assigned", "number.test"],
    examine: examineEligibility,
  },
  {
    id: "account.verified",
    severity: "degrades",
    needs: ["token.assigned", "number.test", "template.eligibility"],
    examine: examineVerified,
  },
  {
    id: "account.limit",
    severity: "degrades",
    needs: ["token.assigned", "number.test"],
    examine: examineLimit,
  },
  { id: "account.restricted", severity: "blocks", needs: ["token.assigned"], examine: examineRestricted },
];

/** Meta's answer to the creation of an authentication template that the account may not have yet. */
const NOT_ELIGIBLE_SUBCODE = 2388185;
const LEAST_LIMIT = 2_000;
/** A refusal of a creation that is older says nothing of today: the doctor tries again every night. */
const REFUSAL_COUNTS_MS = 2 * DAY_MS;

/** The messaging limit in people a day; infinity for none, null where Meta does not tell it. */
export function messagingLimit({ meta }: Findings): number | null {
  const tier =
    told(meta.account)?.limit ??
    meta.senders.map(({ node }) => told(node)?.limit).find((limit) => limit != null) ??
    null;
  if (tier === null) return null;
  if (tier === "TIER_UNLIMITED") return Number.POSITIVE_INFINITY;
  const [, amount, thousands] = /^TIER_(\d+)(K?)$/.exec(tier) ?? [];
  // Meta sets the limit with the first registration.
  if (amount === undefined) return tier === "TIER_NOT_SET" ? 0 : null;
  return Number(amount) * (thousands === "K" ? 1_000 : 1);
}

function isVerified({ verification }: Account): boolean {
  return verification === null || verification.toLowerCase() === "verified";
}

function examineEligibility(findings: Findings): Result {
  const { now, memory, meta } = findings;
  if (meta.account.kind !== "answered") return unknown(meta.account);
  const account = meta.account.value;
  const limit = messagingLimit(findings);
  const refusal = memory?.templateRefusals.find(
    ({ subcode, at }) => subcode === NOT_ELIGIBLE_SUBCODE && at > now - REFUSAL_COUNTS_MS,
  );
  const isLow = limit !== null && limit < LEAST_LIMIT;
  if (!isLow && refusal === undefined) return ok("Meta allows authentication templates for this account.");
  const state = [
    ...(isVerified(account) ? [] : [`business verification is ${inWords(account.verification)}`]),
    ...(isLow ? [`the limit is ${shown(limit)}`] : []),
  ];
  const reason = state.length === 0 ? "it refused to create one" : state.join(" and ");
  return failed({
    sentence: `Meta does not yet allow authentication templates for this account: ${reason}. Codes go by SMS or message-first until then.`,
    why: "Meta asks for a verified business and a messaging limit of 2,000; the doctor creates the templates once it allows them.",
    repair: eligibilityRepair(isVerified(account), isLow),
    evidence: {
      expected: { verification: "verified", limit: LEAST_LIMIT },
      found: { verification: account.verification, limit: account.limit },
    },
    ...(refusal === undefined
      ? {}
      : { meta: { code: refusal.code, subcode: refusal.subcode, message: "", trace: null } }),
  });
}

function eligibilityRepair(isVerified: boolean, isLow: boolean): Repair {
  if (!isVerified) {
    return {
      by: "link",
      text: "Verify the business in Business settings, Security Center, Start verification; Meta takes days for it.",
      url: SECURITY_CENTER,
    };
  }
  if (!isLow) return { by: "doctor", text: "Create the templates again: Meta may allow them by now." };
  return {
    by: "wait",
    text: "Wait until Meta raises the messaging limit to 2,000: WhatsApp Manager, Overview, Limits shows what is missing.",
    url: INSIGHTS,
  };
}

function shown(limit: number): string {
  return limit.toLocaleString("en-US");
}

function examineVerified(findings: Findings): Result {
  const { account } = findings.meta;
  if (account.kind !== "answered") return unknown(account);
  if (isVerified(account.value)) return ok("The business is verified.");
  const limit = messagingLimit(findings);
  const people = limit === null ? "" : `${shown(limit)} people a day, `;
  return failed({
    sentence: `Business ${account.value.business?.name ?? account.value.name ?? ""} is not verified: ${people}no authentication templates.`,
    why: "Meta lets an unverified business reach few people, and creates no further templates for codes.",
    repair: {
      by: "link",
      text: "Verify the business in Business settings, Security Center, Start verification.",
      url: SECURITY_CENTER,
    },
    evidence: { expected: "verified", found: account.value.verification },
  });
}

/** From this share of the limit on, the day may end before its last code. */
const MUCH_OF_LIMIT = 0.8;

function examineLimit(findings: Findings): Result {
  const { meta, memory } = findings;
  if (meta.account.kind !== "answered") return unknown(meta.account);
  const limit = messagingLimit(findings);
  if (limit === null) return unknown("Meta does not tell the messaging limit.");
  const used = memory?.recipientsToday ?? null;
  const evidence = {
    expected: `below ${MUCH_OF_LIMIT * 100} %`,
    found: { limit: told(meta.account)?.limit, used },
  };
  if (!Number.isFinite(limit)) return ok("There is no messaging limit.", evidence);
  if (used === null || used < limit * MUCH_OF_LIMIT)
    return ok(`${shown(limit)} new people a day can be reached.`, evidence);
  return warning({
    sentence: `${shown(limit)} new people a day can be reached, ${shown(used)} were.`,
    why: "At the limit Meta refuses messages until people of the day before no longer count.",
    repair: {
      by: "wait",
      text: "Wait for Meta to raise the messaging limit, which it does by itself once half of it was used with good quality.",
      url: INSIGHTS,
    },
    evidence,
  });
}

/** The account is restricted, locked, or limited for its templates. */
const RESTRICTED_CODES = [368, 131031, 131064];
const RESTRICTED_STATUS = /BAN|DISABL|RESTRICT|DELET|REJECT|LOCK/i;

function examineRestricted({ now, memory, meta }: Findings): Result {
  const account = told(meta.account);
  const update = memory?.accountUpdate ?? null;
  const isInForce = update?.stopsMessages === true && (update.until === null || update.until > now);
  const seen = memory?.errors.find(({ code }) => RESTRICTED_CODES.includes(Number(code)));
  const statuses = [
    account?.reviewStatus,
    account?.status,
    ...meta.senders.map(({ node }) => told(node)?.status),
  ];
  const status = statuses.find((text) => RESTRICTED_STATUS.test(text ?? ""));
  if (!isInForce && seen === undefined && status === undefined) {
    return account === null
      ? unknown(meta.account as Exclude<Findings["meta"]["account"], { kind: "answered" }>)
      : ok("Meta has not restricted the account.");
  }
  const until = isInForce && update.until !== null ? ` until ${dayOf(update.until)}` : "";
  const type = isInForce
    ? inWords(update.type)
    : status !== undefined
      ? inWords(status)
      : `code ${seen?.code}`;
  return failed({
    sentence: `Meta has restricted the account${until}: ${type}.`,
    why: "Meta refuses messages that the business begins, so no code goes out on WhatsApp.",
    repair: {
      by: "link",
      text: "Read the reason in Business Support Home, Account overview, and ask there for a review.",
      url: SUPPORT_HOME,
    },
    ...(seen === undefined
      ? { evidence: { expected: "no restriction", found: type } }
      : quoted(undefined, seen)),
  });
}
