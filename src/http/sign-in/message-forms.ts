import type { E164 } from "../../numbering/e164.ts";
import type { VerificationSnapshot } from "../../phone-number/snapshot.ts";
import { Problem } from "../../platform/problem.ts";
import type { LinkRequest } from "../../verification/message-first/start.ts";
import { linkOrThrow } from "../v1/verifications/link-reply.ts";
import { type AskedMessage, messageSessionOf } from "./flow.ts";
import {
  enteredIn,
  type FormHandler,
  type NamedNumber,
  namedNumber,
  refusedAs,
  showCurrent,
} from "./forms.ts";
import { isAnotherUser, redirectAnotherUser, showMessage } from "./message-step.ts";
import { choosePageLanguage, type WordKey } from "./page/words.ts";
import type { Parameters } from "./parameters.ts";
import { flowKey } from "./send-code.ts";
import { type Answered, askerOf, type FlowVisit, localesOf, policyOf, showNumber } from "./visit.ts";

/** Asks the user for a message instead of a code. */
export const answerMessage: FormHandler = async (visit, form) => {
  const named = numberToProve(visit, form);
  if (named.kind === "fault") return showNumber(visit, named.entered, named.answered);
  const { to } = named;
  if (to !== null && (await isAnotherUser(visit, to))) return redirectAnotherUser(visit);
  const asking = await askForMessage(visit, to);
  if (asking.kind === "refused") {
    return showCurrent(visit, enteredIn(form), await refusedMessage(visit, asking.problem));
  }
  // Its number is not among the flow's: these have passed what a number has to before a code is sent to it.
  const next = { ...visit, flow: { ...visit.flow, message: asking.message } };
  // The same form came before, and what the user has sent since may have approved it.
  return asking.message.link === null ? showCurrent(next, {}) : showMessage(next, asking.verification);
};

/** Looks whether the message has come. */
export const answerCheck: FormHandler = async (visit) => {
  const { flow, client, deps } = visit;
  const { message } = flow;
  const verification = message && (await deps.verifications.get(message.id, client.app));
  return verification === null
    ? showCurrent(visit, {})
    : showMessage(visit, verification, { isMissing: true });
};

/** Goes back to the code, or to the number that one can be sent to. */
export const answerInstead: FormHandler = (visit) => {
  const { message, numbers } = visit.flow;
  const last = numbers.at(-1);
  const to = message?.to ?? last;
  const entered = to === undefined ? {} : { number: to };
  const next = { ...visit, flow: { ...visit.flow, message: null } };
  // The code that may be under way went to another number.
  return to === last ? showCurrent(next, entered) : showNumber(next, entered);
};

/** A number, or null for the one that the message will come from. */
function numberToProve(
  visit: FlowVisit,
  form: Parameters,
): { readonly kind: "number"; readonly to: E164 | null } | Extract<NamedNumber, { kind: "fault" }> {
  const { flow } = visit;
  if (form.get("step") === "number") {
    const isLearned = policyOf(visit).messageFirstLearnsNumber && !flow.request.isNumberFixed;
    return isLearned ? { kind: "number", to: null } : namedNumber(visit, form);
  }
  const to = flow.message === null ? flow.numbers.at(-1) : flow.message.to;
  return to === undefined ? namedNumber(visit, form) : { kind: "number", to };
}

type Asking =
  | { readonly kind: "asked"; readonly message: AskedMessage; readonly verification: VerificationSnapshot }
  | { readonly kind: "refused"; readonly problem: Problem };

/**
 * Starts the verification. The same form, sent twice, starts one, also when it comes again after the approval, as by a
 * reload: the key is made of the flow and of the message before it.
 */
async function askForMessage(visit: FlowVisit, to: E164 | null): Promise<Asking> {
  const { flow, client, deps, background } = visit;
  const request: LinkRequest = {
    to,
    app: client.app,
    session: messageSessionOf(flow),
    purpose: client.purpose,
    locale: choosePageLanguage(localesOf(visit, flow)).locale,
    bind: flow.request.payment,
    metadata: { client_id: client.id },
    via: "sign_in",
    asker: askerOf(visit),
  };
  const key = flowKey(visit, "message", flow.message?.id ?? "first");
  try {
    const { verification, link } = linkOrThrow(await deps.messageFirst.start(request, key, background));
    const shown = link && { sender: link.sender, text: link.text };
    return { kind: "asked", verification, message: { id: verification.id, to, link: shown } };
  } catch (error) {
    if (error instanceof Problem) return { kind: "refused", problem: error };
    throw error;
  }
}

/** What the page says of codes, said of messages. */
const SAID_OF_MESSAGES: Partial<Record<WordKey, WordKey>> = {
  number_refused: "write_refused",
  unavailable: "write_unavailable",
};

async function refusedMessage(visit: FlowVisit, problem: Problem): Promise<Answered> {
  const { fault, ...refused } = await refusedAs(visit, problem);
  return {
    ...refused,
    fault: { ...fault, key: SAID_OF_MESSAGES[fault.key] ?? fault.key },
    needsMessage: false,
  };
}
