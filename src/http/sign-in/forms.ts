import type { ChannelName } from "../../messages/message.ts";
import { CHANNEL_NAMES } from "../../messages/message.ts";
import type { E164 } from "../../numbering/e164.ts";
import { readTypedNumber } from "../../numbering/typed-number.ts";
import type { VerificationSnapshot } from "../../phone-number/snapshot.ts";
import { Problem } from "../../platform/problem.ts";
import { checkedOrThrow } from "../v1/verifications/replies.ts";
import { deadEnd, redirectCode, redirectError } from "./answers.ts";
import { browserOf, isFromOrigin } from "./browser.ts";
import { browserDigest, type Flow, MOST_NUMBERS, openFlow, sessionOf } from "./flow.ts";
import { isAnotherUser, redirectAnotherUser, showMessage } from "./message-step.ts";
import { LANGUAGES, type WordKey } from "./page/words.ts";
import { type Parameters, readForm } from "./parameters.ts";
import { flowKey, refusalOf, sendCode, withSend } from "./send-code.ts";
import { findCode } from "./typed-code.ts";
import {
  type Answered,
  askerOf,
  type Entered,
  type FlowVisit,
  hasFallenBack,
  localizationOf,
  policyOf,
  showCode,
  showNumber,
  timeZoneOf,
  type Visit,
} from "./visit.ts";
import { checkVisitor } from "./visitor-check.ts";

/** Answers a form of the page. */
export type FormHandler = (visit: FlowVisit, form: Parameters) => Promise<Response>;

/**
 * Answers a form that belongs to this browser and comes from a page of this origin; nothing is sent for any other. The same
 * page for every fault of the flow: it is over, was changed, or is another browser's.
 */
export async function answerForm(visit: Visit, handle: FormHandler): Promise<Response> {
  const { request, issuer, deps, now } = visit;
  const form = await readForm(request);
  const flow = form === null ? null : openFlow(form.get("flow") ?? "", deps.texts, now);
  if (form === null || flow === null) return deadEnd(visit, "page_over", 400);
  const browser = browserOf(request, issuer.startsWith("https:"));
  const isOwn = browser !== null && browserDigest(browser) === flow.browser;
  if (!isOwn || !isFromOrigin(request, issuer)) return deadEnd(visit, "page_foreign", 403);
  const client = await deps.clients.get(flow.request.clientId);
  if (client === null) return deadEnd(visit, "page_request", 400);
  return handle({ ...visit, client, flow }, form);
}

/** The first step's form: sends a code to the number. */
export const answerNumber: FormHandler = async (visit, form) => {
  const { flow } = visit;
  if (form.get("change") !== null && !flow.request.isNumberFixed) {
    const last = flow.numbers.at(-1);
    return showNumber(visit, last === undefined ? {} : { number: last });
  }
  const named = namedNumber(visit, form);
  if (named.kind === "fault") return showNumber(visit, named.entered, named.answered);
  const entered = enteredIn(form);
  const refused = await checkVisitor(visit, form, named.to);
  if (refused !== null) return showNumber(visit, entered, refused);
  return sendAndShow(visit, named.to, null, entered);
};

export type NamedNumber =
  | { readonly kind: "number"; readonly to: E164 }
  | { readonly kind: "fault"; readonly entered: Entered; readonly answered: Answered };

/** The number that the first step's form names, or what is wrong with it. */
export function namedNumber({ flow }: FlowVisit, form: Parameters): NamedNumber {
  const entered = enteredIn(form);
  const { typed, country } = entered;
  const { loginHint, isNumberFixed } = flow.request;
  const to = isNumberFixed ? loginHint : readTypedNumber(typed, country);
  if (to === null) {
    const key = typed.trim() === "" ? "number_missing" : "number_wrong";
    return { kind: "fault", entered, answered: { status: 400, fault: { key } } };
  }
  if (!flow.numbers.includes(to) && flow.numbers.length >= MOST_NUMBERS) {
    return { kind: "fault", entered, answered: { status: 429, fault: { key: "numbers_over" } } };
  }
  return { kind: "number", to };
}

/** What the user has typed on the first step. */
export function enteredIn(form: Parameters) {
  return { typed: form.get("number") ?? "", country: form.get("country") };
}

/** Sends the code again, over another channel where the form names one; or a new one, once the last is over. */
export const answerResend: FormHandler = async (visit, form) => {
  const number = visit.flow.numbers.at(-1);
  if (number === undefined) return showNumber(visit);
  const given = form.get("channel");
  const channel = CHANNEL_NAMES.find((name) => name === given) ?? null;
  return sendAndShow(visit, number, channel, {});
};

