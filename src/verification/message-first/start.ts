import { type Sender, sendersFor } from "../../channels/whatsapp/senders.ts";
import { type Binding, sessionTags } from "../../codes/code.ts";
import { drawToken, openToken, sealToken } from "../../codes/token.ts";
import { deviceTag, networkTag } from "../../guard/fence.ts";
import type { RuleMatch } from "../../guard/rule.ts";
import type { AppName } from "../../ids/app-name.ts";
import { type IdempotencyKey, requestOf } from "../../ids/idempotency-key.ts";
import { nameFor, namesOf, type PhoneNumberName } from "../../ids/phone-number-name.ts";
import { NO_NUMBER, protectNumber } from "../../ids/protected-number.ts";
import { newVerificationId, ownerOf } from "../../ids/verification-id.ts";
import type { Via } from "../../ids/via.ts";
import { countryOf, type E164 } from "../../numbering/e164.ts";
import { localeOfCountry } from "../../numbering/locale.ts";
import { subscriberOf } from "../../numbering/subscriber.ts";
import type { OpenLink, OpenLinkCommand, OpenLinkOutcome } from "../../phone-number/decisions/open-link.ts";
import type { Moved } from "../../phone-number/pointer.ts";
import { DEFAULT_POLICY, freezePolicy } from "../../phone-number/policy.ts";
import type { VerificationSnapshot } from "../../phone-number/snapshot.ts";
import { VERIFICATION_EVENT_TYPES } from "../../phone-number/verification.ts";
import type { Background } from "../../platform/async.ts";
import type { Keyring } from "../../platform/keyring.ts";
import { repeatOnce, Unavailable } from "../../platform/platform-fault.ts";
import type { Asker } from "../requests.ts";
import { identityChangeMatch, type SendDependencies } from "../send.ts";
import type { MessageToken } from "./message-token.ts";
import { sentenceOf, waMeUrl } from "./sentence.ts";
import type { Wordings } from "./wording.ts";

export interface LinkDependencies
  extends Pick<
    SendDependencies,
    ("keyring" | "policies" | "guard" | "numberRules") | ("subscriptions" | "phoneNumbers" | "defaultLocale")
  > {
  readonly tokens: DurableObjectNamespace<MessageToken>;
  readonly senders: readonly Sender[];
  readonly senderNumbers: { numberOf(phoneNumberId: string): Promise<E164 | null> };
  readonly wordings: Pick<Wordings, "of">;
  /** The name that users know an app by; null where it has none. */
  readonly brandOf: (app: AppName) => string | null;
}

/** What an app asks for when its user is to send a message; all of it validated. */
export interface LinkRequest {
  /** Null has the number learned from the message, where the purpose allows that. */
  readonly to: E164 | null;
  readonly app: AppName;
  readonly session: string | null;
  readonly purpose: string;
  readonly locale: string | null;
  readonly bind: Binding | null;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly via: Via;
  readonly asker: Asker;
}

/** The message that the user is to send. */
export interface ShownLink {
  readonly url: string;
  readonly text: string;
  readonly sender: E164;
  readonly expiresAt: number;
}

export type LinkResponse =
  | {
      readonly kind: "link";
      readonly created: boolean;
      readonly verification: VerificationSnapshot;
      /** Null where an idempotency key is answered again and the verification has closed. */
      readonly link: ShownLink | null;
    }
  | Exclude<OpenLinkOutcome, { kind: "link" | "identity_changed" }>
  | { readonly kind: "blocked"; readonly match: RuleMatch }
  /** The purpose's policy allows no proof by a message. */
  | { readonly kind: "message_first_off" }
  | { readonly kind: "number_required" }
  /** Meta does not say which number the user should write to. */
  | { readonly kind: "sender_unknown" };

/**
 * Starts a verification that the user proves by a message. Costs one call to the object that owns it and one to that of
 * its token. Nothing is sent.
 */
