// Written by `npm run build:client` from the API description.

import { type Connection, segment } from "../connection.ts";
import { List } from "../list.ts";
import type { CallOptions, KeyedCallOptions } from "../options.ts";
import type {
  AcceptedNotificationBatch,
  AddGuardListEntry,
  ApiKey,
  AuditEntry,
  AuthenticationTemplate,
  CheckedVerification,
  CheckVerification,
  CheckVerificationByNumber,
  CreateApiKey,
  CreatedApiKey,
  CreatedOAuthClient,
  CreateNotificationBatch,
  CreateOAuthClient,
  CreateWebhookEndpoint,
  DeleteTemplateResult,
  EndpointWithSecret,
  Examination,
  ExamineDeploymentQuery,
  GuardDecision,
  GuardListEntry,
  ListAuditEntriesQuery,
  ListGuardDecisionsQuery,
  ListKeysQuery,
  ListOAuthClientsQuery,
  ListSendersQuery,
  ListTemplatesQuery,
  ListVerificationsQuery,
  ListWebhookDeliveriesQuery,
  ListWebhookEndpointsQuery,
  Notification,
  NotificationBatch,
  OAuthClient,
  OAuthClientWithSecret,
  PreviewTemplateQuery,
  PreviewTemplateResult,
  ReadStatsQuery,
  RepairDeployment,
  RepairedDeployment,
  ReplayFailed,
  ResendVerification,
  RotatedSigningKeys,
  RotateSigningKeys,
  Senders,
  SendMessage,
  SendNotification,
  SetUpTemplates,
  SetUpTemplatesResult,
  SigningKey,
  StartVerification,
  Stats,
  SyncTemplatesResult,
  Template,
  UnblockRange,
  UndoneBlock,
  UnlockNumber,
  UpdateOAuthClient,
  UpdateWebhookEndpoint,
  UtilityTemplate,
  Verification,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookReplay,
  WebhookTest,
} from "./types.ts";

/** The calls of `sandi.verifications`. */
export class VerificationsCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * List verifications. Newest first, a page at a time, from the journal: a verification is in it from a
   * few seconds after it has closed. There `to` is masked, and `provider_message_id` is null because
   * WhatsApp's contains the number. With `to` the list also has what is pending for that number, and a
   * page of a large journal looks back over ten days. A page may be short, even empty; only a `next` of
   * null says that it is the last. Needs the scope `verifications`.
   */
  list(query?: ListVerificationsQuery, options?: CallOptions): List<Verification> {
    return new List(
      (after) =>
        this.#connection.send(
          { method: "GET", path: "/v1/verifications", query: { ...query, after } },
          options,
        ),
      query?.after,
    );
  }

  /**
   * Start a verification. Sends a one-time code. When one is pending for the same number, purpose,
   * session and binding, its code is sent again, and its metadata stays as the first start said it. With
   * the method `message` nothing is sent: the answer has the message that the user is to send, the same
   * for a second start, and the verification is approved once it has come from their number. Needs the
   * scope `verifications`.
   */
  start(body: StartVerification, options?: KeyedCallOptions): Promise<Verification> {
    return this.#connection.send({ method: "POST", path: "/v1/verifications", body, keyed: true }, options);
  }

  /**
   * Check a code. 200 with the verification. `valid` is true once, for the right code with the right
   * binding in time; what was wrong otherwise is not said. A verification that was started with a session
   * is found only by a check that names the same one. Needs the scope `verifications`.
   */
  check(id: string, body: CheckVerification, options?: KeyedCallOptions): Promise<CheckedVerification> {
    return this.#connection.send(
      { method: "POST", path: `/v1/verifications/${segment(id)}/check`, body, keyed: true },
      options,
    );
  }

  /**
   * Check a code by number. For apps that keep no id: checks the pending verification of this number and
   * purpose, else the newest. Where there is none the answer is that of one that has expired. Needs the
   * scope `verifications`.
   */
  checkByNumber(body: CheckVerificationByNumber, options?: KeyedCallOptions): Promise<CheckedVerification> {
    return this.#connection.send(
      { method: "POST", path: "/v1/verifications/check", body, keyed: true },
      options,
    );
  }

  /** Read a verification. Finished ones can be read for 24 hours. Needs the scope `verifications`. */
  get(id: string, options?: CallOptions): Promise<Verification> {
    return this.#connection.send({ method: "GET", path: `/v1/verifications/${segment(id)}` }, options);
  }

  /**
   * Cancel a verification. Its code stops working at once. A verification that has already finished stays
   * as it is. Needs the scope `verifications`.
   */
  cancel(id: string, options?: CallOptions): Promise<Verification> {
    return this.#connection.send({ method: "DELETE", path: `/v1/verifications/${segment(id)}` }, options);
  }

  /**
   * Send again. Sends a pending verification's code again, over the same channel or another of the
   * policy's. It is held to the guard's limits of its start; the `client` and the `limits` that it names
   * replace those. Needs the scope `verifications`.
   */
  resend(id: string, body?: ResendVerification, options?: KeyedCallOptions): Promise<Verification> {
    return this.#connection.send(
      { method: "POST", path: `/v1/verifications/${segment(id)}/resend`, body, keyed: true },
      options,
    );
  }

  /**
   * Approve a verification. For a caller that brought the code and has checked it itself. The
   * verification is closed and counts as approved; the number's failures in a row stay, which only a
   * right code checked here resets. A verification that has already finished stays as it is. Needs the
   * scope `verifications`.
   */
  approve(id: string, options?: CallOptions): Promise<Verification> {
    return this.#connection.send(
      { method: "POST", path: `/v1/verifications/${segment(id)}/approve` },
      options,
    );
  }
}

