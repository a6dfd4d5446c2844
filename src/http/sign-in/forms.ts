import type { ChannelName } from "../../messages/message.ts";
import { CHANNEL_NAMES } from "../../messages/message.ts";
import type { E164 } from "../../numbering/e164.ts";
import { displayNumber, readTypedNumber } from "../../numbering/typed-number.ts";
import { DEFAULT_POLICY } from "../../phone-number/policy.ts";
import type { VerificationSnapshot } from "../../phone-number/snapshot.ts";
import { Problem } from "../../platform/problem.ts";
import { checkedOrThrow } from "../v1/verifications/replies.ts";
import { deadEnd, redirectCode, redirectError } from "./answers.ts";
import { browserOf, isFromOrigin } from "./browser.ts";
import { browserDigest, type Flow, MOST_NUMBERS, openFlow, sessionOf } from "./flow.ts";
import { LANGUAGES, type WordKey } from "./page/words.ts";
import { type Parameters, readForm } from "./parameters.ts";
import { flowKey, refusalOf, sendCode, withSend } from "./send-code.ts";
import { findCode } from "./typed-code.ts";
import {
  addressOf,
  type FlowVisit,
  hasFallenBack,
  localizationOf,
  showCode,
  showNumber,
  timeZoneOf,
  type Visit,
} from "./visit.ts";
import { checkVisitor } from "./visitor-check.ts";

/** Answers a form of the page. */
type FormHandler = (visit: FlowVisit, form: Parameters) => Promise<Response>;

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
  const { loginHint, isNumberFixed } = flow.request;
  if (form.get("change") !== null && !isNumberFixed) {
    const last = flow.numbers.at(-1);
    return showNumber(visit, last === undefined ? {} : { typed: displayNumber(last) });
  }
  const typed = form.get("number") ?? "";
  const country = form.get("country");
  const number = isNumberFixed ? loginHint : readTypedNumber(typed, country);
  if (number === null) {
    const key = typed.trim() === "" ? "number_missing" : "number_wrong";
    return showNumber(visit, { typed, country }, { status: 400, fault: { key } });
  }
  if (!flow.numbers.includes(number) && flow.numbers.length >= MOST_NUMBERS) {
    return showNumber(visit, { typed, country }, { status: 429, fault: { key: "numbers_over" } });
  }
  const refused = await checkVisitor(visit, form, number);
  if (refused !== null) return showNumber(visit, { typed, country }, refused);
  return sendAndShow(visit, number, null, { typed, country });
};

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
  entered: { readonly typed?: string; readonly country?: string | null },
): Promise<Response> {
  const { flow, client, deps } = visit;
  const { subject } = flow.request;
  if (subject !== null && (await deps.issuer.subjectOf(to, client.sector)) !== subject) {
    return redirectError(visit, flow.request, "login_required", "Another user has to sign in.");
  }
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
  const code = findCode(form.get("code") ?? "", deps.policies.get(client.purpose) ?? DEFAULT_POLICY);
  if (code === null) {
    const pending = await deps.verifications.get(id, scope);
    if (pending === null) return deadEnd(visit, "page_over", 400, client);
    return showCode(visit, pending, { status: 400, fault: { key: "code_missing" } });
  }
  const checker = { callerId: client.id, client: { ip: addressOf(visit), deviceId: null } };
  const given = { code, session: sessionOf(flow), bind: flow.request.payment };
  const key = flowKey(visit, "code", `${id}.${flow.sends}.${code}`);
  const response = await deps.verifications.checkById(id, { app: scope, scope }, given, {
    checker,
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

function faultOf({ status, reason }: VerificationSnapshot) {
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

/** Tells the script of the code page what has become of the code: that an SMS carries it, or why it cannot be entered. */
export const answerState: FormHandler = async (visit) => {
  const { flow, client, deps } = visit;
  const id = flow.verificationId;
  const verification = id === null ? null : await deps.verifications.get(id, client.app);
  const { words } = await localizationOf(visit, flow);
  const key = verification === null ? null : stateOf(verification);
  return Response.json(
    { note: key === null ? "" : words[key] },
    { headers: { "cache-control": "no-store" } },
  );
};

function stateOf(verification: VerificationSnapshot): WordKey | null {
  const { status } = verification;
  if (status === "pending") return hasFallenBack(verification) ? "fell_back" : null;
  return status === "approved" ? null : faultOf(verification);
}

/** Shows the same step in another language. */
export const answerLanguage: FormHandler = async (visit, form) => {
  const { client, deps } = visit;
  const given = form.get("language");
  const locale = LANGUAGES.find((language) => language === given) ?? visit.flow.locale;
  const flow: Flow = { ...visit.flow, locale };
  const chosen = { ...visit, flow };
  if (flow.verificationId === null) {
    return showNumber(chosen, { typed: form.get("number") ?? "", country: form.get("country") });
  }
  const pending = await deps.verifications.get(flow.verificationId, client.app);
  return pending === null ? showNumber(chosen) : showCode(chosen, pending);
};

/** Ends the flow, and the code with it. */
export const answerCancel: FormHandler = async (visit) => {
  const { flow, client, deps } = visit;
  if (flow.verificationId !== null) await deps.verifications.cancel(flow.verificationId, client.app);
  return redirectError(visit, flow.request, "access_denied", "The user has canceled.");
};

async function refusedAs(visit: FlowVisit, problem: Problem) {
  return refusalOf(problem, visit, await localizationOf(visit, visit.flow), timeZoneOf(visit));
}
