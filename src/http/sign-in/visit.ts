import type { Apps } from "../../keys/apps.ts";
import type { SignInSettings } from "../../keys/issuer/settings.ts";
import { displayNumber } from "../../numbering/display-number.ts";
import { type E164, maskNumber } from "../../numbering/e164.ts";
import { isLocale, localeOfCountry } from "../../numbering/locale.ts";
import { DEFAULT_POLICY, type Policy } from "../../phone-number/policy.ts";
import type { VerificationSnapshot } from "../../phone-number/snapshot.ts";
import type { Background } from "../../platform/async.ts";
import type { MessageFirst } from "../../verification/message-first/message-first.ts";
import type { Asker } from "../../verification/requests.ts";
import type { Verifications } from "../../verification/verifications.ts";
import { ipAddress } from "../v1/fields.ts";
import type { AuthorizeRequest } from "./authorize-request.ts";
import { type Flow, MOST_NUMBERS, sealFlow } from "./flow.ts";
import { lookOf } from "./look.ts";
import { codePage } from "./page/code-page.ts";
import { type Frame, renderPage } from "./page/frame.ts";
import { numberPage } from "./page/number-page.ts";
import { type MessageOffer, type Step, titleOf } from "./page/parts.ts";
import type { Saying } from "./page/text.ts";
import { acceptedLocales, type Localization, type Words } from "./page/words.ts";
import type { Client } from "./provider.ts";
import type { SenderName } from "./sender-name.ts";
import type { TokenDependencies } from "./token.ts";
import type { Turnstile } from "./turnstile.ts";

/** What the pages need, besides what the endpoints of programs need. */
export interface PageDependencies extends TokenDependencies {
  readonly verifications: Verifications;
  readonly messageFirst: Pick<MessageFirst, "start">;
  readonly policies: ReadonlyMap<string, Policy>;
  readonly apps: Apps;
  readonly settings: SignInSettings;
  /** Null where visitors are not checked. */
  readonly turnstile: Turnstile | null;
  /** The sender of codes over WhatsApp; null where it is not known, and then known to a later page. */
  readonly senderName: (background: Background) => SenderName | null;
  readonly words: Words;
  readonly defaultLocale: string;
  readonly hasSmsGateway: boolean;
}

/** A request of a browser to the issuer. */
export interface Visit {
  readonly request: Request;
  readonly issuer: string;
  readonly now: number;
  readonly deps: PageDependencies;
  readonly background: Background;
}

/** A visit within a flow. */
export interface FlowVisit extends Visit {
  readonly client: Client;
  readonly flow: Flow;
}

/** What the first step's fields show. */
export interface Entered {
  readonly typed?: string;
  /** Shown where nothing is typed. */
  readonly number?: E164;
  readonly country?: string | null;
}

/** How a step of the flow is answered again: with what went wrong, and when to come back. */
export interface Answered {
  readonly status?: number;
  readonly fault?: Saying | null;
  readonly retryAfterSeconds?: number | undefined;
  /** No code can be sent now, where a message may do: it is offered first, if the purpose allows it. */
  readonly needsMessage?: boolean;
}

/** Fewer are worth a warning. */
const FEW_TRIES = 2;

/** The first step: the user names their number. */
export async function showNumber(
  visit: FlowVisit,
  { typed = "", country = null, number }: Entered = {},
  answered: Answered = {},
): Promise<Response> {
  const { flow, deps } = visit;
  const { turnstile } = deps;
  // So that it is known by the second step.
  deps.senderName(visit.background);
  const { loginHint, isNumberFixed } = flow.request;
  const policy = policyOf(visit);
  const localization = await localizationOf(visit, flow);
  const known = number ?? loginHint;
  const step = {
    ...stepOf(visit, localization, answered),
    widget: turnstile === null ? null : { siteKey: turnstile.siteKey, flowId: flow.id },
    typed: typed === "" && known !== null ? displayNumber(known, localization.numberFormats) : typed,
    country: country ?? countryOfVisit(visit),
    fixed: isNumberFixed && loginHint !== null ? masked(loginHint) : null,
    offer: offerOf(visit, answered.needsMessage === true, policy.messageFirstLearnsNumber || isNumberFixed),
  };
  const parts = { hasScript: turnstile !== null, turnstileOrigin: turnstile?.origin ?? null };
  return send(visit, localization, step, numberPage(step), answered, parts);
}

/** The second step: the user types the code. */
export async function showCode(
  visit: FlowVisit,
  verification: VerificationSnapshot,
  answered: Answered = {},
): Promise<Response> {
  const { flow, deps } = visit;
  const now = Date.now();
  const { to, status, reason, channel, resendAt, attemptsRemaining } = verification;
  const policy = policyOf(visit);
  const localization = await localizationOf(visit, flow);
  const isOpen = status === "pending";
  const isBySms = channel === "sms";
  const step = {
    ...stepOf(visit, localization, answered),
    number: to === null ? "" : shownNumber(to, visit, localization),
    isBySms,
    fellBack: hasFallenBack(verification),
    sender: isOpen && !isBySms ? deps.senderName(visit.background) : null,
    isNumeric: policy.codeAlphabet === "digits",
    isOpen,
    maySendAgain: isOpen ? resendAt !== null : reason !== "denied_by_user",
    sendAgainAt: resendAt !== null && resendAt > now ? resendAt : null,
    now,
    mayUseSms: isOpen && !isBySms && deps.hasSmsGateway && policy.channels.includes("sms"),
    mayChangeNumber: !flow.request.isNumberFixed && flow.numbers.length < MOST_NUMBERS,
    offer: reason === "denied_by_user" ? null : offerOf(visit, reason === "undeliverable"),
    triesLeft:
      answered.fault?.key === "code_wrong" && attemptsRemaining <= FEW_TRIES ? attemptsRemaining : null,
    timeZone: timeZoneOf(visit),
  };
  return send(visit, localization, step, codePage(step), answered, { hasScript: isOpen });
}