export async function startLink(
  request: LinkRequest,
  key: IdempotencyKey | null,
  deps: LinkDependencies,
  background: Background,
): Promise<LinkResponse> {
  const { keyring, policies, guard } = deps;
  const { to, app, purpose, asker } = request;
  const policy = policies.get(purpose) ?? DEFAULT_POLICY;
  if (policy.messageFirst === "off") return { kind: "message_first_off" };
  if (to === null && !policy.messageFirstLearnsNumber) return { kind: "number_required" };

  const name = to === null ? unknownNumberName(keyring, request) : namesOf(keyring, to)[0];
  const { ip } = asker.client;
  const network = ip === null ? null : networkTag(keyring, ip);
  const guardRequest = {
    network,
    to,
    method: "message" as const,
    name,
    country: to === null ? null : countryOf(to),
    app,
    purpose,
    codeCheckedBy: "sandi" as const,
    ...asker,
    metadata: request.metadata ?? {},
  };
  const [sender] = sendersFor(to === null ? name : subscriberOf(to), deps.senders);
  if (sender === undefined) throw new Error("A deployment needs a sender");
  const [match, number, subscribedTypes] = await Promise.all([
    guard.evaluate(guardRequest, background),
    deps.senderNumbers.numberOf(sender.phoneNumberId),
    deps.subscriptions.subscribedTypes(background),
    // Read meanwhile, for the answer.
    deps.wordings.of(localeOf(request, deps)),
  ]);
  if (match !== null) return { kind: "blocked", match };
  if (number === null) {
    await guard.report(guardRequest, { sent: false, match: null }, background);
    return { kind: "sender_unknown" };
  }

  const types = VERIFICATION_EVENT_TYPES.filter((type) => subscribedTypes.has(type));
  const open = (owner: PhoneNumberName, isMoved: boolean) => {
    const command = commandFor(owner, request, { key, network, sender, types }, deps);
    return repeatOnce<OpenLinkOutcome | Moved>(() =>
      deps.phoneNumbers.getByName(owner).openLink(command, isMoved),
    );
  };
  let outcome = await open(name, to === null);
  if (outcome.kind === "moved") outcome = await open(outcome.name, true);
  if (outcome.kind === "moved") throw new Error("An object named another one twice");
  if (outcome.kind === "link") return showLink(outcome, number, deps);
  const held = outcome.kind === "identity_changed" ? identityChangeMatch(deps.numberRules) : null;
  await guard.report(guardRequest, { sent: false, match: held }, background);
  if (outcome.kind !== "identity_changed") return outcome;
  return { kind: "blocked", match: identityChangeMatch(deps.numberRules) };
}

interface LinkContext {
  readonly key: IdempotencyKey | null;
  readonly network: string | null;
  readonly sender: Sender;
  readonly types: OpenLinkCommand["subscribedTypes"];
}

/** Sessions, ids and the sealed token are bound to the object that owns them. */
function commandFor(
  owner: PhoneNumberName,
  request: LinkRequest,
  { key, network, sender, types }: LinkContext,
  deps: LinkDependencies,
): OpenLinkCommand {
  const { keyring, policies, numberRules } = deps;
  const { to, app, purpose, asker } = request;
  const { deviceId } = asker.client;
  const { token, name } = drawToken(keyring);
  return {
    id: newVerificationId(owner),
    to,
    app,
    session: request.session === null ? null : sessionTags(keyring, owner, app, request.session)[0],
    purpose,
    policy: freezePolicy(policies.get(purpose) ?? DEFAULT_POLICY),
    via: request.via,
    bind: request.bind,
    metadata: request.metadata,
    locale: { tag: localeOf(request, deps), asked: request.locale !== null },
    protectedNumber: to === null ? NO_NUMBER : protectNumber(keyring, owner, to),
    subscribedTypes: types,
    attribution: {
      limits: asker.limits,
      network,
      device: deviceId === null ? null : deviceTag(keyring, deviceId),
    },
    link: { name, sealed: sealToken(keyring, owner, token), sender: sender.phoneNumberId },
    idempotency: requestOf(keyring, key),
    rules: numberRules,
  };
}

function localeOf(
  { to, locale }: LinkRequest,
  { defaultLocale }: Pick<LinkDependencies, "defaultLocale">,
): string {
  const ofCountry = to === null ? null : localeOfCountry(countryOf(to));
  return locale ?? ofCountry ?? defaultLocale;
}

/** The object of the token has to know the verification before the user can send the message. */
async function showLink(
  { created, verification, link }: Extract<OpenLinkOutcome, { kind: "link" }>,
  number: E164,
  deps: LinkDependencies,
): Promise<LinkResponse> {
  if (link === null) return { kind: "link", created, verification, link: null };
  const { id, app, purpose, bind, locale, expiresAt } = verification;
  const target = { id, token: link.name, learnsFor: link.learnsNumber ? { app, purpose } : null };
  const isKept = await repeatOnce(() => deps.tokens.getByName(link.name).keep(target));
  if (!isKept) throw new Unavailable("Two verifications drew the same token");
  const sender = await senderOf(link, number, deps);
  const token = openToken(deps.keyring, ownerOf(id), link.sealed);
  const wording = await deps.wordings.of(locale);
  const text = sentenceOf(token, { purpose, bind, brand: deps.brandOf(app) }, wording);
  return {
    kind: "link",
    created,
    verification,
    link: { url: waMeUrl(sender, text), text, sender, expiresAt },
  };
}

/** A link that is answered again goes to the sender that it went to. */
async function senderOf(
  { sender }: OpenLink,
  number: E164,
  { senders, senderNumbers }: LinkDependencies,
): Promise<E164> {
  const isSame = senders.length === 1;
  return isSame ? number : ((await senderNumbers.numberOf(sender)) ?? number);
}

/**
 * The object of a verification whose number is not known yet: for a session always the same, so that a second start finds
 * the link of the first, and otherwise any.
 */
function unknownNumberName(keyring: Keyring, { app, session }: LinkRequest): PhoneNumberName {
  if (session === null) return nameFor(crypto.getRandomValues(new Uint8Array(32)));
  return nameFor(keyring.mac("link", JSON.stringify(["session", app, session]))[0]);
}
