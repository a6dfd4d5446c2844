import { DurableObject } from "cloudflare:workers";
import { type AppScope, covers } from "../../ids/app-name.ts";
import type { BatchId } from "../../ids/batch-id.ts";
import { KEY_LIFETIME_MS } from "../../ids/idempotency-key.ts";
import { chunksOf } from "../../platform/chunks.ts";
import { log } from "../../platform/log.ts";
import { placed } from "../../platform/placement.ts";
import { assertKnownVersion, runAlarm } from "../../platform/record-version.ts";
import {
  type BatchSnapshot,
  type BatchState,
  deletedAt,
  expiresAt,
  isOpen,
  newBatch,
  nextDue,
  snapshotOf,
} from "./batch-state.ts";
import {
  cancel,
  enqueued,
  expire,
  nextToEnqueue,
  pause,
  type Result,
  record,
  requeueAfterNoProgress,
  resume,
  sendable,
  take,
} from "./decisions.ts";
import { fromFormerBatch } from "./former-state.ts";
import { Pages, type SealedRecipient } from "./pages.ts";

/** The command that creates a batch. */
export interface NewBatchCommand extends Pick<BatchState, "app" | "template" | "content" | "ahead"> {
  readonly recipients: readonly SealedRecipient[];
}

export type BatchCreation =
  | { readonly kind: "created"; readonly batch: BatchSnapshot }
  /** The idempotency key was used for another request. */
  | { readonly kind: "idempotency_mismatch" }
  /** The batch is older than its idempotency key may be, so that the key means a new batch. */
  | { readonly kind: "key_expired" };

interface BatchRecord {
  /** Undefined in a record from before records had versions. */
  readonly version: number | undefined;
  readonly state: BatchState;
  /** When the object's only alarm runs. */
  readonly alarmAt: number;
}

const RECORD = "record";
/** Raise it with a change that an older build must not read or overwrite. */
const RECORD_VERSION = 2;
const SOONEST_ALARM_MS = 1_000;

/**
 * The object of one batch: keeps the queue supplied slightly ahead of the consumers, so that a pause finds
 * little there, and records each recipient's result. Contact objects prevent duplicate sends, so recipients
 * that may have been lost are simply enqueued again.
 *
 * Rows written: recipients are stored in pages of 25, and a step writes one record for all recipients it
 * changes. Fifty messages of a queue batch cost one row when taken, one when recorded, and two or three for
 * their pages: about a seventh of a row per recipient, where one row per recipient with two changes would
 * cost three.
 */
export class NotificationBatch extends DurableObject<Env> {
  readonly #pages = new Pages(this.ctx.storage.kv);
  #isEnqueuing = false;