/** The calls of `sandi.notifications`. */
export class NotificationsCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Send a notification. Checks the parameters, then sends the template in the user's language. A
   * recipient who wants no messages gets none: the notification is `failed` with `opted_out`. Needs the
   * scope `notifications`.
   */
  send(body: SendNotification, options?: KeyedCallOptions): Promise<Notification> {
    return this.#connection.send({ method: "POST", path: "/v1/notifications", body, keyed: true }, options);
  }

  /**
   * Read a notification. Can be read for seven days after its last change. One of a batch is there once
   * it has been tried. Needs the scope `notifications`.
   */
  get(id: string, options?: CallOptions): Promise<Notification> {
    return this.#connection.send({ method: "GET", path: `/v1/notifications/${segment(id)}` }, options);
  }
}

/** The calls of `sandi.notificationBatches`. */
export class NotificationBatchesCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Send one template to many. Checks everything first, and sends nothing if anything is wrong with a
   * recipient; of many faults the first 100 are named. Then sends at three quarters of the senders' rate,
   * so that codes find room. A number may be in it once. What could not be sent within seven days is
   * canceled. Needs the scope `notifications`.
   */
  create(body: CreateNotificationBatch, options?: KeyedCallOptions): Promise<AcceptedNotificationBatch> {
    return this.#connection.send(
      { method: "POST", path: "/v1/notifications/batches", body, keyed: true },
      options,
    );
  }

  /** Read a batch's progress. Until seven days after it has finished. Needs the scope `notifications`. */
  get(id: string, options?: CallOptions): Promise<NotificationBatch> {
    return this.#connection.send(
      { method: "GET", path: `/v1/notifications/batches/${segment(id)}` },
      options,
    );
  }

  /**
   * Hold a batch. What is on its way goes out; the rest waits, for seven days at most. Needs the scope
   * `notifications`.
   */
  pause(id: string, options?: CallOptions): Promise<NotificationBatch> {
    return this.#connection.send(
      { method: "POST", path: `/v1/notifications/batches/${segment(id)}/pause` },
      options,
    );
  }

  /** Go on with a batch. A batch that was not paused stays as it is. Needs the scope `notifications`. */
  resume(id: string, options?: CallOptions): Promise<NotificationBatch> {
    return this.#connection.send(
      { method: "POST", path: `/v1/notifications/batches/${segment(id)}/resume` },
      options,
    );
  }

  /**
   * End a batch. What is on its way goes out, and nothing else. A finished batch stays as it is. Needs
   * the scope `notifications`.
   */
  cancel(id: string, options?: CallOptions): Promise<NotificationBatch> {
    return this.#connection.send(
      { method: "POST", path: `/v1/notifications/batches/${segment(id)}/cancel` },
      options,
    );
  }
}

