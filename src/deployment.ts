import { waitUntil } from "cloudflare:workers";
import type { Channel, NoticeEvent } from "./channels/channel.ts";
import { smsChannel, smsGateway } from "./channels/sms/channel.ts";
import type { SmsGateway } from "./channels/sms/gateway.ts";
import { WhatsAppClient } from "./channels/whatsapp/client.ts";
import { Dispatch, whatsAppChannel } from "./channels/whatsapp/dispatch.ts";
import { contactRequestPayload } from "./channels/whatsapp/payload.ts";
import { SenderNumbers } from "./channels/whatsapp/sender-numbers.ts";
import { SharedPace } from "./channels/whatsapp/sender-pace.ts";
import { SenderProfiles } from "./channels/whatsapp/sender-profiles.ts";
import { SharedCircuits } from "./channels/whatsapp/shared-circuits.ts";
import { type Config, readConfig } from "./config.ts";
import type { Event } from "./events/event.ts";
import { assembleGuard } from "./guard/assemble.ts";
import type { GuardLists } from "./guard/destinations/lists.ts";
import type { Guard } from "./guard/guard.ts";
import { AuditLog, AuditRecorder } from "./journal/audit.ts";
import { Capacity } from "./journal/capacity.ts";
import { DeadLetters } from "./journal/dead-letters.ts";
import { GuardLog } from "./journal/guard-log.ts";
import { Journal } from "./journal/journal.ts";
import { ApiKeys } from "./keys/api-keys.ts";
import { TokenIssuer } from "./keys/issuer/token-issuer.ts";
import { OAuthClients } from "./keys/oauth-clients.ts";
import { Batches } from "./notifications/batches/batches.ts";
import { SendSlots } from "./notifications/batches/send-slots.ts";
import { Conversation } from "./notifications/conversation.ts";
import { LearnedRecipients } from "./notifications/learned-recipients.ts";
import { Notifications } from "./notifications/notifications.ts";
import { Operator } from "./operator/operator.ts";
import { sendAll } from "./platform/chunks.ts";
import { LocationCache } from "./platform/location-cache.ts";
import { Unavailable } from "./platform/platform-fault.ts";
import { deploymentDoctor } from "./setup/deployment-doctor.ts";
import type { Doctor, DoctorNotes } from "./setup/doctor.ts";
import { TemplateStore } from "./templates/store.ts";
import { Templates } from "./templates/templates.ts";
import { WhatsAppTemplates } from "./templates/whatsapp/client.ts";
import { MessageFirst, type Talk } from "./verification/message-first/message-first.ts";
import { Wordings } from "./verification/message-first/wording.ts";
import { Redemptions } from "./verification/redemptions.ts";
import { Verifications } from "./verification/verifications.ts";
import { Lanes } from "./webhook-endpoints/lanes.ts";
import { type Webhooks, webhooks } from "./webhook-endpoints/webhooks.ts";

/** The parts of a running service, without its HTTP interface. */
export interface Deployment {
  readonly config: Config;
  readonly verifications: Verifications;
  readonly redemptions: Redemptions;
  readonly notifications: Notifications;
  readonly conversation: Conversation;
  readonly messageFirst: MessageFirst;
  readonly batches: Batches;
  readonly sendSlots: SendSlots;
  readonly templates: Templates;
  readonly circuits: SharedCircuits;
  readonly senderProfiles: SenderProfiles;
  readonly doctor: Doctor;
  /** Null without an SMS gateway. */
  readonly gateway: SmsGateway | null;
  readonly journal: Journal;
  readonly webhooks: Webhooks;
  /** Enqueues events; rejects when the queue does not accept them. */
  readonly publish: (events: readonly NoticeEvent[]) => Promise<void>;
  readonly keys: ApiKeys;
  readonly issuer: TokenIssuer;
  readonly oauthClients: OAuthClients;
  readonly guard: Guard;
  readonly guardLog: GuardLog;
  readonly audit: AuditLog;
  readonly auditRecorder: AuditRecorder;
  /** The events that could not be stored. */
  readonly deadLetters: DeadLetters;
  /** The size of the journal's database. */
  readonly capacity: Capacity;
  readonly guardLists: GuardLists;
  readonly operator: Operator;
  /** The output of the build: the API description and the documentation page. */
  readonly assets: Fetcher;
}

/**
 * Builds the parts of the service from the bindings and settings of an environment. It starts no work.
 *
 * Throws a `ConfigError` when a setting is missing or invalid.
 */
