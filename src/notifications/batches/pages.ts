import type { NotificationId } from "../../ids/notification-id.ts";

/** What a batch keeps of a recipient until it is done with it. */
export interface SealedRecipient {
  readonly id: NotificationId;
  /** The content, sealed as its job carries it. */
  readonly sealed: string;
}

export type PagedRecipient = readonly [ordinal: number, recipient: SealedRecipient];

type Page = readonly PagedRecipient[];

/**
 * So many recipients share a row, for rows are what a write costs. A request of a mebibyte that wants to fill
 * two dozen recipients alone still fits into one, whose limit is two.
 */
const PAGE_SIZE = 25;

/** The recipients in an object's storage, by ordinal; gone one by one as they are done with. */
export class Pages {
  readonly #kv: SyncKvStorage;

  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
  }

  write(recipients: readonly SealedRecipient[]): void {
    const entries = recipients.map((recipient, ordinal): PagedRecipient => [ordinal, recipient]);
    for (const [page, part] of Map.groupBy(entries, ([ordinal]) => pageOf(ordinal))) {
      this.#kv.put<Page>(keyOf(page), part);
    }
  }

  /** Those that are still there, in the order of their ordinals. */
  read(ordinals: readonly number[]): Page {
    const wanted = new Set(ordinals);
    return [...new Set(ordinals.map(pageOf))].flatMap((page) =>
      this.#page(page).filter(([ordinal]) => wanted.has(ordinal)),
    );
  }

  erase(ordinals: readonly number[]): void {
    for (const [page, gone] of Map.groupBy(ordinals, pageOf)) {
      const before = this.#page(page);
      const left = before.filter(([ordinal]) => !gone.includes(ordinal));
      if (left.length === 0) this.#kv.delete(keyOf(page));
      else if (left.length < before.length) this.#kv.put<Page>(keyOf(page), left);
    }
  }

  #page(page: number): Page {
    return this.#kv.get<Page>(keyOf(page)) ?? [];
  }
}

function pageOf(ordinal: number): number {
  return Math.floor(ordinal / PAGE_SIZE);
}

function keyOf(page: number): string {
  return `page/${page}`;
}
