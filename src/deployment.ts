import { waitUntil } from "cloudflare:workers";
import type { Channel } from "./channels/channel.ts";
import { smsChannel } from "./channels/sms/channel.ts";
import type { SmsGateway } from "./channels/sms/gateway.ts";
import { smsGateway } from "./channels/sms/gateways.ts";
import { whatsAppChannel } from "./channels/whatsapp/channel.ts";
import { WhatsAppClient } from "./channels/whatsapp/client.ts";
import { SharedCircuits } from "./channels/whatsapp/shared-circuits.ts";
import { type Config, readConfig } from "./config.ts";
import type { NoticeEvent } from "./events/event.ts";
import { Journal } from "./events/journal/journal.ts";
import { type Webhooks, webhooks } from "./events/webhook-endpoints/webhooks.ts";
import { ApiKeys } from "./keys/api-keys.ts";
import { TemplateStore } from "./templates/store.ts";
import { Verifications } from "./verification/verifications.ts";

/** The service put together for one isolate, without its doors. */
export interface Deployment {
  readonly config: Config;
  readonly verifications: Verifications;
  readonly circuits: SharedCircuits;
  /** Null where the deployment sends no SMS. */
  readonly gateway: SmsGateway | null;
  readonly journal: Journal;
  readonly webhooks: Webhooks;
  /** Puts events on the queue; rejects when it does not take them. */
  readonly announce: (events: readonly NoticeEvent[]) => Promise<void>;
  readonly keys: ApiKeys;
}

/** Throws a ConfigError when the environment is not fit to run by. */
export function deploy(env: Env): Deployment {
  const config = readConfig(env);
  const { keyring, policies, defaultLocale } = config;
  const hooks = webhooks({
    ...{ db: env.JOURNAL, queue: env.DELIVERIES, keyring, allowLoopback: config.isDevelopment },
  });
  const circuits = new SharedCircuits(env.WHATSAPP_HEALTH, async () => {
    return (await hooks.subscriptions.interests(waitUntil)).has("sender.updated");
  });
  const gateway = config.sms && smsGateway(config.sms.gateway);
  const channels: readonly Channel[] = [
    whatsAppChannel(new WhatsAppClient(config.whatsapp), config.senders, circuits),
    ...(config.sms && gateway ? [smsChannel(gateway, config.sms)] : []),
  ];
  const verifications = new Verifications({
    phoneNumbers: env.PHONE_NUMBERS,
    templates: new TemplateStore(env.TEMPLATES, defaultLocale),
    channels: new Map(channels.map((channel) => [channel.name, channel])),
    subscriptions: hooks.subscriptions,
    ...{ keyring, policies, defaultLocale },
  });
  const announce = async (events: readonly NoticeEvent[]) => {
    await env.EVENTS.sendBatch(events.map((body) => ({ body })));
  };
  return {
    config,
    gateway,
    verifications,
    circuits,
    announce,
    journal: new Journal(env.JOURNAL),
    webhooks: hooks,
    keys: new ApiKeys(env.API_KEYS, config.adminKey),
  };
}
