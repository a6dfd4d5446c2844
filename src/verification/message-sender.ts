import type { Channel } from "../channels/channel.ts";
import { refused } from "../channels/failure.ts";
import { type CodeText, openCode, type SealedCode } from "../codes/code.ts";
import { toCallbackData } from "../ids/callback-data.ts";
import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import { ownerOf } from "../ids/verification-id.ts";
import type { ChannelName, Route, SendResult } from "../messages/message.ts";
import type { SendAnswer, SendOrder } from "../phone-number/answers.ts";
import type { PhoneNumber } from "../phone-number/phone-number.ts";
import type { SendJob } from "../phone-number/phone-state.ts";
import { DEFAULT_POLICY, type NumberRules, type Policy } from "../phone-number/policy.ts";
import type { Keyring } from "../platform/keyring.ts";
import { log } from "../platform/log.ts";
import { type ExceptedTemplates, exceptedTemplate, type TemplateStore } from "../templates/store.ts";
import { routeTo } from "./routes.ts";

export interface MessageSenderDependencies {
  readonly phoneNumbers: DurableObjectNamespace<PhoneNumber>;
  readonly keyring: Keyring;
  readonly policies: ReadonlyMap<string, Policy>;
  readonly templates: TemplateStore;
  readonly channels: ReadonlyMap<ChannelName, Channel>;
  readonly numberRules: NumberRules;
}

/** What the sender knows besides the order. */
interface SendContext {
  readonly name: PhoneNumberName;
  /** The code that this request drew, which spares opening its sealed form; null for a queued job. */
  readonly code: { readonly sealed: SealedCode; readonly plain: CodeText } | null;
  /** The stored form of the request's idempotency key. */
  readonly idempotencyKey: string | null;
}

/** How one message was sent. */
interface Attempt {
  readonly result: SendResult;
  readonly route: Route;
}

/** Carries out the send orders of the numbers' objects, and reports each result to the object that gave it. */
export class MessageSender {
  readonly #deps: MessageSenderDependencies;

  constructor(dependencies: MessageSenderDependencies) {
    this.#deps = dependencies;
  }

  /**
   * Sends a message; when its channel refuses, the object names the next one. The first message of a request
   * that is accepted costs no second call to the object, since the provider's updates report it; only an
   * idempotency key needs its answer stored.
   */
  async send(order: SendOrder, context: SendContext): Promise<SendAnswer> {
    const needsNoSettling = context.code !== null && context.idempotencyKey === null;
    let { result, route } = await this.#attempt(order, context);
    if (result.kind === "accepted" && needsNoSettling && isRouteOf(order.message, route)) {
      return accepted(order, result.providerMessageId);
    }

    const { phoneNumbers, numberRules } = this.#deps;
    const phoneNumber = phoneNumbers.getByName(context.name);
    let current = order;
    for (;;) {
      const outcome = await phoneNumber.settle({
        id: current.verification.id,
        ordinal: current.ordinal,
        created: current.created,
        result,
        route,
        rules: numberRules,
        idempotencyKey: context.idempotencyKey,
      });
      if (outcome === null) {
        throw new Error("The object forgot a verification while its message was being sent");
      }
      if (outcome.kind === "send_answer") return outcome;
      current = outcome;
      ({ result, route } = await this.#attempt(current, context));
    }
  }

  /**
   * Sends the message of a queued job. The object is asked first, so a job that is delivered twice, or too
   * late, sends nothing.
   */
  async sendQueued({ id, ordinal }: Pick<SendJob, "id" | "ordinal">): Promise<void> {
    const name = ownerOf(id);
    const order = await this.#deps.phoneNumbers.getByName(name).claim({ id, ordinal });
    if (order.kind === "send") await this.send(order, { name, code: null, idempotencyKey: null });
  }

  async #attempt(order: SendOrder, { name, code }: SendContext): Promise<Attempt> {
    const { verification, message, ordinal, sealed } = order;
    const { keyring, channels, policies, templates } = this.#deps;
    const channel = channels.get(message.channel);
    if (channel === undefined) throw new Error("The object named a channel that is not configured");
    const policy = policies.get(verification.purpose) ?? DEFAULT_POLICY;
    const route =
      message.template === null
        ? await routeTo(message.channel, policy, verification.locale, templates)
        : message;
    if (route === null) return { result: noTemplate(message.channel), route: message };
    const { to } = verification;
    if (to === null) throw new Error("A code needs a number to be sent to");
    const plainCode = code?.sealed === sealed ? code.plain : openCode(keyring, name, sealed);
    const sendBy = ({ template, language }: Route) =>
      channel.send({
        to,
        code: plainCode,
        bind: verification.bind,
        locale: verification.locale,
        template,
        language,
        callbackData: toCallbackData({ id: verification.id, ordinal }),
      });
    const nextRoute = (except: ExceptedTemplates) =>
      routeTo(message.channel, policy, verification.locale, templates, except);
    return sendByRoutes(route, sendBy, nextRoute);
  }
}

/** More templates are not tried: each costs a call to WhatsApp while a user waits. */
const MOST_TEMPLATES = 4;

/**
 * Sends a message; where WhatsApp refuses its template in this language although KV has it approved, sends it with
 * the next suitable one: the template's other languages, then the fallback template. Where none is left, the answer
 * is the first refusal, which names the template that the user should have got.
 */
async function sendByRoutes(
  first: Route,
  sendBy: (route: Route) => Promise<SendResult>,
  nextRoute: (except: ExceptedTemplates) => Promise<Route | null>,
): Promise<Attempt> {
  const refusedAt: Attempt[] = [];
  const except = new Set<string>();
  for (let route: Route | null = first; route !== null; route = await nextRoute(except)) {
    const result = await sendBy(route);
    const template = result.kind === "refused" ? result.failure.template : undefined;
    if (template === undefined) return { result, route };
    refusedAt.push({ result, route });
    except.add(exceptedTemplate(template));
    if (refusedAt.length === MOST_TEMPLATES) break;
  }
  const [attempt] = refusedAt;
  if (attempt === undefined) throw new Error("No template was tried");
  return attempt;
}

function isRouteOf({ template, language }: Route, route: Route): boolean {
  return template === route.template && language === route.language;
}

/** Consumes the queue of messages that no request is waiting for. A job that fails is delivered again. */
export async function consumeSends(
  batch: MessageBatch<SendJob>,
  sender: Pick<MessageSender, "sendQueued">,
): Promise<void> {
  await Promise.all(
    batch.messages.map(async (message) => {
      try {
        await sender.sendQueued(message.body);
        message.ack();
      } catch (error) {
        log("error", "Queued message could not be sent", { error: String(error) });
        message.retry();
      }
    }),
  );
}

/** The result of a channel without a usable template: the same as a provider's refusal. */
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
  return {
    kind: "send_answer",
    created,
    verification: { ...verification, messages },
    failure: null,
    retryAfterMs: 0,
  };
}
