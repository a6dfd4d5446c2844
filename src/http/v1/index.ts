import type { SenderProfiles } from "../../channels/whatsapp/sender-profiles.ts";
import type { Sender } from "../../channels/whatsapp/senders.ts";
import type { SharedCircuits } from "../../channels/whatsapp/shared-circuits.ts";
import type { GuardLists } from "../../guard/destinations/lists.ts";
import type { AuditLog } from "../../journal/audit.ts";
import type { GuardLog } from "../../journal/guard-log.ts";
import type { Journal } from "../../journal/journal.ts";
import type { ApiKeys } from "../../keys/api-keys.ts";
import type { Apps } from "../../keys/apps.ts";
import type { IssuerConfig } from "../../keys/issuer/settings.ts";
import type { TokenIssuer } from "../../keys/issuer/token-issuer.ts";
import type { OAuthClients } from "../../keys/oauth-clients.ts";
import type { MessagePrices } from "../../messages/whatsapp-prices.ts";
import type { Batches } from "../../notifications/batches/batches.ts";
import type { Conversation } from "../../notifications/conversation.ts";
import type { Notifications } from "../../notifications/notifications.ts";
import type { Operator } from "../../operator/operator.ts";
import type { Policy } from "../../phone-number/policy.ts";
import type { Keyring } from "../../platform/keyring.ts";
import type { Doctor } from "../../setup/doctor.ts";
import type { Templates } from "../../templates/templates.ts";
import type { MessageFirst } from "../../verification/message-first/message-first.ts";
import type { Verifications } from "../../verification/verifications.ts";
import type { Webhooks } from "../../webhook-endpoints/webhooks.ts";
import { type Endpoint, type Handlers, pair } from "../endpoint.ts";
import { auditDefinitions, auditHandlers } from "./audit.ts";
import { doctorDefinitions, doctorHandlers } from "./doctor.ts";
import { decisionDefinitions, decisionHandlers } from "./guard/decisions.ts";
import { listDefinitions, listHandlers } from "./guard/lists.ts";
import { keyDefinitions, keyHandlers } from "./keys.ts";
import { batchDefinitions, batchHandlers } from "./notifications/batches.ts";
import {
  messageDefinitions,
  messageHandlers,
  notificationDefinitions,
  notificationHandlers,
} from "./notifications/send.ts";
import { onlyAtIssuer } from "./oauth/at-issuer.ts";
import { clientDefinitions, clientHandlers } from "./oauth/clients.ts";
import { signingKeyDefinitions, signingKeyHandlers } from "./oauth/keys.ts";
import { senderDefinitions, senderHandlers } from "./senders.ts";
import { statsDefinitions, statsHandlers } from "./stats.ts";
import { templateDefinitions, templateHandlers } from "./templates.ts";
import { verificationDefinitions, verificationHandlers } from "./verifications/index.ts";
import { Proofs } from "./verifications/proof.ts";
import { deliveryDefinitions, deliveryHandlers } from "./webhook-endpoints/deliveries.ts";
import { webhookEndpointDefinitions, webhookEndpointHandlers } from "./webhook-endpoints/endpoints.ts";

/** The services behind the API. */
export interface Services {
  readonly config: IssuerConfig & {
    readonly policies: ReadonlyMap<string, Policy>;
    readonly keyring: Keyring;
    readonly defaultLocale: string;
    readonly apps: Apps;
    readonly senders: readonly Sender[];
    readonly prices: MessagePrices;
  };
  readonly verifications: Verifications;
  readonly messageFirst: MessageFirst;
  readonly notifications: Notifications;
  readonly conversation: Conversation;
  readonly batches: Batches;
  readonly templates: Templates;
  readonly senderProfiles: SenderProfiles;
  readonly doctor: Doctor;
  readonly circuits: SharedCircuits;
  readonly journal: Journal;
  readonly guardLog: GuardLog;
  readonly audit: AuditLog;
  readonly guardLists: GuardLists;
  readonly operator: Operator;
  readonly webhooks: Webhooks;
  readonly keys: ApiKeys;
  readonly issuer: TokenIssuer;
  readonly oauthClients: OAuthClients;
}

/**
 * The definitions of every endpoint of version 1, in the order of its documentation.
 *
 * @param policies The deployment's purposes, which the description names.
 * @param allowLoopback In development only: webhook endpoints may be on this machine, over plain http.
 */
export function definitions(policies: ReadonlyMap<string, Policy>, allowLoopback: boolean) {
  return {
    ...verificationDefinitions(policies),
    ...notificationDefinitions,
    ...batchDefinitions,
    ...messageDefinitions,
    ...templateDefinitions,
    ...senderDefinitions,
    ...doctorDefinitions,
    ...statsDefinitions,
    ...decisionDefinitions,
    ...listDefinitions,
    ...webhookEndpointDefinitions(allowLoopback),
    ...deliveryDefinitions,
    ...keyDefinitions,
    ...clientDefinitions(policies),
    ...signingKeyDefinitions,
    ...auditDefinitions,
  };
}

/** Every endpoint of version 1 that this deployment has. */
export function endpoints(services: Services): readonly Endpoint[] {
  const { config, verifications, journal, webhooks, issuer } = services;
  const handlers: Handlers<typeof definitions> = {
    ...verificationHandlers(verifications, services.messageFirst, journal, new Proofs(issuer, config)),
    ...notificationHandlers(services.notifications),
    ...batchHandlers(services.batches),
    ...messageHandlers(services.conversation),
    ...templateHandlers(services.templates, config.defaultLocale),
    ...senderHandlers(services.senderProfiles, services.circuits, config.senders),
    ...doctorHandlers(services.doctor),
    ...statsHandlers(journal, config.apps, config.prices),
    ...decisionHandlers(services.guardLog, services.operator, config.apps),
    ...listHandlers(services.guardLists),
    ...webhookEndpointHandlers(webhooks, config.apps),
    ...deliveryHandlers(webhooks),
    ...keyHandlers(services.keys, config.apps),
    ...clientHandlers(services.oauthClients, config.apps),
    ...signingKeyHandlers(issuer),
    ...auditHandlers(services.audit),
  };
  return onlyAtIssuer(pair(definitions(config.policies, webhooks.allowLoopback), handlers), config);
}
