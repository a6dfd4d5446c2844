import type { NotificationStatus, StatusUpdate } from "../channels/channel.ts";
import { type NotificationId, newNotificationId, recipientOf } from "../ids/notification-id.ts";
import { namesOf } from "../ids/phone-number-name.ts";
import type { E164 } from "../numbering/e164.ts";
import type { Fault } from "../platform/problem.ts";
import type { TemplateStore } from "../templates/store.ts";
import type { AcceptOutcome } from "./accept.ts";
import { openContent, type WordingRequest, wordingOf } from "./content.ts";
import {
  type JobOutcome,
  type NotificationJob,
  type NotificationSnapshot,
  UNREADABLE,
  WINDOW_CLOSED,
} from "./notification.ts";
import { Courier, type CourierDependencies } from "./notification-sender.ts";

/** What an app asks for; everything in it has been validated but the words. */
export interface NotificationRequest extends WordingRequest {
  readonly metadata: Readonly<Record<string, string>>;
}

export type SendOutcome = AcceptOutcome | { readonly kind: "faults"; readonly faults: readonly Fault[] };

interface Dependencies extends CourierDependencies {
  readonly templates: TemplateStore;
  readonly defaultLocale: string;
}

/** The use cases of notifications. */
export class Notifications {
  readonly #deps: Dependencies;
  readonly #courier: Courier;

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
    this.#courier = new Courier(dependencies);
  }

  /** Takes a notification on. It is durable with the answer, and the queue sends it. */
  async send({ metadata, ...request }: NotificationRequest): Promise<SendOutcome> {
    const { keyring, templates, defaultLocale } = this.#deps;
    const says = await wordingOf(request, templates, defaultLocale);
    if (says.kind === "faults") return says;
    const [name] = namesOf(keyring, request.to);
    const content = { to: request.to, says, metadata };
    const command = await this.#courier.commandFor(newNotificationId(name), content);
    return this.#courier.contact(name).accept(command);
  }

  /** Reads a notification; null when there is none, or nothing has happened to it for seven days. */
  async get(id: NotificationId): Promise<NotificationSnapshot | null> {
    return this.#courier.contact(recipientOf(id)).get(id);
  }

  /** Sends what a job carries, once, however often the job comes. */
  async carryOut(job: NotificationJob): Promise<JobOutcome> {
    const content = openContent(this.#deps.keyring, job);
    if (content === null) return { kind: "failed", error: UNREADABLE };
    const carried = await this.#courier.carry(job, content, false);
    if (carried.kind === "tried") return carried.settled.outcome;
    return carried.claim.kind === "closed" ? { kind: "failed", error: WINDOW_CLOSED } : carried.claim;
  }

  /**
   * Takes in status updates of notifications, those of one recipient in one call to its object. One promise a
   * recipient, rejected when its updates were not stored.
   */
  recordUpdates(statuses: readonly NotificationStatus[]): readonly Promise<void>[] {
    const updates = statuses.map(({ update }) => update);
    const byName = Map.groupBy(updates, ({ notification }) => notification && recipientOf(notification));
    return [...byName].map(async ([name, list]) => {
      if (name !== null) await this.#courier.contact(name).recordUpdates(list);
    });
  }

  /**
   * Takes in updates that name nothing of ours but a recipient's number. Answers those that are about no
   * notification.
   */
  async recordUnreferenced(to: E164, updates: readonly StatusUpdate[]): Promise<readonly StatusUpdate[]> {
    const [name] = namesOf(this.#deps.keyring, to);
    const bare = updates.map(({ update: { message: _, ...news } }) => ({ notification: null, ...news }));
    const unknown = await this.#courier.contact(name).recordUpdates(bare);
    return updates.filter(({ update }) => unknown.includes(update.providerMessageId));
  }
}
