import { DurableObject } from "cloudflare:workers";
import { type AppScope, covers } from "../ids/app-name.ts";
import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import type { VerificationId } from "../ids/verification-id.ts";
import type { DeliveryUpdate } from "../messages/delivery-update.ts";
import { sendAll } from "../platform/chunks.ts";
import { DurableRecord } from "../platform/durable-record.ts";
import type { SendAnswer, SendOrder } from "./answers.ts";
import { bounded } from "./bounded.ts";
import { approve, cancel, type DenyCommand, type DenyOutcome, deny } from "./decisions/cancel.ts";
import { type CheckCommand, type CheckOutcome, check } from "./decisions/check.ts";
import { recordUpdates, type SettleCommand, settle, type UpdateReport } from "./decisions/delivery.ts";
import { type ClaimOutcome, claim, fallBackOverdue } from "./decisions/fallback.ts";
import { historyOf, joinHistory, type NumberHistory } from "./decisions/join.ts";
import { unlock } from "./decisions/limits.ts";
import { type OpenLinkCommand, type OpenLinkOutcome, openLink } from "./decisions/open-link.ts";
import {
  type DisownCommand,
  disown,
  endBegunBefore,
  type ProveCommand,
  type ProveOutcome,
  prove,
} from "./decisions/prove.ts";
import { introduce, type RedeemCommand, type RedeemOutcome, redeem } from "./decisions/redeem.ts";
import { type ResendCommand, resend, type SendOutcome, type StartCommand, start } from "./decisions/send.ts";
import type { VerificationEvent } from "./event.ts";
import { fromFormerState } from "./former-state.ts";
import { eventsOf, repeatOverdueJobs, withEvents, withoutDoneJobs } from "./outbox.ts";
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
import { type Moved, validPointer, withPointer, withUse } from "./pointer.ts";
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
    enqueue: (items, repeated) => this.#enqueue(items, repeated),
    confirmation: {
      isConfirmable: (item) => this.#eventsOf([item]).some((event) => this.isConfirmable(event)),
      findConfirmed: (items) => this.findConfirmed(this.#eventsOf(items)),
    },
  });

  /** Whether {@link findConfirmed} can tell if this event has arrived. */
  protected abstract isConfirmable(event: VerificationEvent): boolean;

  /** The ids of the events that have arrived. Rejects when that cannot be determined. */
  protected abstract findConfirmed(events: readonly VerificationEvent[]): Promise<ReadonlySet<string>>;

  /** @param isMoved The object of the person's other number has named this one. */
  start(command: StartCommand, isMoved = false): SendOutcome | Moved {
    return this.#step<SendOutcome | Moved>((state, now) => {
      const isHere = isMoved || isLockedFor(state, command.purpose, now);
      return (isHere ? null : movedTo(state, now)) ?? start(state, command, now);
    });
  }

  /**
   * Begins a verification that the user proves by a message. `isMoved` as for {@link start}; an object that has no number
   * yet has no pointer either.
   */
  openLink(command: OpenLinkCommand, isMoved = false): OpenLinkOutcome | Moved {
    return this.#step<OpenLinkOutcome | Moved>(
      (state, now) => (isMoved ? null : movedTo(state, now)) ?? openLink(state, command, now),
    );
  }

  /** A message with a verification's token has come. */
  prove(command: ProveCommand): ProveOutcome {
    return this.#step((state, now) => prove(state, command, now));
  }

  /** The owner of the phone disowns what their message has approved. */
  disown(command: DisownCommand): DenyOutcome {
    return this.#step((state, now) => disown(state, command, now));
  }

  /** Ends what was begun by a time, in milliseconds since the epoch: the user has another number now. */
  endBegunBefore(at: number): void {
    this.#step((state, now) => endBegunBefore(state, at, now));
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

  check(command: CheckCommand): CheckOutcome | Moved {
    return this.#step<CheckOutcome | Moved>((state, now) => {
      const checked = check(state, command, now);
      const isUnknown = checked.outcome.kind === "not_found" && !("id" in command.which);
      return (isUnknown ? movedTo(checked.state, now) : null) ?? checked;
    });
  }

  cancel(id: VerificationId, scope: AppScope): VerificationSnapshot | null {
    return this.#step((state, now) => cancel(state, id, scope, now));
  }

  /** Approves a pending verification whose code the caller has checked itself. */
  approve(id: VerificationId, scope: AppScope): VerificationSnapshot | null {
    return this.#step((state, now) => approve(state, id, scope, now));
  }

  /** Redeems an approval for a token: the first time only, and a second attempt ends what the first one got. */
  redeem(command: RedeemCommand): RedeemOutcome {
    return this.#step((state, now) => redeem(state, command, now));
  }

  /** Reads a verification whose approval was redeemed once; null where it was not, or was asked for again. */
  introduce(id: VerificationId, scope: AppScope): RedeemOutcome {
    return introduce(advance(this.#record.state, Date.now()), id, scope);
  }

  deny(command: DenyCommand): DenyOutcome | Moved {
    return this.#step<DenyOutcome | Moved>((state, now) => {
      const denied = deny(state, command, now);
      return (denied.outcome === null ? movedTo(denied.state, now) : null) ?? denied;
    });
  }

  /**
   * Records that the person of this number is dialled by another, whose object has that name. Returns what that object
   * has to join; null where a pointer was there already.
   */
  pointTo(name: PhoneNumberName): NumberHistory | null {
    return this.#step<NumberHistory | null>((before, now) => {
      const state = advance(before, now);
      const isNew = validPointer(state.pointer, now) === null;
      return { state: withPointer(state, name, now), outcome: isNew ? historyOf(state) : null };
    });
  }

  /** What counts on the number's person. */
  history(): NumberHistory {
    return historyOf(advance(this.#record.state, Date.now()));
  }

  /** Takes in what was recorded under another number of the same person. */
  join(history: NumberHistory): void {
    this.#step((state, now) => joinHistory(state, history, now));
  }

  /** The name of the object that a pointer of this one names; null without one. */
  pointer(): PhoneNumberName | null {
    return validPointer(this.#record.state.pointer, Date.now())?.name ?? null;
  }

  /** Clears failures, locks, blocks, denials and the windows of sends for an operator. False when there were none. */
  unlock(rules: Pick<NumberRules, "limits">): boolean {
    return this.#step((state, now) => unlock(state, rules, now));
  }

  recordUpdates(updates: readonly DeliveryUpdate[]): UpdateReport & { readonly moved: MovedUpdates | null } {
    return this.#step((state, now) => {
      const { state: recorded, outcome } = recordUpdates(state, updates, now);
      const unknown = updates.filter(
        ({ message, providerMessageId }) => message === null && !knows(recorded, providerMessageId),
      );
      const moved = unknown.length > 0 ? movedTo(recorded, now) : null;
      return {
        state: moved?.state ?? recorded,
        outcome: { ...outcome, moved: moved && { name: moved.outcome.name, updates: unknown } },
      };
    });
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
      repeatOverdueJobs(bounded(withEvents(state, withoutDoneJobs(fallBackOverdue(state, now)), now)), now),
    );
  }

  #step<Outcome>(
    decide: (state: PhoneState, now: number) => { readonly state: PhoneState; readonly outcome: Outcome },
  ): Outcome {
    return this.#record.step((state, now) => {
      const { state: decided, outcome } = decide(state, now);
      const pruned = decided === state ? decided : withoutDoneJobs(decided);
      return { state: pruned === state ? state : bounded(withEvents(state, pruned, now)), outcome };
    });
  }

  #eventsOf(items: readonly OutboxItem[]): readonly VerificationEvent[] {
    return eventsOf(this.#record.state, items);
  }

  async #enqueue(items: readonly OutboxItem[], repeated: ReadonlySet<string>): Promise<void> {
    const now = Date.now();
    const jobs = items.filter((item) => item.kind === "send");
    const events = this.#eventsOf(items).map((event) =>
      repeated.has(event.id) ? { ...event, isRepeat: true } : event,
    );
    const delay = (job: SendJob) => Math.max(0, Math.ceil((job.notBefore - now) / 1000));
    await Promise.all([
      jobs.length > 0 &&
        this.env.SENDS.sendBatch(jobs.map((job) => ({ body: job, delaySeconds: delay(job) }))),
      sendAll(this.env.EVENTS, events),
    ]);
  }
}

/** Updates without callback data about messages that another object may know. */
interface MovedUpdates {
  readonly name: PhoneNumberName;
  readonly updates: readonly DeliveryUpdate[];
}

/** Follows the object's pointer; null where it has none. */
function movedTo(
  state: PhoneState,
  now: number,
): { readonly state: PhoneState; readonly outcome: Moved } | null {
  const pointer = validPointer(state.pointer, now);
  return pointer && { state: withUse(state, now), outcome: { kind: "moved", name: pointer.name } };
}

/** A lock or block that this object has holds until it ends, although the person is in another object. */
function isLockedFor({ lockedUntil, purposeFailures }: PhoneState, purpose: string, now: number): boolean {
  return (
    lockedUntil > now ||
    purposeFailures.some((failures) => failures.purpose === purpose && failures.blockedUntil > now)
  );
}

function knows({ verifications }: PhoneState, providerMessageId: string): boolean {
  return verifications.some(({ messages }) =>
    messages.some((message) => message.providerMessageId === providerMessageId),
  );
}

/** The item's key, the same however often it is handed over. */
function keyOf(item: OutboxItem): string {
  return item.kind === "send" ? `${item.id}.${item.ordinal}` : item.id;
}
