import { DurableObject } from "cloudflare:workers";
import type { VerificationId } from "../ids/verification-id.ts";
import type { DeliveryUpdate, PricedMessage } from "../messages/delivery-update.ts";
import { sendAll } from "../platform/chunks.ts";
import { DurableRecord } from "../platform/durable-record.ts";
import type { SendAnswer, SendOrder } from "./answers.ts";
import { cancel } from "./decisions/cancel.ts";
import { type CheckCommand, type CheckOutcome, check } from "./decisions/check.ts";
import { recordUpdates, type SettleCommand, settle } from "./decisions/delivery.ts";
import { type DenyCommand, type DenyOutcome, deny } from "./decisions/deny.ts";
import {
  type ClaimOutcome,
  claim,
  fallBackWhereSilent,
  lookAgain,
  withoutDoneJobs,
} from "./decisions/fallback.ts";
import { type ResendCommand, resend, type SendOutcome, type StartCommand, start } from "./decisions/send.ts";
import { unlock } from "./decisions/unlock.ts";
import type { VerificationEvent } from "./event.ts";
import { withEvents } from "./events.ts";
import {
  advance,
  EMPTY,
  find,
  isForgotten,
  nextDue,
  type OutboxItem,
  type PhoneState,
} from "./phone-state.ts";
import type { SendJob } from "./send-job.ts";
import { snapshotOf, type VerificationSnapshot } from "./snapshot.ts";

/**
 * The object that owns one phone number. Each call is one synchronous step (load, decide, store), so
 * nothing can come between a read and its write; the platform holds every answer until the write is
 * durable. What is decided stands in `decisions/`, free of clock and storage.
 */
export abstract class PhoneNumber extends DurableObject<Env> {
  readonly #record = new DurableRecord<PhoneState, OutboxItem>(this.ctx, {
    empty: EMPTY,
    isForgotten,
    nextDue,
    keyOf,
    isJob: ({ kind }) => kind === "send",
    enqueue: (items) => this.#enqueue(items),
    confirmation: {
      isConfirmable: (item) => item.kind === "verification" && this.isConfirmable(item),
      findConfirmed: (items) => this.findConfirmed(items.filter((item) => item.kind === "verification")),
    },
  });

  /** Whether the consumer of events can later be asked if this one has arrived. */
  protected abstract isConfirmable(event: VerificationEvent): boolean;

  /** The ids of those events that have arrived. Rejects when the consumer cannot say. */
  protected abstract findConfirmed(events: readonly VerificationEvent[]): Promise<ReadonlySet<string>>;

  start(command: StartCommand): SendOutcome {
    return this.#step((state, now) => start(state, command, now));
  }

  resend(command: ResendCommand): SendOutcome {
    return this.#step((state, now) => resend(state, command, now));
  }

  settle(command: SettleCommand): SendAnswer | SendOrder | null {
    return this.#step((state, now) => settle(state, command, now));
  }

  claim(job: { readonly id: VerificationId; readonly ordinal: number }): ClaimOutcome["outcome"] {
    return this.#step((state, now) => claim(state, job, now));
  }

  check(command: CheckCommand): CheckOutcome {
    return this.#step((state, now) => check(state, command, now));
  }

  cancel(id: VerificationId): VerificationSnapshot | null {
    return this.#step((state, now) => cancel(state, id, now));
  }

  deny(command: DenyCommand): DenyOutcome {
    return this.#step((state, now) => deny(state, command, now));
  }

  /** An operator's word: wrong codes and denials of the past count no more. True where there were any. */
  unlock(): boolean {
    return this.#step((state, now) => unlock(state, now));
  }

  recordUpdates(updates: readonly DeliveryUpdate[]): readonly PricedMessage[] {
    return this.#step((state, now) => recordUpdates(state, updates, now));
  }

  get(id: VerificationId): VerificationSnapshot | null {
    const found = find(advance(this.#record.state, Date.now()), id);
    return found === undefined ? null : snapshotOf(found);
  }

  /** Everything the object still knows: what is pending, and what closed within the last day. */
  list(): readonly VerificationSnapshot[] {
    return advance(this.#record.state, Date.now()).verifications.map(snapshotOf);
  }

  /** Falls back, closes what has expired, forgets what is a day old, and in the end the number itself. */
  override alarm(): Promise<void> {
    return this.#record.onAlarm((state, now) =>
      lookAgain(withEvents(state, withoutDoneJobs(fallBackWhereSilent(state, now)), now), now),
    );
  }

  #step<Outcome>(
    decide: (state: PhoneState, now: number) => { readonly state: PhoneState; readonly outcome: Outcome },
  ): Outcome {
    return this.#record.step((state, now) => {
      const { state: decided, outcome } = decide(state, now);
      const tidied = decided === state ? decided : withoutDoneJobs(decided);
      return { state: withEvents(state, tidied, now), outcome };
    });
  }

  async #enqueue(items: readonly OutboxItem[]): Promise<void> {
    const now = Date.now();
    const jobs = items.filter((item) => item.kind === "send");
    const events = items.filter((item) => item.kind === "verification");
    const delay = (job: SendJob) => Math.max(0, Math.ceil((job.notBefore - now) / 1000));
    await Promise.all([
      jobs.length > 0 &&
        this.env.SENDS.sendBatch(jobs.map((job) => ({ body: job, delaySeconds: delay(job) }))),
      sendAll(this.env.EVENTS, events),
    ]);
  }
}

/** An item's name, the same however often it is handed over. */
function keyOf(item: OutboxItem): string {
  return item.kind === "send" ? `${item.id}.${item.ordinal}` : item.id;
}
