import type { ErrorSeen } from "../../channels/whatsapp/observations.ts";
import type { Findings } from "../findings.ts";
import type { HealthEntity, HealthError } from "../meta-nodes.ts";
import type { Check, Fault, Result } from "./check.ts";
import { BILLING, INSIGHTS } from "./meta-pages.ts";
import { failed, ok, told, unknown, warning } from "./results.ts";

/** What Meta itself says about account and number ("Messaging health status"). */
export const healthChecks: readonly Check[] = [
  {
    id: "account.payment",
    severity: "blocks",
    needs: ["token.assigned", "number.test"],
    examine: examinePayment,
  },
  {
    id: "health.meta",
    severity: "blocks",
    needs: [
      "token.assigned",
      "ids.pair",
      "account.restricted",
      "account.payment",
      "template.eligibility",
      "number.test",
      "number.verified",
      "number.registered",
      "number.name",
    ],
    examine: examineHealth,
  },
];

const NO_PAYMENT = [141006, 131042];

function examinePayment({ memory, meta }: Findings): Result {
  const error = healthErrors(meta).find(({ code }) => NO_PAYMENT.includes(code));
  const seen = memory?.errors.find(({ code }) => NO_PAYMENT.includes(Number(code)));
  if (error === undefined && seen === undefined) {
    if (meta.account.kind !== "answered") return unknown(meta.account);
    return meta.account.value.health === null
      ? unknown("Meta does not tell whether there is a payment method.")
      : ok("Meta names no fault of the payment method.");
  }
  return failed({
    sentence: "No payment method: WhatsApp Manager, Billing.",
    why: "Meta delivers nothing that the business begins, so no code.",
    repair: {
      by: "link",
      text: "Add a payment method to the WhatsApp account in WhatsApp Manager, Billing.",
      url: BILLING,
    },
    ...quoted(error, seen),
  });
}

/** Meta's own words about a fault, or the code that a message met. */
export function quoted(error: HealthError | undefined, seen?: ErrorSeen): Pick<Fault, "meta" | "evidence"> {
  if (error !== undefined) {
    const solution = error.solution === null ? "" : ` Meta's remedy: ${error.solution}`;
    return {
      meta: { code: error.code, subcode: null, message: `${error.description}${solution}`, trace: null },
    };
  }
  return seen === undefined
    ? {}
    : { evidence: { expected: "no such error", found: `${seen.code}, ${seen.count} times` } };
}

type Meta = Findings["meta"];

/** What Meta says of the account and of each number; both name the entities above them as well. */
function healthEntities({ account, senders }: Meta): readonly HealthEntity[] {
  const all = [told(account)?.health, ...senders.map(({ node }) => told(node)?.health)];
  return all.flatMap((health) => health?.entities ?? []);
}

function healthErrors(meta: Meta): readonly HealthError[] {
  return healthEntities(meta).flatMap(({ errors }) => errors);
}

/** What other checks name, and SIP calling, which Sandi does not use. */
const NAMED_ELSEWHERE = [...NO_PAYMENT, 141010, 138024, 138025];

function examineHealth({ meta }: Findings): Result {
  if (meta.account.kind !== "answered") return unknown(meta.account);
  const unwell = healthEntities(meta).filter(({ canSend }) => canSend !== "AVAILABLE");
  const errors = unwell.flatMap(({ errors }) => errors).filter(({ code }) => !NAMED_ELSEWHERE.includes(code));
  const [error] = errors;
  const info = unwell.filter((entity) => !isNamedElsewhere(entity, meta)).flatMap((entity) => entity.info);
  const words = error?.description ?? info[0];
  if (words === undefined) return ok("Meta names no further fault.");
  const isBlocked = unwell.some(({ canSend }) => canSend === "BLOCKED");
  return (isBlocked ? failed : warning)({
    sentence: `Meta says: ${words.replace(/\.?$/, ".")}`,
    why: isBlocked ? "Meta does not let this number send." : "Meta lets this number send with limits only.",
    repair: {
      by: "link",
      text:
        error?.solution == null
          ? "See WhatsApp Manager, Overview, for what Meta asks for."
          : `Do as Meta says: ${error.solution.replace(/\.?$/, ".")}`,
      url: INSIGHTS,
    },
    evidence: { expected: "AVAILABLE", found: [...errors.map(({ code }) => code), ...info] },
    ...(error === undefined ? {} : quoted(error)),
  });
}

/** An entity with errors says the same by them, and a number's display name has a check of its own. */
function isNamedElsewhere({ type, errors }: HealthEntity, { senders }: Meta): boolean {
  const isNameReviewed = senders.every(({ node }) => (told(node)?.nameStatus ?? "APPROVED") === "APPROVED");
  return errors.length > 0 || (type === "PHONE_NUMBER" && !isNameReviewed);
}
