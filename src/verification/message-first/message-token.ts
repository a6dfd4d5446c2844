import { DurableObject } from "cloudflare:workers";
import type { LinkName } from "../../codes/token.ts";
import type { AppName } from "../../ids/app-name.ts";
import type { VerificationId } from "../../ids/verification-id.ts";
import { assertKnownVersion, runAlarm } from "../../platform/record-version.ts";
import { DAY_MS } from "../../platform/time.ts";

const KIND = "message token";
const VERSION = 1;
const KEY = "record";

/** What a token is for. */
export interface TokenTarget {
  readonly id: VerificationId;
  /** The name of the token's object. */
  readonly token: LinkName;
  /** Where the number is learned: what the guard has to know before it. Null where a number was claimed. */
  readonly learnsFor: { readonly app: AppName; readonly purpose: string } | null;
}

interface TokenRecord extends TokenTarget {
  readonly version: number;
  readonly until: number;
  /** The message after which its user was asked for their number. */
  readonly askedAfter: string | null;
}

/**
 * The object of one token, by whose keyed digest it is named: it says which verification the token is for, so that a
 * message leads to its verification by one call, from whichever number it comes. Another object of this class, named by a
 * user's id at WhatsApp, remembers the verification while that user is asked for their number.
 *
 * It decides nothing: whether the token is still good is in the record of the verification.
 */
export class MessageToken extends DurableObject<Env> {
  /** Records what the token is for. False where it is for another one: two tokens of 40 random bits were the same. */
  keep(target: TokenTarget): boolean {
    const known = this.#read();
    if (known !== null && known.id !== target.id) return false;
    if (known === null)
      this.#write({ ...target, version: VERSION, until: Date.now() + DAY_MS, askedAfter: null });
    return true;
  }

  /** What the token is for, for a day after its start; null for an unknown one. */
  target(): TokenTarget | null {
    const known = this.#read();
    return known && { id: known.id, token: known.token, learnsFor: known.learnsFor };
  }

  /** Remembers for what a user without a number wrote. False where they were asked for it after this message. */
  awaitNumber(target: TokenTarget, messageId: string): boolean {
    if (this.#read()?.askedAfter === messageId) return false;
    this.#write({ ...target, version: VERSION, until: Date.now() + DAY_MS, askedAfter: null });
    return true;
  }

  /** The user was asked for their number after this message, so that its repeated webhook does not ask again. */
  asked(messageId: string): void {
    const known = this.#read();
    if (known !== null) this.#write({ ...known, askedAfter: messageId });
  }

  override alarm(): Promise<void> {
    return runAlarm(this.ctx.storage, async () => {
      const known = this.ctx.storage.kv.get<TokenRecord>(KEY);
      assertKnownVersion(KIND, known?.version, VERSION);
      if (known !== undefined && Date.now() < known.until) return this.ctx.storage.setAlarm(known.until);
      return this.ctx.storage.deleteAll();
    });
  }

  #read(): TokenRecord | null {
    const known = this.ctx.storage.kv.get<TokenRecord>(KEY);
    assertKnownVersion(KIND, known?.version, VERSION);
    return known === undefined || known.until <= Date.now() ? null : known;
  }

  #write(record: TokenRecord): void {
    this.ctx.storage.kv.put<TokenRecord>(KEY, record);
    // Not awaited: the output gate holds the answer until it is durable.
    void this.ctx.storage.setAlarm(record.until);
  }
}