/** The calls of `sandi.messages`. */
export class MessagesCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Answer a user. Sends a text of any content within 24 hours of the user's last message. It is sent at
   * once and not tried again. Needs the scope `notifications`.
   */
  send(body: SendMessage, options?: KeyedCallOptions): Promise<Notification> {
    return this.#connection.send({ method: "POST", path: "/v1/messages", body, keyed: true }, options);
  }
}

/** The calls of `sandi.templates`. */
export class TemplatesCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** List templates. By name, as of the last sync and webhook. Needs the scope `templates`. */
  list(query?: ListTemplatesQuery, options?: CallOptions): List<Template> {
    return new List(
      (after) =>
        this.#connection.send({ method: "GET", path: "/v1/templates", query: { ...query, after } }, options),
      query?.after,
    );
  }

  /** Pull templates from WhatsApp. As happens once a day by itself. Needs the scope `templates`. */
  sync(options?: CallOptions): Promise<SyncTemplatesResult> {
    return this.#connection.send({ method: "POST", path: "/v1/templates/sync" }, options);
  }

  /**
   * Create the starter set. Templates for codes and for what else a business has to say:
   * verification_code, login_code, signup_code, recovery_code, transaction_code, payment_confirmation,
   * appointment_reminder, shipping_update, suspicious_activity. Harmless to repeat. Needs the scope
   * `templates`.
   */
  setUp(body: SetUpTemplates, options?: CallOptions): Promise<SetUpTemplatesResult> {
    return this.#connection.send({ method: "POST", path: "/v1/templates/setup", body }, options);
  }

  /**
   * Read a template. In all its languages. Only those that are APPROVED are sent. Needs the scope
   * `templates`.
   */
  get(name: string, options?: CallOptions): Promise<Template> {
    return this.#connection.send({ method: "GET", path: `/v1/templates/${segment(name)}` }, options);
  }

  /**
   * Create or update a template. At WhatsApp, in each language of the body; others stay. What says the
   * same already is left alone, so that a call that failed in one language can be repeated. Needs the
   * scope `templates`.
   */
  put(
    name: string,
    body: AuthenticationTemplate | UtilityTemplate,
    options?: CallOptions,
  ): Promise<Template> {
    return this.#connection.send({ method: "PUT", path: `/v1/templates/${segment(name)}`, body }, options);
  }

  /**
   * Delete a template. At WhatsApp and here, in all its languages. If it was approved, WhatsApp does not
   * accept its name for 30 days. Create its successor under another name. Needs the scope `templates`.
   */
  delete(name: string, options?: CallOptions): Promise<DeleteTemplateResult> {
    return this.#connection.send({ method: "DELETE", path: `/v1/templates/${segment(name)}` }, options);
  }

  /**
   * Preview a template. As the user will see it, in the language that suits the locale best: with
   * examples, or in WhatsApp's own words. Needs the scope `templates`.
   */
  preview(name: string, query?: PreviewTemplateQuery, options?: CallOptions): Promise<PreviewTemplateResult> {
    return this.#connection.send(
      { method: "GET", path: `/v1/templates/${segment(name)}/preview`, query },
      options,
    );
  }
}

