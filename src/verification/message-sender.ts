import type { Channel } from "../channels/channel.ts";
import { refused } from "../channels/failure.ts";
import { type Code, openCode, type SealedCode } from "../codes/code.ts";
import { toCallbackData } from "../ids/callback-data.ts";
import type { IdempotencyRequest } from "../ids/idempotency-key.ts";
import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import type { ChannelName, SendResult } from "../messages/message.ts";
import type { Route, SendAnswer, SendOrder } from "../phone-number/answers.ts";
import type { PhoneNumber } from "../phone-number/phone-number.ts";
import { DEFAULT_POLICY, type Policy } from "../phone-number/policy.ts";
import type { Keyring } from "../platform/keyring.ts";
import type { TemplateStore } from "../templates/store.ts";

/** What it takes to carry out an order. */
export interface MessageSenderDependencies {
  readonly phoneNumbers: DurableObjectNamespace<PhoneNumber>;
  readonly keyring: Keyring;
  readonly policies: ReadonlyMap<string, Policy>;
  readonly templates: TemplateStore;
  readonly channels: ReadonlyMap<ChannelName, Channel>;
}

/** For whom a message is sent, and what its sender knows already. */
interface SendContext {
  readonly name: PhoneNumberName;
  /** The code that the request itself drew, which spares opening its sealed form. */
  readonly code: { readonly sealed: SealedCode; readonly plain: Code } | null;
  readonly idempotency: IdempotencyRequest | null;
}

/** Carries out the objects' orders to send, and tells them what became of each. */
export class MessageSender {
  readonly #deps: MessageSenderDependencies;

  constructor(dependencies: MessageSenderDependencies) {
    this.#deps = dependencies;
  }

  /**
   * Sends a message; when its channel refuses, the object names the next. The first message of a request
   * that goes through costs no second call to the object, for the provider's updates will tell it; only an
   * idempotency key has to be told its answer.
   */
  async send(order: SendOrder, errand: SendContext): Promise<SendAnswer> {
    const isFirst = errand.code !== null && errand.idempotency === null;
    let { result, route } = await this.#send(order, errand);
    if (result.kind === "accepted" && isFirst) return accepted(order, result.providerMessageId);

    const phoneNumber = this.#deps.phoneNumbers.getByName(errand.name);
    let current = order;
    for (;;) {
      const outcome = await phoneNumber.settle({
        id: current.verification.id,
        ordinal: current.ordinal,
        created: current.created,
        result,
        route,
        idempotencyKey: errand.idempotency?.key ?? null,
      });
      if (outcome === null)
        throw new Error("The object forgot a verification while its message was being sent");
      if (outcome.kind === "send_answer") return outcome;
      current = outcome;
      ({ result, route } = await this.#send(current, errand));
    }
  }

  async #send(
    { verification, message, ordinal, sealed }: SendOrder,
    { name, code }: SendContext,
  ): Promise<{ readonly result: SendResult; readonly route: Route }> {
    const { keyring, channels, policies, templates } = this.#deps;
    const channel = channels.get(message.channel);
    if (channel === undefined) throw new Error("The object named a channel that is not configured");
    const policy = policies.get(verification.purpose) ?? DEFAULT_POLICY;
    const route =
      message.template === null
        ? await routeTo(message.channel, policy, verification.locale, templates)
        : message;
    if (route === null) return { result: noTemplate(message.channel), route: message };
    const result = await channel.send({
      to: verification.to,
      code: code?.sealed === sealed ? code.plain : openCode(keyring, name, sealed),
      bind: verification.bind,
      locale: verification.locale,
      template: route.template,
      language: route.language,
      callbackData: toCallbackData({ id: verification.id, ordinal }),
    });
    return { result, route };
  }
}

/**
 * In whose words a channel says a code: WhatsApp in an approved template's, SMS in its own. Null while WhatsApp
 * would send neither the policy's template nor its fallback.
 */
export async function routeTo(
  channel: ChannelName,
  { template, fallbackTemplate }: Policy,
  locale: string,
  templates: TemplateStore,
): Promise<Route | null> {
  if (channel !== "whatsapp") return withoutTemplate(channel);
  const choice =
    (await templates.choose(template, locale)) ?? (await templates.choose(fallbackTemplate, locale));
  return choice && { channel, ...choice };
}

/** A route for a channel that has words of its own, and for a message that nobody sends. */
export function withoutTemplate(channel: ChannelName): Route {
  return { channel, template: null, language: null, timeToLiveSeconds: null };
}

/** The first channel that has words for a code, and those that may follow it; null where none has. */
export async function firstRoute(
  channels: readonly ChannelName[],
  policy: Policy,
  locale: string,
  templates: TemplateStore,
): Promise<{ readonly route: Route; readonly channels: readonly ChannelName[] } | null> {
  for (const [index, channel] of channels.entries()) {
    const route = await routeTo(channel, policy, locale, templates);
    if (route !== null) return { route, channels: channels.slice(index) };
  }
  return null;
}

/** What a provider would have said. */
function noTemplate(channel: ChannelName): SendResult {
  return refused(channel, {
    code: "no_template",
    class: "fix",
    title: "No language of the template is approved",
  });
}

function accepted(
  { created, verification, ordinal, message }: SendOrder,
  providerMessageId: string,
): SendAnswer {
  const messages = verification.messages.with(ordinal, { ...message, providerMessageId });
  return { kind: "send_answer", created, verification: { ...verification, messages }, failure: null };
}