async function sendAndShow(
  visit: FlowVisit,
  to: E164,
  channel: ChannelName | null,
  entered: Entered,
): Promise<Response> {
  const { flow } = visit;
  if (await isAnotherUser(visit, to)) return redirectAnotherUser(visit);
  const sending = await sendCode(visit, to, channel);
  if (sending.kind === "pending") {
    return showCode({ ...visit, flow: withSend(flow, to, sending.verification) }, sending.verification);
  }
  // The next try is another request: the answer of this one is remembered under its key.
  const next = { ...visit, flow: { ...flow, sends: flow.sends + 1 } };
  return showNumber(next, entered, await refusedAs(next, sending.problem));
}

/** The second step's form: checks the code, and the right one leads back to the client. */
export const answerCode: FormHandler = async (visit, form) => {
  const { flow, client, deps, background } = visit;
  const id = flow.verificationId;
  if (id === null) return showNumber(visit);
  const scope = client.app;
  const code = findCode(form.get("code") ?? "", policyOf(visit));
  if (code === null) {
    const pending = await deps.verifications.get(id, scope);
    if (pending === null) return deadEnd(visit, "page_over", 400, client);
    return showCode(visit, pending, { status: 400, fault: { key: "code_missing" } });
  }
  const given = { code, session: sessionOf(flow), bind: flow.request.payment };
  const key = flowKey(visit, "code", `${id}.${flow.sends}.${code}`);
  const response = await deps.verifications.checkById(id, { app: scope, scope }, given, {
    checker: askerOf(visit),
    key,
    background,
  });
  if (response.kind === "not_found") return deadEnd(visit, "page_over", 400, client);
  try {
    const { valid, verification } = checkedOrThrow(response);
    if (valid) return redirectCode(visit, flow.request, id);
    return showCode(visit, verification, { status: 400, fault: { key: faultOf(verification) } });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const pending = await deps.verifications.get(id, scope);
    if (pending === null) return deadEnd(visit, "page_over", 400, client);
    return showCode(visit, pending, await refusedAs(visit, error));
  }
};

function faultOf({ status, reason }: VerificationSnapshot): WordKey {
  if (status === "pending") return "code_wrong";
  switch (reason) {
    case "attempts_exhausted":
      return "code_exhausted";
    case "denied_by_user":
      return "code_denied";
    case "undeliverable":
      return "code_undelivered";
    default:
      return "code_over";
  }
}

/**
 * Tells the page's script what has become of the code: that an SMS carries it, or why it cannot be entered, and then the
 * script opens what else can be done. Of a message it tells whether there is something to see: then the script looks.
 */
export const answerState: FormHandler = async (visit) => {
  const { flow } = visit;
  const verification = await currentVerification(visit);
  const isClosed = verification !== null && verification.status !== "pending";
  const isMessage = flow.message !== null;
  const { words } = await localizationOf(visit, flow);
  const key = verification === null || isMessage ? null : stateOf(verification);
  const todo = isMessage ? "check" : key === null ? undefined : "help";
  return Response.json(
    { note: key === null ? "" : words[key], todo: isClosed ? todo : undefined },
    { headers: { "cache-control": "no-store" } },
  );
};

function stateOf(verification: VerificationSnapshot): WordKey | null {
  const { status } = verification;
  if (status === "pending") return hasFallenBack(verification) ? "fell_back" : null;
  return status === "approved" ? null : faultOf(verification);
}

/** The verification of the step that the flow is at; null on the first one. */
async function currentVerification({ flow, client, deps }: FlowVisit): Promise<VerificationSnapshot | null> {
  const id = flow.message?.id ?? flow.verificationId;
  return id === null ? null : deps.verifications.get(id, client.app);
}

/** Shows the step that the flow is at. */
export async function showCurrent(
  visit: FlowVisit,
  entered: Entered,
  answered: Answered = {},
): Promise<Response> {
  const verification = await currentVerification(visit);
  if (verification === null) return showNumber(visit, entered, answered);
  if (visit.flow.message !== null) return showMessage(visit, verification, answered);
  const fault = verification.status === "pending" ? null : { key: faultOf(verification) };
  return showCode(visit, verification, { fault, ...answered });
}

/** Shows the same step in another language. */
export const answerLanguage: FormHandler = async (visit, form) => {
  const given = form.get("language");
  const locale = LANGUAGES.find((language) => language === given) ?? visit.flow.locale;
  const flow: Flow = { ...visit.flow, locale };
  return showCurrent({ ...visit, flow }, enteredIn(form));
};

/** Ends the flow, and with it what would approve it. */
export const answerCancel: FormHandler = async (visit) => {
  const { flow, client, deps } = visit;
  const begun = [flow.verificationId, flow.message?.id ?? null].filter((id) => id !== null);
  await Promise.all(begun.map((id) => deps.verifications.cancel(id, client.app)));
  return redirectError(visit, flow.request, "access_denied", "The user has canceled.");
};

/** A refusal of what the user asked for. */
export async function refusedAs(visit: FlowVisit, problem: Problem) {
  return refusalOf(problem, visit, await localizationOf(visit, visit.flow), timeZoneOf(visit));
}