export function deploy(env: Env): Deployment {
  const config = readConfig(env);
  const { keyring, policies, defaultLocale, senders } = config;

  // Events and their consumers
  const publish = (events: readonly Event[]) => sendAll(env.EVENTS, events);
  const journal = new Journal(env.JOURNAL);
  const guardLog = new GuardLog(env.JOURNAL);
  const audit = new AuditLog(env.JOURNAL);
  const notes = notesIn(env.WHATSAPP_HEALTH);
  const deadLetters = new DeadLetters(notes);
  const webhookParts = webhooks({
    db: env.JOURNAL,
    namespace: env.API_KEYS,
    queues: { first: env.DELIVERIES, slow: env.DELIVERIES_SLOW },
    lanes: new Lanes(env.ENDPOINT_LANES),
    keyring,
    allowLoopback: config.isDevelopment,
  });
  const { subscriptions } = webhookParts;

  // Channels and templates
  // In development an isolate sees at once what another has told.
  const locationCache = config.isDevelopment ? null : new LocationCache(keyring);
  const circuits = new SharedCircuits(
    env.WHATSAPP_HEALTH,
    async () => (await subscriptions.subscribedTypes(waitUntil)).has("sender.updated"),
    locationCache,
  );
  const learned = new LearnedRecipients({
    phoneNumbers: env.PHONE_NUMBERS,
    contacts: env.CONTACTS,
    keyring,
    background: waitUntil,
  });
  const client = new WhatsAppClient(config.whatsapp);
  const pace = new SharedPace(env.SENDER_PACE);
  const dispatch = new Dispatch(client, senders, circuits, pace, (dialled, account) =>
    learned.learn(dialled, account),
  );
  const gateway = config.sms && smsGateway(config.sms.gateway);
  const channels: Channel[] = [whatsAppChannel(dispatch)];
  if (config.sms !== null && gateway !== null) channels.push(smsChannel(gateway, config.sms));
  const templateStore = new TemplateStore(env.TEMPLATES, defaultLocale);

  // Use cases
  const { guard, checkGuard, lists, ranges, deniedClients } = assembleGuard(
    env,
    config.guard,
    keyring,
    (event) => publish([event]),
    locationCache,
  );
  const startParts = {
    guard,
    numberRules: {
      owner: config.guard.numberOwner,
      identityChange: config.guard.identityChange,
      identityHoldMs: config.guard.identityHoldMs,
      limits: config.numberLimits,
    },
    phoneNumbers: env.PHONE_NUMBERS,
    subscriptions,
    keyring,
    policies,
    defaultLocale,
  };
  const verifications = new Verifications({
    ...startParts,
    checkGuard,
    apps: [...config.apps.keys()],
    testNumbers: config.guard.testNumbers,
    channels: new Map(channels.map((channel) => [channel.name, channel])),
    templates: templateStore,
  });
  const contacts = { contacts: env.CONTACTS, keyring, dispatch };
  const conversation = new Conversation({ ...contacts, firstReply: config.firstReply });
  const templates = new Templates(
    new WhatsAppTemplates(config.whatsapp),
    env.TEMPLATE_REGISTRY,
    templateStore,
  );
  const messageFirst = new MessageFirst(
    {
      ...startParts,
      tokens: env.MESSAGE_TOKENS,
      senders,
      senderNumbers: new SenderNumbers(client),
      wordings: new Wordings(env.ASSETS),
      brandOf: (app) => config.apps.get(app)?.brand ?? config.sms?.brand ?? null,
      talk: talkOf(conversation, client),
      answersUsers: config.answersMessageFirst,
    },
    waitUntil,
  );

  return {
    config,
    verifications,
    redemptions: new Redemptions(env.PHONE_NUMBERS),
    notifications: new Notifications({ ...contacts, templates: templateStore, defaultLocale }),
    conversation,
    messageFirst,
    batches: new Batches({
      batches: env.NOTIFICATION_BATCHES,
      senders,
      keyring,
      defaultLocale,
      templates: templateStore,
    }),
    sendSlots: new SendSlots({ health: env.WHATSAPP_HEALTH, senders, keyring }),
    templates,
    circuits,
    senderProfiles: new SenderProfiles({
      client,
      health: env.WHATSAPP_HEALTH,
      businessAccountId: config.whatsapp.businessAccountId,
      senders,
    }),
    doctor: deploymentDoctor({
      settings: {
        whatsapp: config.whatsapp,
        senders,
        policies,
        defaultLocale,
        identityChange: config.guard.identityChange,
      },
      verifyToken: config.whatsapp.verifyToken,
      circuits,
      templates,
      notes,
      journal: env.JOURNAL,
      events: env.EVENTS,
      deadLetters,
    }),
    gateway,
    journal,
    webhooks: webhookParts,
    publish,
    keys: new ApiKeys(env.API_KEYS, config.adminKey),
    issuer: new TokenIssuer({ issuers: env.ISSUER, keyring, background: waitUntil }),
    oauthClients: new OAuthClients(env.OAUTH_CLIENTS),
    guard,
    guardLog,
    audit,
    auditRecorder: new AuditRecorder(audit, env.EVENTS),
    deadLetters,
    capacity: new Capacity(env.JOURNAL, notes),
    guardLists: lists,
    operator: new Operator({ ranges, deniedClients, verifications }),
    assets: env.ASSETS,
  };
}

function notesIn(health: Env["WHATSAPP_HEALTH"]): DoctorNotes {
  const object = () => health.getByName("whatsapp");
  return {
    note: (name) => object().note(name),
    keepNote: (name, text) => object().keepNote(name, text),
  };
}

/** What message first needs of the conversation with a user. */
function talkOf(conversation: Conversation, client: WhatsAppClient): Talk {
  return {
    async recordMessage(message) {
      const silently = { keyword: null, mayBeAnswered: false, hasWrongToken: false };
      return (await conversation.received({ ...message, ...silently })).looksAtTokens;
    },
    recordWrongToken: (message) => conversation.recordWrongToken(message),
    answer: (answer) => conversation.answer(answer),
    async askForNumber(userId, sender, text) {
      const attempt = await client.send(sender, contactRequestPayload(userId, text));
      if (
        attempt.kind === "error" &&
        (attempt.error.class === "retry" || attempt.error.class === "backoff")
      ) {
        throw new Unavailable("WhatsApp did not take the question for a number");
      }
    },
  };
}
