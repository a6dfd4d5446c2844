import { DurableObject } from "cloudflare:workers";
import type { NotificationUpdate } from "../channels/channel.ts";
import { type AppScope, covers } from "../ids/app-name.ts";
import type { NotificationId } from "../ids/notification-id.ts";
import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import { type Moved, validPointer, withPointer, withUse } from "../phone-number/pointer.ts";
import { sendAll } from "../platform/chunks.ts";
import { DurableRecord } from "../platform/durable-record.ts";
import {
  type AcceptCommand,
  type AcceptOutcome,
  accept,
  type Draft,
  type ReceivedCommand,
  receive,
} from "./accept.ts";
import { isSameConsent, withConsent } from "./consent.ts";
import {
  advance,
  CONTACT_STATE_VERSION,
  type ConsentState,
  type ContactState,
  EMPTY_CONTACT,
  find,
  isForgotten,
  nextDue,
  type OutboxItem,
  snapshotOf,
  withWrongToken,
} from "./contact-state.ts";
import {
  type ClaimOutcome,
  claim,
  recordUpdates,
  type SettleCommand,
  type Settled,
  settle,
  type UpdateReport,
} from "./delivery.ts";
import { fromFormerContact } from "./former-state.ts";
import type { NotificationSnapshot } from "./notification.ts";
import { dropFinishedJobs, retryJobs, withEvents } from "./outbox.ts";

/**
 * The object of one recipient: notifications sent to them, their consent, and their 24-hour window. Like a
 * number's object it decides in synchronous steps; the decisions are in accept.ts, consent.ts and
 * delivery.ts.
 */
export class Contact extends DurableObject<Env> {
  readonly #record = new DurableRecord<ContactState, OutboxItem>(this.ctx, {
    kind: "contact",
    version: CONTACT_STATE_VERSION,
    empty: EMPTY_CONTACT,
    upgrade: fromFormerContact,
    isForgotten,
    nextDue,
    keyOf: (item) => (item.kind === "job" ? item.job.id : item.id),
    isJob: ({ kind }) => kind === "job",
    enqueue: (items) => this.#enqueue(items),
  });

  /** @param knowsConsent The command has the consent of the person's other number. So has that of {@link claim}. */
  accept(command: AcceptCommand, knowsConsent = false): AcceptOutcome | Moved {
    return (knowsConsent ? null : this.#moved()) ?? this.#step((state, now) => accept(state, command, now));
  }

  claim(draft: Draft, knowsConsent = false): ClaimOutcome | Moved {
    return (knowsConsent ? null : this.#moved()) ?? this.#step((state, now) => claim(state, draft, now));
  }

  settle(command: SettleCommand): Settled {
    return this.#step((state, now) => settle(state, command, now));
  }

  /** `moved` names the object that may know the unknown messages. */
  recordUpdates(updates: readonly NotificationUpdate[]): UpdateReport & { readonly moved: Moved | null } {
    const report = this.#step((state, now) => recordUpdates(state, updates, now));
    return { ...report, moved: report.unknown.length > 0 ? this.#moved() : null };
  }

  /** Records a user's message; says whether a token in it is worth a look. */
  received(command: ReceivedCommand, isMoved = false): Moved | Received {
    const moved = isMoved ? null : this.#moved();
    return moved ?? this.#step((state, now) => receive(state, command, now));
  }

  /** Counts a message whose token proved nothing. */
  recordWrongToken(messageId: string, isMoved = false): Moved | null {
    const moved = isMoved ? null : this.#moved();
    if (moved === null) {
      this.#step((state, now) => ({
        state: withWrongToken(advance(state, now), messageId, now),
        outcome: undefined,
      }));
    }
    return moved;
  }

  /** Adds what the person chose under their other number. */
  join(consent: ConsentState): void {
    this.#step((state, now) => ({ state: withConsent(state, consent, now), outcome: undefined }));
  }

  /**
   * Records that the person of this number is dialled by another, whose object has that name and has joined this
   * consent, which moves there. False, and nothing is recorded, when the consent has changed in the meantime.
   */
  pointTo(name: PhoneNumberName, joined: ConsentState): boolean {
    return this.#step((before, now) => {
      const state = advance(before, now);
      if (!isSameConsent(state.consent, joined)) return { state, outcome: false };
      const { consent } = EMPTY_CONTACT;
      const isEmpty = isSameConsent(state.consent, consent);
      const pointed = withPointer(state, name, now);
      return { state: isEmpty ? pointed : { ...pointed, consent }, outcome: true };
    });
  }

  /** The name of the object that a pointer of this one names; null without one. */
  pointer(): PhoneNumberName | null {
    return validPointer(this.#record.state.pointer, Date.now())?.name ?? null;
  }

  get(id: NotificationId, scope: AppScope): NotificationSnapshot | null {
    const found = find(advance(this.#record.state, Date.now()), id);
    return found === undefined || !covers(scope, found.app) ? null : snapshotOf(found);
  }

  consent(): ConsentState {
    return advance(this.#record.state, Date.now()).consent;
  }

  /** Expires and removes notifications, and queues unclaimed jobs again. */
  override alarm(): Promise<void> {
    return this.#record.onAlarm((state, now) => retryJobs(withOutbox(state, advance(state, now), now), now));
  }

  #moved(): Moved | null {
    return this.#step((state, now) => {
      const pointer = validPointer(state.pointer, now);
      if (pointer === null) return { state, outcome: null };
      return { state: withUse(state, now), outcome: { kind: "moved", name: pointer.name } };
    });
  }

  #step<Outcome>(
    decide: (state: ContactState, now: number) => { readonly state: ContactState; readonly outcome: Outcome },
  ): Outcome {
    return this.#record.step((state, now) => {
      const { state: decided, outcome } = decide(state, now);
      return { state: withOutbox(state, decided, now), outcome };
    });
  }

  async #enqueue(items: readonly OutboxItem[]): Promise<void> {
    const jobs = items.flatMap((item) => (item.kind === "job" ? item.job : []));
    const events = items.filter((item) => item.kind === "notification");
    await Promise.all([sendAll(this.env.NOTIFICATIONS, jobs), sendAll(this.env.EVENTS, events)]);
  }
}

/** What is known of a user who has just written. */
export interface Received {
  /** False for a user who has sent too many wrong tokens lately. */
  readonly looksAtTokens: boolean;
}

function withOutbox(before: ContactState, decided: ContactState, now: number): ContactState {
  return decided === before ? decided : withEvents(before, dropFinishedJobs(decided), now);
}