  /** Creates the batch, or answers for the one with this id, which the same idempotency key has created. */
  create({ recipients, ...order }: NewBatchCommand): BatchCreation {
    const former = this.#load();
    if (former !== null) {
      const { state } = former;
      if (Date.now() >= state.createdAt + KEY_LIFETIME_MS) return { kind: "key_expired" };
      const isSame = state.content === order.content && state.app === order.app;
      return isSame ? { kind: "created", batch: snapshotOf(state) } : { kind: "idempotency_mismatch" };
    }
    this.#pages.write(recipients);
    const state = newBatch({ ...order, total: recipients.length }, Date.now());
    this.#store(state, null);
    this.ctx.waitUntil(this.#enqueueAhead());
    return { kind: "created", batch: snapshotOf(state) };
  }

  /** Null when there is no such batch, as in the other calls. Reading an unknown batch stores nothing. */
  read(scope: AppScope): BatchSnapshot | null {
    const found = this.#load();
    return found !== null && covers(scope, found.state.app) ? snapshotOf(found.state) : null;
  }

  pause(scope: AppScope): BatchSnapshot | null {
    return this.#change(scope, pause);
  }

  resume(scope: AppScope): BatchSnapshot | null {
    return this.#change(scope, resume);
  }

  cancel(scope: AppScope): BatchSnapshot | null {
    return this.#change(scope, cancel);
  }

  /** Which of these recipients may be sent now. */
  sendable(ordinals: readonly number[]): readonly number[] {
    const found = this.#load();
    return found === null ? [] : sendable(found.state, ordinals);
  }

  /** As {@link sendable}, and marks them as `sending`. */
  take(ordinals: readonly number[]): readonly number[] {
    const taken = this.sendable(ordinals);
    this.#step((state, now) => take(state, taken, now));
    return taken;
  }

  /** Records the results of taken recipients. */
  record(results: readonly Result[]): void {
    this.#step((state, now) => record(state, results, now));
  }

  /**
   * Enqueues waiting and lost recipients, expires the batch after a week, and deletes it a week after it
   * finished.
   */
  override alarm(): Promise<void> {
    return runAlarm(this.ctx.storage, () => this.#onAlarm());
  }

  async #onAlarm(): Promise<void> {
    const state = this.#load()?.state;
    if (state === undefined) return;
    const now = Date.now();
    if (now >= deletedAt(state)) return this.ctx.storage.deleteAll();
    if (now >= expiresAt(state)) this.#step(expire);
    else if (now >= nextDue(state)) await this.#requeueLost().catch(logEnqueueFailure);
    await this.#enqueueAhead();
    const current = this.#load();
    if (current !== null) this.#store(current.state, null);
  }

  async #requeueLost(): Promise<void> {
    const backlogMs = await placed(this.env).WHATSAPP_HEALTH.getByName("whatsapp").backlogMs();
    let lost: readonly number[] = [];
    this.#step((current, now) => {
      if (now < current.overdueAt) return current;
      const decided = requeueAfterNoProgress(current, backlogMs, now);
      lost = decided.lost;
      return decided.state;
    });
    await this.#enqueue(lost);
  }

  #change(scope: AppScope, decide: (state: BatchState, now: number) => BatchState): BatchSnapshot | null {
    if (this.read(scope) === null) return null;
    this.#step(decide);
    return this.read(scope);
  }

  #step(decide: (state: BatchState, now: number) => BatchState): void {
    const before = this.#load();
    if (before === null) return;
    const after = decide(before.state, Date.now());
    if (after === before.state) return;
    const { recipients: former } = before.state;
    const done = after.recipients.flatMap((recipient, ordinal) =>
      isOpen(former[ordinal]) && !isOpen(recipient) ? [ordinal] : [],
    );
    this.#pages.erase(done);
    this.#store(after, before.alarmAt);
    this.ctx.waitUntil(this.#enqueueAhead());
  }

  /** Keeps the queue supplied. After a failure the alarm retries. */
  async #enqueueAhead(): Promise<void> {
    if (this.#isEnqueuing) return;
    this.#isEnqueuing = true;
    try {
      for (;;) {
        const current = this.#load();
        const ordinals = current === null ? [] : nextToEnqueue(current.state);
        if (ordinals.length === 0) break;
        await this.#enqueue(ordinals);
      }
    } catch (error) {
      logEnqueueFailure(error);
    } finally {
      this.#isEnqueuing = false;
    }
  }

  /** Recorded after the queue has accepted them: a crash in between enqueues them twice rather than never. */
  async #enqueue(ordinals: readonly number[]): Promise<void> {
    const id = this.ctx.id.name as BatchId;
    const jobs = this.#pages
      .read(ordinals)
      .map(([ordinal, recipient]) => ({ ...recipient, batch: { id, ordinal } }));
    for (const chunk of chunksOf(jobs)) {
      await this.env.NOTIFICATIONS.sendBatch(chunk.map((body) => ({ body })));
      const current = this.#load();
      if (current === null) return;
      const ordinalsInQueue = chunk.map(({ batch }) => batch.ordinal);
      this.#store(enqueued(current.state, ordinalsInQueue, Date.now()), current.alarmAt);
    }
  }

  #load(): BatchRecord | null {
    const record = this.ctx.storage.kv.get<BatchRecord>(RECORD) ?? null;
    assertKnownVersion("batch", record?.version, RECORD_VERSION);
    const isFormer = record !== null && record.version !== RECORD_VERSION;
    return isFormer ? { ...record, state: fromFormerBatch(record.state, record.version) } : record;
  }

  /**
   * Stores the record. The alarm is only moved earlier, because setting one bills a row; an early alarm does
   * nothing and reschedules.
   */
  #store(state: BatchState, alarmAt: number | null): void {
    const due = Math.max(nextDue(state), Date.now() + SOONEST_ALARM_MS);
    const isSooner = alarmAt === null || due < alarmAt;
    this.ctx.storage.kv.put<BatchRecord>(RECORD, {
      version: RECORD_VERSION,
      state,
      alarmAt: isSooner ? due : alarmAt,
    });
    // Not awaited: the output gate holds every answer until this is durable too.
    if (isSooner) void this.ctx.storage.setAlarm(due);
  }
}

function logEnqueueFailure(error: unknown): void {
  log("warn", "Batch enqueue failed", { error: String(error) });
}
