import { waitUntil } from "cloudflare:workers";
import type { Channel, NoticeEvent } from "./channels/channel.ts";
import { smsChannel, smsGateway } from "./channels/sms/channel.ts";
import type { SmsGateway } from "./channels/sms/gateway.ts";
import { WhatsAppClient } from "./channels/whatsapp/client.ts";
import { Dispatch, whatsAppChannel } from "./channels/whatsapp/dispatch.ts";
import { SharedCircuits } from "./channels/whatsapp/shared-circuits.ts";
import { type Config, readConfig } from "./config.ts";
import type { Event } from "./events/event.ts";
import { assembleGuard } from "./guard/assemble.ts";
import type { GuardLists } from "./guard/destinations/lists.ts";
import type { Guard } from "./guard/guard.ts";
import { GuardLog } from "./journal/guard-log.ts";
import { Journal } from "./journal/journal.ts";
import { ApiKeys } from "./keys/api-keys.ts";
import { Batches } from "./notifications/batches/batches.ts";
import { SendSlots } from "./notifications/batches/send-slots.ts";
import { Conversation } from "./notifications/conversation.ts";
import { Notifications } from "./notifications/notifications.ts";
import { Operator } from "./operator/operator.ts";
import { sendAll } from "./platform/chunks.ts";
import { TemplateStore } from "./templates/store.ts";
import { Templates } from "./templates/templates.ts";
import { WhatsAppTemplates } from "./templates/whatsapp/client.ts";
import { Verifications } from "./verification/verifications.ts";
import { type Webhooks, webhooks } from "./webhook-endpoints/webhooks.ts";

/** The service put together for one isolate, without its doors. */
export interface Deployment {
  readonly config: Config;
  readonly verifications: Verifications;
  readonly notifications: Notifications;
  readonly conversation: Conversation;
  readonly batches: Batches;
  readonly sendSlots: SendSlots;
  readonly templates: Templates;
  readonly circuits: SharedCircuits;
  /** Null where the deployment sends no SMS. */
  readonly gateway: SmsGateway | null;
  readonly journal: Journal;
  readonly webhooks: Webhooks;
  /** Puts events on the queue; rejects when it does not take them. */
  readonly publish: (events: readonly NoticeEvent[]) => Promise<void>;
  readonly keys: ApiKeys;
  readonly guard: Guard;
  readonly guardLog: GuardLog;
  readonly guardLists: GuardLists;
  readonly operator: Operator;
  /** What the build wrote: the API's description. */
  readonly assets: Fetcher;
}

/** Throws a ConfigError when the environment is not fit to run by. */
export function deploy(env: Env): Deployment {
  const config = readConfig(env);
  const { keyring, policies, defaultLocale } = config;
  const hooks = webhooks({
    db: env.JOURNAL,
    queue: env.DELIVERIES,
    keyring,
    allowLoopback: config.isDevelopment,
  });
  const circuits = new SharedCircuits(env.WHATSAPP_HEALTH, async () => {
    return (await hooks.subscriptions.subscribedTypes(waitUntil)).has("sender.updated");
  });
  const dispatch = new Dispatch(new WhatsAppClient(config.whatsapp), config.senders, circuits);
  const gateway = config.sms && smsGateway(config.sms.gateway);
  const channels: readonly Channel[] = [
    whatsAppChannel(dispatch),
    ...(config.sms && gateway ? [smsChannel(gateway, config.sms)] : []),
  ];
  const templates = new TemplateStore(env.TEMPLATES, defaultLocale);
  const courier = { contacts: env.CONTACTS, keyring, dispatch };
  const publish = (events: readonly Event[]) => sendAll(env.EVENTS, events);
  const guardLog = new GuardLog(env.JOURNAL);
  const guarding = assembleGuard(env, config.guard, keyring, (event) => publish([event]));
  const verifications = new Verifications({
    guard: guarding.guard,
    testNumbers: config.guard.testNumbers,
    numberRules: { owner: config.guard.numberOwner, identityChange: config.guard.identityChange },
    phoneNumbers: env.PHONE_NUMBERS,
    channels: new Map(channels.map((channel) => [channel.name, channel])),
    subscriptions: hooks.subscriptions,
    keyring,
    policies,
    defaultLocale,
    templates,
  });
  return {
    config,
    gateway,
    verifications,
    notifications: new Notifications({ ...courier, templates, defaultLocale }),
    conversation: new Conversation({ ...courier, firstReply: config.firstReply }),
    batches: new Batches({
      batches: env.NOTIFICATION_BATCHES,
      senders: config.senders,
      keyring,
      defaultLocale,
      templates,
    }),
    sendSlots: new SendSlots({ health: env.WHATSAPP_HEALTH, senders: config.senders, keyring }),
    templates: new Templates(new WhatsAppTemplates(config.whatsapp), env.TEMPLATE_REGISTRY, templates),
    circuits,
    publish: publish,
    journal: new Journal(env.JOURNAL),
    webhooks: hooks,
    keys: new ApiKeys(env.API_KEYS, config.adminKey),
    guard: guarding.guard,
    guardLists: guarding.lists,
    guardLog,
    operator: new Operator({ ranges: guarding.ranges, verifications, log: guardLog }),
    assets: env.ASSETS,
  };
}
