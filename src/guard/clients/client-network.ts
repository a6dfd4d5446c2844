import { DurableObject } from "cloudflare:workers";
import { assertKnownVersion, runAlarm } from "../../platform/record-version.ts";
import { DAY_MS } from "../../platform/time.ts";
import {
  approve,
  deny,
  EMPTY,
  type NetworkBlock,
  type NetworkState,
  noteWrongNumbers,
  type SprayStatus,
  unblock,
} from "./network-state.ts";

const KEY = "network";
/** Raise it with a change that an older build must not read or overwrite. */
const RECORD_VERSION = 1;

/** A block lasts for at most a day, and its length is remembered for another. */
const FORGET_AFTER_MS = 2 * DAY_MS;

/** The one stored value. While it exists an alarm is set, at `forgetAt` or earlier. */
interface NetworkRecord extends NetworkState {
  readonly version: number;
  readonly forgetAt: number;
}

/**
 * The object of one network of users: approvals, denials, and numbers with wrong codes. Its name is a keyed tag. It is
 * called for some approvals, and otherwise only when something is wrong.
 */
export class ClientNetwork extends DurableObject<Env> {
  /** Counts approved codes. */
  approve(count: number): void {
    this.#write(approve(this.#read(), count, Date.now()));
  }

  /** Counts a denial; returns the block that it begins or that has begun. */
  deny(): NetworkBlock | null {
    const { state, block } = deny(this.#read(), Date.now());
    this.#write(state);
    return block;
  }

  /** Counts numbers for which a wrong code was checked. */
  noteWrongNumbers(names: readonly string[], numbers: number): SprayStatus {
    const { state, status } = noteWrongNumbers(this.#read(), names, numbers, Date.now());
    this.#write(state);
    return status;
  }

  /** Ends a block for an operator; false when there was nothing to clear. */
  unblock(): boolean {
    const state = this.#read();
    const hasNothing =
      state.denials.length === 0 && state.wrongNumbers.length === 0 && state.blockedUntil === 0;
    if (!hasNothing) this.#write(unblock(state));
    return !hasNothing;
  }

  override alarm(): Promise<void> {
    return runAlarm(this.ctx.storage, async () => {
      const { forgetAt = 0 } = this.#stored() ?? {};
      if (Date.now() < forgetAt) return this.ctx.storage.setAlarm(forgetAt);
      return this.ctx.storage.deleteAll();
    });
  }

  #stored(): NetworkRecord | undefined {
    const record = this.ctx.storage.kv.get<NetworkRecord>(KEY);
    assertKnownVersion("client network", record?.version, RECORD_VERSION);
    return record;
  }

  #read(): NetworkState {
    return this.#stored() ?? EMPTY;
  }

  #write({ approvals, denials, blockedUntil, consecutiveBlocks, wrongNumbers }: NetworkState): void {
    const isNew = this.#stored() === undefined;
    const forgetAt = Date.now() + FORGET_AFTER_MS;
    const record: NetworkRecord = {
      version: RECORD_VERSION,
      forgetAt,
      approvals,
      denials,
      blockedUntil,
      consecutiveBlocks,
      wrongNumbers,
    };
    this.ctx.storage.kv.put(KEY, record);
    // Not awaited: the output gate holds the answer until it is durable.
    if (isNew) void this.ctx.storage.setAlarm(forgetAt);
  }
}