function offerOf(visit: FlowVisit, isNeeded: boolean, isUseful = true): MessageOffer {
  if (policyOf(visit).messageFirst === "off") return null;
  return isNeeded ? "main" : isUseful ? "plain" : null;
}

/** The policy of the client's purpose. */
export function policyOf({ client, deps }: Pick<FlowVisit, "client" | "deps">): Policy {
  return deps.policies.get(client.purpose) ?? DEFAULT_POLICY;
}

/** WhatsApp is known not to have reached the number, and an SMS carries the code. */
export function hasFallenBack({ channel, messages }: VerificationSnapshot): boolean {
  const byWhatsApp = messages.findLast((message) => message.channel === "whatsapp");
  return channel === "sms" && byWhatsApp?.status === "failed";
}

/** The languages of a visit, the one to prefer first. */
export function localesOf(visit: Visit, flow: Pick<Flow, "locale" | "request"> | null): readonly string[] {
  const accepted = acceptedLocales(visit.request.headers.get("accept-language"));
  const ofCountry = localeOfCountry(countryOfVisit(visit));
  const chosen = flow === null ? [] : [flow.locale, ...flow.request.locales];
  const all = [...chosen, ...accepted, ofCountry, visit.deps.defaultLocale];
  return all.filter((tag) => tag !== null).filter(isLocale);
}

export function localizationOf(visit: Visit, flow: Flow | null): Promise<Localization> {
  return visit.deps.words.localize(localesOf(visit, flow));
}

/** What a page of no flow has around it. */
export function frameOf(visit: Visit, localization: Localization, client: Client | null): Frame {
  const { issuer, deps } = visit;
  const { apps, settings } = deps;
  const look = lookOf(client, { issuer, apps, settings, logos: localization.logos });
  return { ...look, localization, redirectSchemes: [], hasScript: false, turnstileOrigin: null };
}

/** Who asks, for the guard. */
export function askerOf(visit: FlowVisit): Asker {
  return { callerId: visit.client.id, client: { ip: addressOf(visit), deviceId: null }, limits: {} };
}

/** The user's address, as the platform sees it: it overwrites what a visitor sends. */
export function addressOf({ request }: Visit): string | null {
  const { success, data } = ipAddress.safeParse(request.headers.get("cf-connecting-ip"));
  return success ? data : null;
}

/** The country that the platform locates the visitor in, ISO 3166-1 alpha-2; null where it does not know. */
function countryOfVisit({ request }: Visit): string | null {
  const country = request.cf?.country;
  return typeof country === "string" && /^[A-Z]{2}$/.test(country) ? country : null;
}

export function timeZoneOf({ request }: Visit): string | null {
  const zone = request.cf?.timezone;
  return typeof zone === "string" ? zone : null;
}

/** What every step of the flow shows. */
export function stepOf(
  { flow, client, deps }: FlowVisit,
  localization: Localization,
  { fault = null }: Answered,
): Step {
  return {
    localization,
    flow: sealFlow(flow, deps.texts),
    clientName: client.clientName,
    host: hostOf(flow.request),
    tellsNumber: flow.request.scope.split(" ").includes("phone"),
    payment: flow.request.payment,
    fault,
  };
}

/** Who gets the answer, as the user can recognize them: a host, or the scheme of an app. */
function hostOf({ redirectUri }: AuthorizeRequest): string {
  const { host, protocol } = new URL(redirectUri);
  return host === "" ? protocol.replace(/:$/, "") : host;
}

/** Answers a step of the flow as a page. */
export async function send(
  visit: FlowVisit,
  localization: Localization,
  step: Step,
  content: ReturnType<typeof numberPage>,
  { status = 200, retryAfterSeconds }: Answered,
  parts: Partial<Pick<Frame, "hasScript" | "turnstileOrigin">>,
): Promise<Response> {
  const { protocol } = new URL(visit.flow.request.redirectUri);
  const frame: Frame = {
    ...frameOf(visit, localization, visit.client),
    redirectSchemes: protocol === "https:" ? [] : [protocol],
    ...parts,
  };
  const response = await renderPage(frame, status, titleOf(step), content);
  if (retryAfterSeconds !== undefined) response.headers.set("retry-after", String(retryAfterSeconds));
  return response;
}

/** A number of the flow as its page shows it. */
export function shownNumber(to: E164, { flow }: FlowVisit, { numberFormats }: Localization): string {
  return flow.request.isNumberFixed ? masked(to) : displayNumber(to, numberFormats);
}

/** A number that is the app's and not the user's to see. */
export function masked(to: E164): string {
  return maskNumber(to).replaceAll("*", "•");
}
