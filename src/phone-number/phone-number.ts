import { DurableObject } from "cloudflare:workers";
import { type AppScope, covers } from "../ids/app-name.ts";
import type { VerificationId } from "../ids/verification-id.ts";
import type { DeliveryUpdate } from "../messages/delivery-update.ts";
import { sendAll } from "../platform/chunks.ts";
import { DurableRecord } from "../platform/durable-record.ts";
import type { SendAnswer, SendOrder } from "./answers.ts";
import { cancel, type DenyCommand, type DenyOutcome, deny } from "./decisions/cancel.ts";
import { type CheckCommand, type CheckOutcome, check } from "./decisions/check.ts";
import { recordUpdates, type SettleCommand, settle, type UpdateReport } from "./decisions/delivery.ts";
import { type ClaimOutcome, claim, fallBackOverdue } from "./decisions/fallback.ts";
import { unlock } from "./decisions/limits.ts";
import { type ResendCommand, resend, type SendOutcome, type StartCommand, start } from "./decisions/send.ts";
import type { VerificationEvent } from "./event.ts";
import { fromFormerState } from "./former-state.ts";
import { repeatOverdueJobs, withEvents, withoutDoneJobs } from "./outbox.ts";
import {
  advance,
  EMPTY,
  findOwn,
  isForgotten,
  nextDue,
  type OutboxItem,
  PHONE_STATE_VERSION,
  type PhoneState,
  type SendJob,
} from "./phone-state.ts";
import type { NumberRules } from "./policy.ts";
import { type OpenedVerification, openedOf, snapshotOf, type VerificationSnapshot } from "./snapshot.ts";

/**
 * The object that owns one phone number. Each call is one synchronous step (load, decide, store), so nothing
 * can come between a read and its write; the platform holds every answer until the write is durable. The
 * decisions are in `decisions/`, pure functions without clock or storage.
 */
export abstract class PhoneNumber extends DurableObject<Env> {
  readonly #record = new DurableRecord<PhoneState, OutboxItem>(this.ctx, {
    kind: "phone number",
    version: PHONE_STATE_VERSION,
    empty: EMPTY,
    upgrade: fromFormerState,
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

  /** Whether {@link findConfirmed} can tell if this event has arrived. */
  protected abstract isConfirmable(event: VerificationEvent): boolean;

  /** The ids of the events that have arrived. Rejects when that cannot be determined. */
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

  claim(job: Pick<SendJob, "id" | "ordinal">): ClaimOutcome["outcome"] {
    return this.#step((state, now) => claim(state, job, now));
  }

  check(command: CheckCommand): CheckOutcome {
    return this.#step((state, now) => check(state, command, now));
  }

  cancel(id: VerificationId, scope: AppScope): VerificationSnapshot | null {
    return this.#step((state, now) => cancel(state, id, scope, now));
  }

  deny(command: DenyCommand): DenyOutcome {
    return this.#step((state, now) => deny(state, command, now));
  }

  /** Clears failures, locks, blocks, denials and the windows of sends for an operator. False when there were none. */
  unlock(rules: Pick<NumberRules, "limits">): boolean {
    return this.#step((state, now) => unlock(state, rules, now));
  }

  recordUpdates(updates: readonly DeliveryUpdate[]): UpdateReport {
    return this.#step((state, now) => recordUpdates(state, updates, now));
  }

  get(id: VerificationId, scope: AppScope): VerificationSnapshot | null {
    return this.open(id, scope)?.verification ?? null;
  }

  /** Reads a verification with what sending it again needs. */
  open(id: VerificationId, scope: AppScope): OpenedVerification | null {
    const found = findOwn(advance(this.#record.state, Date.now()), id, scope);
    return found === undefined ? null : openedOf(found);
  }

  /** The verifications that are pending, or closed within the last day. */
  list(scope: AppScope): readonly VerificationSnapshot[] {
    const { verifications } = advance(this.#record.state, Date.now());
    return verifications.filter(({ app }) => covers(scope, app)).map(snapshotOf);
  }

  /** Falls back, closes what has expired, forgets what is a day old, and at the end the number itself. */
  override alarm(): Promise<void> {
    return this.#record.onAlarm((state, now) =>
      repeatOverdueJobs(withEvents(state, withoutDoneJobs(fallBackOverdue(state, now)), now), now),
    );
  }

  #step<Outcome>(
    decide: (state: PhoneState, now: number) => { readonly state: PhoneState; readonly outcome: Outcome },
  ): Outcome {
    return this.#record.step((state, now) => {
      const { state: decided, outcome } = decide(state, now);
      const pruned = decided === state ? decided : withoutDoneJobs(decided);
      return { state: withEvents(state, pruned, now), outcome };
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

/** The item's key, the same however often it is handed over. */
function keyOf(item: OutboxItem): string {
  return item.kind === "send" ? `${item.id}.${item.ordinal}` : item.id;
}
