import type { NotificationStatus, StatusUpdate } from "../channels/channel.ts";
import type { AppName, AppScope } from "../ids/app-name.ts";
import { type IdempotencyKey, requestOf } from "../ids/idempotency-key.ts";
import { type NotificationId, newNotificationId, recipientOf } from "../ids/notification-id.ts";
import { namesOf } from "../ids/phone-number-name.ts";
import type { FailedMessage } from "../messages/delivery-update.ts";
import type { E164 } from "../numbering/e164.ts";
import type { Fault } from "../platform/problem.ts";
import type { TemplateStore } from "../templates/store.ts";
import type { AcceptOutcome } from "./accept.ts";
import { composeFromTemplate, openContent, type TemplateRequest } from "./content.ts";
import {
  type JobOutcome,
  type NotificationJob,
  type NotificationSnapshot,
  UNREADABLE,
  WINDOW_CLOSED,
} from "./notification.ts";
import { NotificationSender, type NotificationSenderDependencies } from "./notification-sender.ts";

/** A request by an app, validated except for template and parameters. */
export interface NotificationRequest extends TemplateRequest {
  readonly app: AppName;
  readonly metadata: Readonly<Record<string, string>>;
}

export type SendOutcome = AcceptOutcome | { readonly kind: "faults"; readonly faults: readonly Fault[] };

interface Dependencies extends NotificationSenderDependencies {
  readonly templates: TemplateStore;
  readonly defaultLocale: string;
}

interface UnreferencedReport {
  readonly unknown: readonly StatusUpdate[];
  readonly failed: readonly FailedMessage[];
}

/** The use cases of notifications. */
export class Notifications {
  readonly #deps: Dependencies;
  readonly #sender: NotificationSender;

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
    this.#sender = new NotificationSender(dependencies);
  }

  /** Accepts a notification. It is stored and queued when this resolves. */
  async send(
    { app, metadata, ...request }: NotificationRequest,
    key: IdempotencyKey | null,
  ): Promise<SendOutcome> {
    const { keyring, templates, defaultLocale } = this.#deps;
    const message = await composeFromTemplate(request, templates, defaultLocale);
    if (message.kind === "faults") return message;
    const [name] = namesOf(keyring, request.to);
    const content = { app, to: request.to, message, metadata };
    const command = await this.#sender.toAcceptCommand(
      newNotificationId(name),
      content,
      requestOf(keyring, key),
    );
    return this.#sender.accept(command);
  }

  /** Reads a notification; null when it is unknown, another app's, or has not changed for seven days. */
  async get(id: NotificationId, scope: AppScope): Promise<NotificationSnapshot | null> {
    return this.#sender.contact(recipientOf(id)).get(id, scope);
  }

  /** Sends a job's notification once, however often the job is delivered. */
  async sendJob(job: NotificationJob): Promise<JobOutcome> {
    const content = openContent(this.#deps.keyring, job);
    if (content === null) return { kind: "failed", error: UNREADABLE };
    const attempt = await this.#sender.send(job, content, false);
    if (attempt.kind === "attempted") return attempt.settled.outcome;
    const { claim } = attempt;
    switch (claim.kind) {
      case "closed":
        return { kind: "failed", error: WINDOW_CLOSED };
      case "replayed":
      case "idempotency_mismatch":
      case "idempotency_in_progress":
        throw new Error("A job has no idempotency key");
      default:
        return claim;
    }
  }

  /**
   * Records status updates, with one call per contact object. Returns one promise per recipient: of the
   * notifications that failed; it rejects when the updates were not stored.
   */
  recordUpdates(statuses: readonly NotificationStatus[]): readonly Promise<readonly FailedMessage[]>[] {
    const updates = statuses.map(({ update }) => update);
    const byName = Map.groupBy(updates, ({ notification }) => notification && recipientOf(notification));
    return [...byName].map(async ([name, list]) => {
      return name === null ? [] : (await this.#sender.contact(name).recordUpdates(list)).failed;
    });
  }

  /**
   * Records status updates that name no message of ours, only a recipient. Returns those that match no
   * notification, and the notifications that failed.
   */
  async recordUnreferenced(to: E164, updates: readonly StatusUpdate[]): Promise<UnreferencedReport> {
    const [name] = namesOf(this.#deps.keyring, to);
    const unreferenced = updates.map(({ update: { message: _, ...update } }) => ({
      notification: null,
      ...update,
    }));
    const own = await this.#sender.contact(name).recordUpdates(unreferenced);
    const other =
      own.moved === null
        ? { unknown: own.unknown, failed: [] }
        : await this.#sender
            .contact(own.moved.name)
            .recordUpdates(
              unreferenced.filter(({ providerMessageId }) => own.unknown.includes(providerMessageId)),
            );
    const unknown = updates.filter(({ update }) => other.unknown.includes(update.providerMessageId));
    return { unknown, failed: [...own.failed, ...other.failed] };
  }
}
