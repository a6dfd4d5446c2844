import { DurableObject } from "cloudflare:workers";
import { log } from "../log.ts";
import { cancel } from "./decisions/cancel.ts";
import { type CheckCommand, type CheckOutcome, check } from "./decisions/check.ts";
import { type DeliveryUpdate, recordUpdates, type SettleCommand, settle } from "./decisions/delivery.ts";
import { deny } from "./decisions/deny.ts";
import {
  type ClaimOutcome,
  claim,
  fallBackWhereSilent,
  lookAgain,
  withoutDoneJobs,
} from "./decisions/fallback.ts";
import type { SendAnswer } from "./decisions/idempotency.ts";
import { type ResendCommand, resend, type SendOutcome, type StartCommand, start } from "./decisions/send.ts";
import type { SendOrder } from "./decisions/send-order.ts";
import { withEvents } from "./events.ts";
import {
  advance,
  EMPTY,
  isForgotten,
  nextDue,
  type OutboxItem,
  type PhoneState,
  type SendJob,
} from "./phone-state.ts";
import { find, snapshotOf, type VerificationSnapshot } from "./snapshot.ts";
import type { VerificationId } from "./verification-id.ts";

const RECORD = "record";

/** How long an object that found a queue down waits before it tries again. */
const QUEUE_RETRY_MS = 15_000;

const SOONEST_ALARM_MS = 1_000;

/** The one stored value. One key, so that a step writes one row. */
interface PhoneRecord {
  readonly state: PhoneState;
  /** When the object's only alarm rings, so that a step need not ask; null when none is set. */
  readonly alarmAt: number | null;
}

/**
 * The object that owns one phone number. Each call is one synchronous step (load, decide, store), so
 * nothing can come between a read and its write; the platform holds every answer until the write is
 * durable. What is decided stands in `decisions/`, free of clock and storage.
 */
export class PhoneNumber extends DurableObject<Env> {
  /** What the queues have, or are just being given; forgotten with the object's memory, and then given again. */
  readonly #handedOver = new Set<string>();

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

  deny(providerMessageId: string | null): void {
    this.#step((state, now) => deny(state, providerMessageId, now));
  }

  recordUpdates(updates: readonly DeliveryUpdate[]): void {
    this.#step((state, now) => ({ ...recordUpdates(state, updates, now), outcome: undefined }));
  }

  get(id: VerificationId): VerificationSnapshot | null {
    const found = find(advance(this.#load().state, Date.now()), id);
    return found === undefined ? null : snapshotOf(found);
  }

  /** Everything the object still knows: what is pending, and what closed within the last day. */
  list(): readonly VerificationSnapshot[] {
    return advance(this.#load().state, Date.now()).verifications.map(snapshotOf);
  }

  /** Falls back, closes what has expired, forgets what is a day old, and in the end the number itself. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    const { state: before } = this.#load();
    const decided = withEvents(before, withoutDoneJobs(fallBackWhereSilent(before, now)), now);
    const { state, overdue } = lookAgain(decided, now);
    for (const job of overdue) this.#handedOver.delete(keyOf(job));
    if (isForgotten(state)) return this.ctx.storage.deleteAll();
    this.#store({ state, alarmAt: null });
    await this.#handOver(state.outbox);
    // Events that a queue's outage had left were the last thing to keep the record for.
    if (isForgotten(this.#load().state)) await this.ctx.storage.deleteAll();
  }

  #step<Outcome>(
    decide: (state: PhoneState, now: number) => { readonly state: PhoneState; readonly outcome: Outcome },
  ): Outcome {
    const record = this.#load();
    const now = Date.now();
    const { state: decided, outcome } = decide(record.state, now);
    const state = withEvents(
      record.state,
      decided === record.state ? decided : withoutDoneJobs(decided),
      now,
    );
    if (state !== record.state) this.#store({ ...record, state });
    this.ctx.waitUntil(this.#handOver(state.outbox));
    return outcome;
  }

  /**
   * Gives what a decision wants done to the queues, after the step and without holding up its answer. An
   * event leaves the record once its queue has it, a job when its message has gone out; until then both are
   * as durable as the decision, and the next call or the alarm tries again.
   */
  async #handOver(outbox: readonly OutboxItem[]): Promise<void> {
    const items = outbox.filter((item) => !this.#handedOver.has(keyOf(item)));
    if (items.length === 0) return;
    const keys = new Set(items.map(keyOf));
    for (const key of keys) this.#handedOver.add(key);
    try {
      await this.#enqueue(items);
      const record = this.#load();
      const left = record.state.outbox.filter((item) => item.kind === "send" || !keys.has(keyOf(item)));
      if (left.length === record.state.outbox.length) return;
      this.#store({ ...record, state: { ...record.state, outbox: left } });
    } catch (error) {
      for (const key of keys) this.#handedOver.delete(key);
      log("warn", "The queue did not take over", { count: items.length, error: String(error) });
      this.#store(this.#load(), Date.now() + QUEUE_RETRY_MS);
    }
  }

  async #enqueue(items: readonly OutboxItem[]): Promise<void> {
    const now = Date.now();
    const jobs = items.filter((item) => item.kind === "send");
    const events = items.filter((item) => item.kind === "verification");
    const delay = (job: SendJob) => Math.max(0, Math.ceil((job.notBefore - now) / 1000));
    await Promise.all([
      jobs.length > 0 &&
        this.env.SENDS.sendBatch(jobs.map((job) => ({ body: job, delaySeconds: delay(job) }))),
      events.length > 0 && this.env.EVENTS.sendBatch(events.map((event) => ({ body: event }))),
    ]);
  }

  #load(): PhoneRecord {
    return this.ctx.storage.kv.get<PhoneRecord>(RECORD) ?? { state: EMPTY, alarmAt: null };
  }

  /** `wakeAt` is when to look again for a reason that the record does not show. */
  #store({ state, alarmAt }: PhoneRecord, wakeAt = Number.POSITIVE_INFINITY): void {
    // What is overdue already was tried just now; a queue that is down is not to be hammered.
    const next = nextDue(state);
    const due = Math.min(wakeAt, next === null ? wakeAt : Math.max(next, Date.now() + SOONEST_ALARM_MS));
    const sooner = due < (alarmAt ?? Number.POSITIVE_INFINITY);
    this.ctx.storage.kv.put<PhoneRecord>(RECORD, { state, alarmAt: sooner ? due : alarmAt });
    // Not awaited: the output gate holds every answer until this is durable too.
    if (sooner) void this.ctx.storage.setAlarm(due);
  }
}

/** An item's name, the same however often it is handed over. */
function keyOf(item: OutboxItem): string {
  return item.kind === "send" ? `${item.id}.${item.ordinal}` : item.id;
}
