import { DurableObject } from "cloudflare:workers";
import type { BatchId } from "../../ids/batch-id.ts";
import { log } from "../../platform/log.ts";
import { assertKnownVersion, runAlarm } from "../../platform/record-version.ts";
import {
  type BatchSnapshot,
  type BatchState,
  endsAt,
  forgottenAt,
  isOpen,
  newBatch,
  nextDue,
  snapshotOf,
} from "./batch-state.ts";
import {
  cancel,
  enqueued,
  giveUp,
  nextPortion,
  pause,
  type Result,
  record,
  resume,
  silent,
  stillWanted,
  take,
} from "./decisions.ts";
import { Pages, type SealedRecipient } from "./pages.ts";
import { portions } from "./portions.ts";

/** A batch as it is handed in. */
export interface BatchOrder extends Pick<BatchState, "template" | "content" | "ahead"> {
  readonly recipients: readonly SealedRecipient[];
}

interface BatchRecord {
  readonly version: number;
  readonly state: BatchState;
  /** When the object's only alarm rings. */
  readonly alarmAt: number;
}

const RECORD = "record";
/** Raise it with a change that an older build must not read or overwrite. */
const RECORD_VERSION = 1;
const SOONEST_ALARM_MS = 1_000;

/**
 * The object of one batch: feeds the queue a little ahead of what is done, so that a pause finds next to
 * nothing there, and counts what becomes of its recipients. That nobody is written to twice is not decided
 * here but at each recipient's object, so whatever may have been lost is simply fed again.
 *
 * Rows written: recipients share pages of 25, and a step writes one record for all of those it concerns. The
 * fifty messages that the queue brings at a time cost one row when they are taken, one when they are done and
 * two or three for their pages: about a seventh of a row a recipient, where a row each with two changes were three.
 */
export class NotificationBatch extends DurableObject<Env> {
  readonly #pages = new Pages(this.ctx.storage.kv);
  #isFeeding = false;

  /** Takes a batch in; null when there is one already that was another caller's intention. */
  create({ recipients, ...order }: BatchOrder): BatchSnapshot | null {
    const former = this.#load();
    if (former !== null) return former.state.content === order.content ? snapshotOf(former.state) : null;
    this.#pages.write(recipients);
    this.#store(newBatch({ ...order, total: recipients.length }, Date.now()), null);
    this.ctx.waitUntil(this.#feed());
    return this.read();
  }

  /** Null where there is no such batch, as with the other calls. A look at an empty storage leaves nothing there. */
  read(): BatchSnapshot | null {
    const found = this.#load();
    return found && snapshotOf(found.state);
  }

  pause(): BatchSnapshot | null {
    this.#step(pause);
    return this.read();
  }

  resume(): BatchSnapshot | null {
    this.#step(resume);
    return this.read();
  }

  cancel(): BatchSnapshot | null {
    this.#step(cancel);
    return this.read();
  }

  /** Which of the recipients that the queue has brought may be written to, as it is now. */
  stillWanted(ordinals: readonly number[]): readonly number[] {
    const found = this.#load();
    return found === null ? [] : stillWanted(found.state, ordinals);
  }

  /** The same, and they are about to be. */
  take(ordinals: readonly number[]): readonly number[] {
    const going = this.stillWanted(ordinals);
    this.#step((state, now) => take(state, going, now));
    return going;
  }

  /** What became of those that were taken. */
  record(results: readonly Result[]): void {
    this.#step((state, now) => record(state, results, now));
  }

  /** Feeds what is waiting, feeds again what was lost, gives up after a week, and forgets a week after the end. */
  override alarm(): Promise<void> {
    return runAlarm(this.ctx.storage, () => this.#onAlarm());
  }

  async #onAlarm(): Promise<void> {
    const state = this.#load()?.state;
    if (state === undefined) return;
    const now = Date.now();
    if (now >= forgottenAt(state)) return this.ctx.storage.deleteAll();
    if (now >= endsAt(state)) this.#step(giveUp);
    else if (now >= nextDue(state)) await this.#lookForLost().catch(tellOf);
    await this.#feed();
    const current = this.#load();
    if (current !== null) this.#store(current.state, null);
  }

  async #lookForLost(): Promise<void> {
    const lineMs = await this.env.WHATSAPP_HEALTH.getByName("whatsapp").backlogMs();
    let again: readonly number[] = [];
    this.#step((current, now) => {
      if (now < current.overdueAt) return current;
      const decided = silent(current, lineMs, now);
      again = decided.again;
      return decided.state;
    });
    await this.#handOver(again);
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
    this.ctx.waitUntil(this.#feed());
  }

  /** Keeps the queue supplied. Whatever interrupts it, the alarm goes on. */
  async #feed(): Promise<void> {
    if (this.#isFeeding) return;
    this.#isFeeding = true;
    try {
      for (;;) {
        const current = this.#load();
        const ordinals = current === null ? [] : nextPortion(current.state);
        if (ordinals.length === 0) break;
        await this.#handOver(ordinals);
      }
    } catch (error) {
      tellOf(error);
    } finally {
      this.#isFeeding = false;
    }
  }

  /** Written down after the queue has them: a crash between feeds them twice rather than never. */
  async #handOver(ordinals: readonly number[]): Promise<void> {
    const id = this.ctx.id.name as BatchId;
    for (const portion of portions(this.#pages.read(ordinals))) {
      const jobs = portion.map(([ordinal, recipient]) => ({ ...recipient, batch: { id, ordinal } }));
      await this.env.NOTIFICATIONS.sendBatch(jobs.map((body) => ({ body })));
      const current = this.#load();
      if (current === null) return;
      const handedOver = portion.map(([ordinal]) => ordinal);
      this.#store(enqueued(current.state, handedOver, Date.now()), current.alarmAt);
    }
  }

  #load(): BatchRecord | null {
    const record = this.ctx.storage.kv.get<BatchRecord>(RECORD) ?? null;
    assertKnownVersion("batch", record?.version, RECORD_VERSION);
    return record;
  }

  /** The alarm is moved only when something is due sooner; one that rings too early looks and goes on. */
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

function tellOf(error: unknown): void {
  log("warn", "A batch could not be fed", { error: String(error) });
}