/** The calls of `sandi.senders`. */
export class SendersCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * List the WhatsApp numbers that send. What Meta says of each: an hour old at most, and asked anew
   * after a webhook about a number or the account. While Meta does not answer, the former answer is
   * returned, with its time. Needs the scope `admin`.
   */
  list(query?: ListSendersQuery, options?: CallOptions): Promise<Senders> {
    return this.#connection.send({ method: "GET", path: "/v1/senders", query }, options);
  }
}

/** The calls of `sandi.doctor`. */
export class DoctorCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Examine the deployment. Asks Meta about the token, the app, the account, the number, its webhooks and
   * templates, and compares the answers with the settings and with what the deployment has seen. It
   * answers within five seconds; what Meta has not said by then is `unknown`. The answer is a minute old
   * at most. Needs the scope `admin`.
   */
  examine(query?: ExamineDeploymentQuery, options?: CallOptions): Promise<Examination> {
    return this.#connection.send({ method: "GET", path: "/v1/doctor", query }, options);
  }

  /**
   * Repair what the doctor found. For checks whose `repair.by` is `doctor`. It examines first, does
   * nothing where there is no fault, and can be repeated. What another project or person has set
   * (`webhook.url`, `number.pin`) changes only with `take_over`. A number that is registered gets a new
   * two-step PIN, which is shown this once. Needs the scope `admin`.
   */
  repair(body: RepairDeployment, options?: CallOptions): Promise<RepairedDeployment> {
    return this.#connection.send({ method: "POST", path: "/v1/doctor/repairs", body }, options);
  }
}

/** The calls of `sandi.stats`. */
export class StatsCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Read statistics. How many verifications were started, sent, delivered, read and approved, how long
   * users took and what it cost, over at most 731 days. Verifications count from when they close, at the
   * time of their start. Needs the scope `reports`.
   */
  read(query?: ReadStatsQuery, options?: CallOptions): Promise<Stats> {
    return this.#connection.send({ method: "GET", path: "/v1/stats", query }, options);
  }
}

/** The calls of `sandi.guard`. */
export class GuardCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * List what the guard refused. Newest first: every refusal and every send that would have been refused,
   * with its figures. Needs the scope `reports`.
   */
  listDecisions(query?: ListGuardDecisionsQuery, options?: CallOptions): List<GuardDecision> {
    return new List(
      (after) =>
        this.#connection.send(
          { method: "GET", path: "/v1/guard/decisions", query: { ...query, after } },
          options,
        ),
      query?.after,
    );
  }

  /**
   * Open a blocked range or network. A range by its digits or by any number in it; a network of users by
   * the tag that a decision names, or by an address in it. Needs the scope `admin`.
   */
  unblock(body: UnblockRange, options?: CallOptions): Promise<UndoneBlock> {
    return this.#connection.send({ method: "POST", path: "/v1/guard/unblock", body }, options);
  }

  /**
   * Unlock a number. Wrong codes in a row, its owner's denials and a changed phone count no more. Needs
   * the scope `admin`.
   */
  unlock(body: UnlockNumber, options?: CallOptions): Promise<UndoneBlock> {
    return this.#connection.send({ method: "POST", path: "/v1/guard/unlock", body }, options);
  }

  /**
   * Read a list. `block` gets no codes; `safe` gets them even if a rule would refuse. All entries, 1000
   * at most. Needs the scope `admin`.
   */
  listEntries(name: string, options?: CallOptions): List<GuardListEntry> {
    return new List(() =>
      this.#connection.send({ method: "GET", path: `/v1/guard/lists/${segment(name)}` }, options),
    );
  }

  /** Add to a list. A number or a prefix. It holds everywhere within two minutes. Needs the scope `admin`. */
  addEntry(name: string, body: AddGuardListEntry, options?: CallOptions): Promise<GuardListEntry> {
    return this.#connection.send({ method: "POST", path: `/v1/guard/lists/${segment(name)}`, body }, options);
  }

  /**
   * Remove from a list. By the entry's id. It is gone everywhere within two minutes. Needs the scope
   * `admin`.
   */
  removeEntry(name: string, id: string, options?: CallOptions): Promise<void> {
    return this.#connection.send(
      { method: "DELETE", path: `/v1/guard/lists/${segment(name)}/${segment(id)}` },
      options,
    );
  }
}

