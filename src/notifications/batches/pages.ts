import type { NotificationId } from "../../ids/notification-id.ts";

/** A recipient of a batch, stored until its result is recorded. */
export interface SealedRecipient {
  readonly id: NotificationId;
  /** The encrypted content, as in its job. */
  readonly sealed: string;
}

export type PagedRecipient = readonly [ordinal: number, recipient: SealedRecipient];

type Page = readonly PagedRecipient[];

/**
 * Recipients per row, because writes are billed by the row. A 1 MiB request whose content 25 recipients fill
 * still fits a row of at most 2 MiB.
 */
const PAGE_SIZE = 25;

/** The recipients in a batch object's storage, by ordinal; each is erased when it has a final state. */
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

  /** The stored ones of these recipients, in order of their ordinals. */
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
