import { DurableObject } from "cloudflare:workers";
import { cancel } from "./decisions/cancel.ts";
import { type CheckCommand, type CheckOutcome, check } from "./decisions/check.ts";
import { type DeliveryUpdate, recordUpdates, type SettleCommand, settle } from "./decisions/delivery.ts";
import type { SendAnswer } from "./decisions/idempotency.ts";
import { type ResendCommand, resend, type SendOutcome, type StartCommand, start } from "./decisions/send.ts";
import { advance, EMPTY, isForgotten, nextDue, type PhoneState } from "./phone-state.ts";
import { find, snapshotOf, type VerificationSnapshot } from "./snapshot.ts";
import type { VerificationId } from "./verification-id.ts";

const RECORD = "record";

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
  start(command: StartCommand): SendOutcome {
    return this.#step((state, now) => start(state, command, now));
  }

  resend(command: ResendCommand): SendOutcome {
    return this.#step((state, now) => resend(state, command, now));
  }

  settle(command: SettleCommand): SendAnswer | null {
    return this.#step((state, now) => settle(state, command, now));
  }

  check(command: CheckCommand): CheckOutcome {
    return this.#step((state, now) => check(state, command, now));
  }

  cancel(id: VerificationId): VerificationSnapshot | null {
    return this.#step((state, now) => cancel(state, id, now));
  }

  recordUpdates(updates: readonly DeliveryUpdate[]): void {
    this.#step((state, now) => ({ ...recordUpdates(state, updates, now), outcome: undefined }));
  }

  get(id: VerificationId): VerificationSnapshot | null {
    const found = find(advance(this.#load().state, Date.now()), id);
    return found === undefined ? null : snapshotOf(found);
  }

  /** Closes what has expired, forgets what is a day old, and in the end the number itself. */
  override async alarm(): Promise<void> {
    const state = advance(this.#load().state, Date.now());
    if (isForgotten(state)) await this.ctx.storage.deleteAll();
    else this.#store({ state, alarmAt: null });
  }

  #step<Outcome>(
    decide: (state: PhoneState, now: number) => { readonly state: PhoneState; readonly outcome: Outcome },
  ): Outcome {
    const record = this.#load();
    const { state, outcome } = decide(record.state, Date.now());
    if (state !== record.state) this.#store({ ...record, state });
    return outcome;
  }

  #load(): PhoneRecord {
    return this.ctx.storage.kv.get<PhoneRecord>(RECORD) ?? { state: EMPTY, alarmAt: null };
  }

  #store({ state, alarmAt }: PhoneRecord): void {
    const due = nextDue(state);
    const sooner = due !== null && (alarmAt === null || due < alarmAt);
    this.ctx.storage.kv.put<PhoneRecord>(RECORD, { state, alarmAt: sooner ? due : alarmAt });
    // Not awaited: the output gate holds every answer until this is durable too.
    if (sooner) void this.ctx.storage.setAlarm(due);
  }
}