/** The calls of `sandi.webhookEndpoints`. */
export class WebhookEndpointsCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * List webhook endpoints. Those of the caller's app on one page, oldest first, without their secrets. A
   * key with the scope `admin` gets those of every app, or of the one that it names. Needs the scope
   * `webhooks`.
   */
  list(query?: ListWebhookEndpointsQuery, options?: CallOptions): List<WebhookEndpoint> {
    return new List(() =>
      this.#connection.send({ method: "GET", path: "/v1/webhook-endpoints", query }, options),
    );
  }

  /**
   * Register a webhook endpoint. From then on it gets events by POST, as `{ type, timestamp, data }`,
   * signed by Standard Webhooks with the secret in this answer, which can never be read again. It has 15
   * seconds to answer 2xx; redirects are not followed. An event may come twice and out of order: its
   * `webhook-id` stays the same. Until every isolate knows of a new endpoint, five minutes may pass. With
   * `batch` it gets several events in one request, and those of one phone number in order. Needs the
   * scope `webhooks`.
   */
  create(body: CreateWebhookEndpoint, options?: KeyedCallOptions): Promise<EndpointWithSecret> {
    return this.#connection.send(
      { method: "POST", path: "/v1/webhook-endpoints", body, keyed: true },
      options,
    );
  }

  /** Read a webhook endpoint. Without its secret. Needs the scope `webhooks`. */
  get(id: string, options?: CallOptions): Promise<WebhookEndpoint> {
    return this.#connection.send({ method: "GET", path: `/v1/webhook-endpoints/${segment(id)}` }, options);
  }

  /**
   * Change a webhook endpoint. What the body does not name stays. Disabled, it gets nothing, and what is
   * due meanwhile is given up; enabled again, it gets what happens from then on, and the rest by replay.
   * Needs the scope `webhooks`.
   */
  update(id: string, body: UpdateWebhookEndpoint, options?: CallOptions): Promise<WebhookEndpoint> {
    return this.#connection.send(
      { method: "PATCH", path: `/v1/webhook-endpoints/${segment(id)}`, body },
      options,
    );
  }

  /** Delete a webhook endpoint. What is still on its way to it is given up. Needs the scope `webhooks`. */
  delete(id: string, options?: CallOptions): Promise<void> {
    return this.#connection.send({ method: "DELETE", path: `/v1/webhook-endpoints/${segment(id)}` }, options);
  }

  /**
   * Replace the secret. The new secret is in this answer and can never be read again. For 24 hours
   * everything is signed with both the new secret and the one before it; a second rotation ends the
   * oldest at once. Needs the scope `webhooks`.
   */
  rotate(id: string, options?: CallOptions): Promise<EndpointWithSecret> {
    return this.#connection.send(
      { method: "POST", path: `/v1/webhook-endpoints/${segment(id)}/rotate` },
      options,
    );
  }

  /**
   * Send a test event. Sends `{ "type": "endpoint.test", "timestamp": "…", "data": { "endpoint_id": "…" }
   * }` now, signed like every event, also to a disabled endpoint, and answers what came back. Nothing is
   * retried or kept. Needs the scope `webhooks`.
   */
  test(id: string, options?: CallOptions): Promise<WebhookTest> {
    return this.#connection.send(
      { method: "POST", path: `/v1/webhook-endpoints/${segment(id)}/test` },
      options,
    );
  }

  /**
   * List an endpoint's deliveries. Newest first, a page at a time: delivered ones for seven days, failed
   * ones as long as the journal keeps anything. Needs the scope `webhooks`.
   */
  listDeliveries(
    id: string,
    query?: ListWebhookDeliveriesQuery,
    options?: CallOptions,
  ): List<WebhookDelivery> {
    return new List(
      (after) =>
        this.#connection.send(
          {
            method: "GET",
            path: `/v1/webhook-endpoints/${segment(id)}/deliveries`,
            query: { ...query, after },
          },
          options,
        ),
      query?.after,
    );
  }

  /**
   * Deliver once more. Sends an event again, under its own `webhook-id` and with all its attempts to
   * come, whether it was delivered or given up. The endpoint has to be enabled. Needs the scope
   * `webhooks`.
   */
  replayDelivery(id: string, delivery: string, options?: CallOptions): Promise<WebhookDelivery> {
    return this.#connection.send(
      { method: "POST", path: `/v1/webhook-endpoints/${segment(id)}/deliveries/${segment(delivery)}/replay` },
      options,
    );
  }

  /**
   * Deliver once more what has failed. Sends again what has been given up and was created since a time,
   * oldest first and at most 1,000 events a call and the rest of a batch, each under its own
   * `webhook-id`. A repeated call replays none twice, because what is on its way has not failed. The
   * endpoint has to be enabled. Needs the scope `webhooks`.
   */
  replayFailed(id: string, body: ReplayFailed, options?: CallOptions): Promise<WebhookReplay> {
    return this.#connection.send(
      { method: "POST", path: `/v1/webhook-endpoints/${segment(id)}/replay`, body },
      options,
    );
  }
}

