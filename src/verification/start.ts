import { sessionTags } from "../codes/code.ts";
import { deviceTag, networkTag } from "../guard/fence.ts";
import { type IdempotencyKey, requestOf } from "../ids/idempotency-key.ts";
import { namesOf, type PhoneNumberName } from "../ids/phone-number-name.ts";
import { protectNumber } from "../ids/protected-number.ts";
import { newVerificationId } from "../ids/verification-id.ts";
import { withoutTemplate } from "../messages/message.ts";
import { countryOf } from "../numbering/e164.ts";
import { localeOfCountry } from "../numbering/locale.ts";
import { subscriberOf } from "../numbering/subscriber.ts";
import type { SendOutcome, StartCommand } from "../phone-number/decisions/send.ts";
import type { Moved } from "../phone-number/pointer.ts";
import { DEFAULT_POLICY, freezePolicy } from "../phone-number/policy.ts";
import { VERIFICATION_EVENT_TYPES } from "../phone-number/verification.ts";
import type { Background } from "../platform/async.ts";
import { repeatOnce } from "../platform/platform-fault.ts";
import type { SendResponse, StartRequest } from "./requests.ts";
import { planRoute } from "./routes.ts";
import {
  allowedChannels,
  configuredChannels,
  finishSend,
  formatOf,
  NOT_SENT,
  type PreparedCode,
  prepareCode,
  type SendDependencies,
} from "./send.ts";

/** Starts a verification and sends its code, or sends the pending one of the same app, purpose, session and binding again. */
export async function start(
  request: StartRequest,
  key: IdempotencyKey | null,
  deps: SendDependencies,
  background: Background,
): Promise<SendResponse> {
  const { keyring, policies, templates, guard, numberRules, subscriptions } = deps;
  const { to, app, purpose, bind, metadata, asker } = request;
  const policy = policies.get(purpose) ?? DEFAULT_POLICY;
  const allowed = allowedChannels(policy, request.channels);
  if (allowed === null) return { kind: "channel_not_allowed", allowed: policy.channels };
  const channels = configuredChannels(deps, allowed);
  const [channel] = channels;
  if (channel === undefined) return { kind: "channel_not_configured" };

  const testNumber = deps.testNumbers.get(subscriberOf(to));
  const [name] = namesOf(keyring, to);
  const country = countryOf(to);
  const locale = request.locale ?? localeOfCountry(country) ?? deps.defaultLocale;
  const { ip, deviceId } = asker.client;
  const network = ip === null ? null : networkTag(keyring, ip);
  const { codeCheckedBy } = request;
  const guardRequest = {
    network,
    to,
    method: "code" as const,
    name,
    country,
    app,
    purpose,
    codeCheckedBy,
    ...asker,
    metadata: metadata ?? {},
  };
  const [match, plan, subscribedTypes] = await Promise.all([
    guard.evaluate(guardRequest, background),
    testNumber === undefined
      ? planRoute(channels, policy, locale, templates)
      : { route: withoutTemplate(channel), channels: [channel] },
    subscriptions.subscribedTypes(background),
  ]);
  if (match !== null) return { kind: "blocked", match };
  if (plan === null) {
    await guard.report(guardRequest, NOT_SENT, background);
    return { kind: "no_template" };
  }

  const idempotency = requestOf(keyring, key);
  const format = formatOf(policy, request.codeLength);
  const prepare = (owner: PhoneNumberName): { code: PreparedCode; command: StartCommand } => {
    const session = request.session === null ? null : sessionTags(keyring, owner, app, request.session)[0];
    const context = { app, session, bind };
    const code = prepareCode(keyring, owner, testNumber?.code ?? request.code, format, context);
    const command = {
      id: newVerificationId(owner),
      to,
      app,
      session,
      purpose,
      policy: freezePolicy(policy, request.fallbackAfterSeconds),
      codeLength: request.codeLength,
      codeCheckedBy,
      via: request.via,
      whilePending: request.whilePending,
      bind,
      metadata,
      channels: plan.channels,
      route: plan.route,
      code: code.candidate,
      locale: { tag: locale, asked: request.locale !== null },
      protectedNumber: protectNumber(keyring, owner, to, country),
      subscribedTypes: VERIFICATION_EVENT_TYPES.filter((type) => subscribedTypes.has(type)),
      attribution: {
        limits: asker.limits,
        network,
        device: deviceId === null ? null : deviceTag(keyring, deviceId),
      },
      test: testNumber !== undefined,
      idempotency,
      rules: numberRules,
    };
    return { code, command };
  };
  const { code, command } = prepare(name);
  const outcome = await repeatOnce<SendOutcome | Moved>(() =>
    deps.phoneNumbers.getByName(name).start(command),
  );
  if (outcome.kind !== "moved") {
    return finishSend(outcome, { guardRequest, code, idempotency }, deps, background);
  }
  // Codes, sessions and ids are bound to the object that owns them.
  const moved = prepare(outcome.name);
  const again = await repeatOnce<SendOutcome | Moved>(() =>
    deps.phoneNumbers.getByName(outcome.name).start(moved.command, true),
  );
  if (again.kind === "moved") throw new Error("An object named another one twice");
  return finishSend(again, { guardRequest, code: moved.code, idempotency }, deps, background);
}
