import { displayNumber } from "../../numbering/display-number.ts";
import type { E164 } from "../../numbering/e164.ts";
import type { VerificationSnapshot } from "../../phone-number/snapshot.ts";
import { waMeUrl } from "../../verification/message-first/sentence.ts";
import { redirectCode, redirectError } from "./answers.ts";
import { messagePage } from "./page/message-page.ts";
import type { WordKey } from "./page/words.ts";
import { type Answered, type FlowVisit, localizationOf, send, shownNumber, stepOf } from "./visit.ts";

/**
 * What the user's message has come to: an approval leads back to the client, like a right code. It does so in the browser
 * whose flow it is, which is the one that shows this step.
 */
export async function showMessage(
  visit: FlowVisit,
  verification: VerificationSnapshot,
  answered: Answered & { readonly isMissing?: boolean } = {},
): Promise<Response> {
  const { flow } = visit;
  const { id, to, status, reason } = verification;
  if (status === "approved") {
    // A number that was learned is known only now.
    return to !== null && (await isAnotherUser(visit, to))
      ? redirectAnotherUser(visit)
      : redirectCode(visit, flow.request, id);
  }
  const localization = await localizationOf(visit, flow);
  const isOpen = status === "pending";
  const link = isOpen ? (flow.message?.link ?? null) : null;
  const fault = answered.fault ?? (link === null ? { key: faultOf(verification) } : null);
  const shown = { status: isOpen ? 200 : 400, ...answered, fault };
  const number = flow.message?.to ?? null;
  const step = {
    ...stepOf(visit, localization, shown),
    link: link && {
      ...link,
      url: waMeUrl(link.sender, link.text),
      sender: displayNumber(link.sender, localization.numberFormats),
    },
    number: number === null ? null : shownNumber(number, visit, localization),
    isMissing: answered.isMissing === true,
    mayAskAgain: reason !== "denied_by_user",
  };
  return send(visit, localization, step, messagePage(step), shown, { hasScript: isOpen });
}

function faultOf({ reason }: VerificationSnapshot): WordKey {
  switch (reason) {
    case "other_number":
      return "write_other";
    case "denied_by_user":
      return "code_denied";
    case "destination_not_allowed":
      return "write_refused";
    default:
      return "write_over";
  }
}

/** Whether the request is about the user of another number (`id_token_hint`). */
export async function isAnotherUser({ flow, client, deps }: FlowVisit, to: E164): Promise<boolean> {
  const { subject } = flow.request;
  return subject !== null && (await deps.issuer.subjectOf(to, client.sector)) !== subject;
}

export function redirectAnotherUser(visit: FlowVisit): Response {
  return redirectError(visit, visit.flow.request, "login_required", "Another user has to sign in.");
}