/** The calls of `sandi.keys`. */
export class KeysCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** List API keys. Without their secrets, a page at a time. Needs the scope `admin`. */
  list(query?: ListKeysQuery, options?: CallOptions): List<ApiKey> {
    return new List(
      (after) =>
        this.#connection.send({ method: "GET", path: "/v1/keys", query: { ...query, after } }, options),
      query?.after,
    );
  }

  /**
   * Create an API key. The key is in this answer and can never be read again: only its digest is stored.
   * Needs the scope `admin`.
   */
  create(body: CreateApiKey, options?: CallOptions): Promise<CreatedApiKey> {
    return this.#connection.send({ method: "POST", path: "/v1/keys", body }, options);
  }

  /** Revoke an API key. It stops working everywhere within two minutes. Needs the scope `admin`. */
  revoke(id: string, options?: CallOptions): Promise<void> {
    return this.#connection.send({ method: "DELETE", path: `/v1/keys/${segment(id)}` }, options);
  }
}

/** The calls of `sandi.oauthClients`. */
export class OauthClientsCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * List clients. Without their secrets, a page at a time; those of every app, or of the one that the
   * query names. Where it names one, a page may have fewer clients than its limit while others follow.
   * Needs the scope `admin`.
   */
  list(query?: ListOAuthClientsQuery, options?: CallOptions): List<OAuthClient> {
    return new List(
      (after) =>
        this.#connection.send(
          { method: "GET", path: "/v1/oauth/clients", query: { ...query, after } },
          options,
        ),
      query?.after,
    );
  }

  /**
   * Register a client. An app or service whose users sign in by OpenID Connect. Its secret is in this
   * answer and can never be read again. `app` and `subject_type` cannot be changed later. Needs the scope
   * `admin`.
   */
  create(body: CreateOAuthClient, options?: CallOptions): Promise<CreatedOAuthClient> {
    return this.#connection.send({ method: "POST", path: "/v1/oauth/clients", body }, options);
  }

  /** Read a client. Without its secret. Needs the scope `admin`. */
  get(id: string, options?: CallOptions): Promise<OAuthClient> {
    return this.#connection.send({ method: "GET", path: `/v1/oauth/clients/${segment(id)}` }, options);
  }

  /**
   * Change a client. What the body does not name stays. A client with a secret cannot become one without,
   * nor the reverse. Needs the scope `admin`.
   */
  update(id: string, body: UpdateOAuthClient, options?: CallOptions): Promise<OAuthClient> {
    return this.#connection.send(
      { method: "PATCH", path: `/v1/oauth/clients/${segment(id)}`, body },
      options,
    );
  }

  /** Delete a client. It stops working everywhere within two minutes. Needs the scope `admin`. */
  delete(id: string, options?: CallOptions): Promise<void> {
    return this.#connection.send({ method: "DELETE", path: `/v1/oauth/clients/${segment(id)}` }, options);
  }

  /**
   * Replace a client's secret. The new secret is in this answer and can never be read again. The one
   * before it is accepted for 24 hours more; a second rotation ends the oldest at once. Needs the scope
   * `admin`.
   */
  rotate(id: string, options?: CallOptions): Promise<OAuthClientWithSecret> {
    return this.#connection.send(
      { method: "POST", path: `/v1/oauth/clients/${segment(id)}/rotate` },
      options,
    );
  }
}

