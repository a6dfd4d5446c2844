import { networkTag } from "../guard/fence.ts";
import type { GuardRequest } from "../guard/rule.ts";
import { type IdempotencyKey, requestOf } from "../ids/idempotency-key.ts";
import { ownerOf } from "../ids/verification-id.ts";
import { withoutTemplate } from "../messages/message.ts";
import { countryOf } from "../numbering/e164.ts";
import { DEFAULT_POLICY } from "../phone-number/policy.ts";
import type { OpenedVerification } from "../phone-number/snapshot.ts";
import type { Attribution } from "../phone-number/verification.ts";
import type { Background } from "../platform/async.ts";
import type { Keyring } from "../platform/keyring.ts";
import type { ChannelChoice, Resender, SendResponse } from "./requests.ts";
import { routeTo } from "./routes.ts";
import {
  allowedChannels,
  configuredChannels,
  finishSend,
  formatOf,
  NOT_SENT,
  prepareCode,
  type SendDependencies,
} from "./send.ts";

/** A resend is held to the limits and the network of its start, unless it names others. */
function askerOf(
  { callerId, client, limits }: Resender,
  attribution: Attribution,
  keyring: Keyring,
): Pick<GuardRequest, "callerId" | "client" | "network" | "limits"> {
  const { ip = null } = client ?? {};
  return {
    callerId,
    client: client ?? { ip: null, deviceId: null },
    network: ip === null ? attribution.network : networkTag(keyring, ip),
    limits: { ...attribution.limits, ...limits },
  };
}

/** Sends a pending verification again, over another channel where one is chosen. */
export async function resend(
  { verification: pending, nextChannel, session, attribution, codeLength, codeCheckedBy }: OpenedVerification,
  channelChoice: ChannelChoice,
  resender: Resender,
  key: IdempotencyKey | null,
  deps: SendDependencies,
  background: Background,
): Promise<SendResponse> {
  const { keyring, policies, templates, guard, numberRules } = deps;
  const { id, to, app, purpose, metadata, bind, locale } = pending;
  const policy = policies.get(purpose) ?? DEFAULT_POLICY;
  if (pending.method === "message" || to === null) {
    return pending.status === "pending"
      ? { kind: "proved_by_message" }
      : { kind: "closed", verification: pending };
  }
  if (channelChoice === "next" && nextChannel === null) {
    return pending.status === "pending"
      ? { kind: "no_channel_left" }
      : { kind: "closed", verification: pending };
  }
  const requested = channelChoice === "next" ? nextChannel : (channelChoice ?? pending.channel);
  const allowed = allowedChannels(policy, requested === null ? null : [requested]);
  if (allowed === null) return { kind: "channel_not_allowed", allowed: policy.channels };
  const [channel] = configuredChannels(deps, allowed);
  if (channel === undefined) return { kind: "channel_not_configured" };

  const name = ownerOf(id);
  const asker = askerOf(resender, attribution, keyring);
  const method = "code" as const;
  const about = { to, method, name, country: countryOf(to), app, purpose, codeCheckedBy, metadata };
  const guardRequest = { ...about, ...asker };
  const [match, route] = await Promise.all([
    guard.evaluate(guardRequest, background),
    pending.test ? withoutTemplate(channel) : routeTo(channel, policy, locale, templates),
  ]);
  if (match !== null) return { kind: "blocked", match };
  if (route === null) {
    await guard.report(guardRequest, NOT_SENT, background);
    return { kind: "no_template" };
  }

  const code = prepareCode(keyring, name, null, formatOf(policy, codeLength), { app, session, bind });
  const idempotency = requestOf(keyring, key);
  const outcome = await deps.phoneNumbers.getByName(name).resend({
    id,
    scope: app,
    channels: [channel],
    route,
    code: code.candidate,
    idempotency,
    rules: numberRules,
  });
  return finishSend(outcome, { guardRequest, code, idempotency }, deps, background);
}