/** The calls of `sandi.signingKeys`. */
export class SigningKeysCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * List the signing keys. On one page; of each algorithm the newest first. Their public halves are at
   * `/.well-known/jwks.json`. Needs the scope `admin`.
   */
  list(options?: CallOptions): List<SigningKey> {
    return new List(() => this.#connection.send({ method: "GET", path: "/v1/oauth/keys" }, options));
  }

  /**
   * Rotate the signing keys. Publishes the next key of each algorithm, which signs a day later; the
   * former one stays published for a day more. A rotation that has begun goes on as it is. With
   * `compromised`, every key is withdrawn at once and new ones sign: tokens of the withdrawn keys are no
   * longer valid, and for 20 minutes some locations may still use the old keys. Keys are rotated every 90
   * days without a call. Needs the scope `admin`.
   */
  rotate(body?: RotateSigningKeys, options?: CallOptions): Promise<RotatedSigningKeys> {
    return this.#connection.send({ method: "POST", path: "/v1/oauth/keys/rotate", body }, options);
  }
}

/** The calls of `sandi.audit`. */
export class AuditCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * List who did what. Every administrative write, newest first: who, what, why, when, and what came of
   * it. Needs the scope `admin`.
   */
  list(query?: ListAuditEntriesQuery, options?: CallOptions): List<AuditEntry> {
    return new List(
      (after) =>
        this.#connection.send({ method: "GET", path: "/v1/audit", query: { ...query, after } }, options),
      query?.after,
    );
  }
}

/** Every call of the API. */
export class Calls {
  readonly verifications: VerificationsCalls;
  readonly notifications: NotificationsCalls;
  readonly notificationBatches: NotificationBatchesCalls;
  readonly messages: MessagesCalls;
  readonly templates: TemplatesCalls;
  readonly senders: SendersCalls;
  readonly doctor: DoctorCalls;
  readonly stats: StatsCalls;
  readonly guard: GuardCalls;
  readonly webhookEndpoints: WebhookEndpointsCalls;
  readonly keys: KeysCalls;
  readonly oauthClients: OauthClientsCalls;
  readonly signingKeys: SigningKeysCalls;
  readonly audit: AuditCalls;

  constructor(connection: Connection) {
    this.verifications = new VerificationsCalls(connection);
    this.notifications = new NotificationsCalls(connection);
    this.notificationBatches = new NotificationBatchesCalls(connection);
    this.messages = new MessagesCalls(connection);
    this.templates = new TemplatesCalls(connection);
    this.senders = new SendersCalls(connection);
    this.doctor = new DoctorCalls(connection);
    this.stats = new StatsCalls(connection);
    this.guard = new GuardCalls(connection);
    this.webhookEndpoints = new WebhookEndpointsCalls(connection);
    this.keys = new KeysCalls(connection);
    this.oauthClients = new OauthClientsCalls(connection);
    this.signingKeys = new SigningKeysCalls(connection);
    this.audit = new AuditCalls(connection);
  }
}
