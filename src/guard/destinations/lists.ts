import * as z from "zod";
import { namesOf } from "../../ids/phone-number-name.ts";
import { type E164, maskNumber } from "../../numbering/e164.ts";
import { formerSpellingOf, subscriberOf } from "../../numbering/subscriber.ts";
import type { Background, MaybePromise } from "../../platform/async.ts";
import { IsolateCache } from "../../platform/isolate-cache.ts";
import type { Keyring } from "../../platform/keyring.ts";
import { MINUTE_MS } from "../../platform/time.ts";
import type { Prefix } from "../range.ts";

export const LIST_NAMES = ["block", "safe"] as const;
export type ListName = (typeof LIST_NAMES)[number];

export type Listed = { readonly number: E164 } | { readonly prefix: Prefix };

/** A number or a prefix on one of the lists. */
export interface ListEntry {
  /** A prefix itself, or the name of a number's object. */
  readonly id: string;
  /** The prefix, or the number masked. */
  readonly shown: string;
  readonly note: string;
  /** The API key's id. */
  readonly addedBy: string;
  /** Milliseconds since the epoch. */
  readonly addedAt: number;
}

const stored = z.object({ shown: z.string(), note: z.string(), addedBy: z.string(), addedAt: z.number() });

/** The ids of each list's entries. */
type Known = Readonly<Record<ListName, ReadonlySet<string>>>;

const NO_ENTRIES: Known = { block: new Set(), safe: new Set() };

const ENTRY_ID = /^(?:\+\d{1,11}|[0-9a-hjkmnp-tv-z]{16})$/;

/** KV lists this many keys in one call. Longer lists are for the country rules or the team's own check. */
export const LONGEST_LIST = 1000;

/** KV stores at most 1,024 bytes of metadata with a key, and JSON may need six of them for one character. */
export const LONGEST_NOTE = 140;

/** How long an isolate uses a copy; KV's own delay comes on top. */
const FRESH_MS = MINUTE_MS;

/** When either list last changed. Listing keys costs ten times as much as reading this one. */
const CHANGED_AT = "changed_at";
const KV_CACHE_SECONDS = 30;

/** How long KV may take to show a change in the listing of every location. */
const SETTLED_MS = 5 * MINUTE_MS;

/**
 * The team's block and safe lists in KV. Each entry is a key of its own, so that concurrent additions do not
 * overwrite each other. Each isolate caches both lists and refreshes them in the background; a start reads nothing.
 */
export class GuardLists {
  readonly #namespace: KVNamespace;
  readonly #keyring: Keyring;
  readonly #known = new IsolateCache(() => this.#read(), {
    freshMs: FRESH_MS,
    fallback: { value: NO_ENTRIES, message: "Guard lists read failed" },
  });
  #listed: Known = NO_ENTRIES;
  /** Lists that have never changed are empty, so the first read need not list them. */
  #listedAt = SETTLED_MS;

  constructor(namespace: KVNamespace, keyring: Keyring) {
    this.#namespace = namespace;
    this.#keyring = keyring;
  }

  /** Returns the id of the entry that puts a destination on a list; null when it is not on the list. */
  find(list: ListName, to: E164, background: Background): MaybePromise<string | null> {
    const known = this.#known.get(background);
    return known instanceof Promise
      ? known.then((read) => this.#idAmong(read[list], to))
      : this.#idAmong(known[list], to);
  }

  #idAmong(ids: ReadonlySet<string>, to: E164): string | null {
    if (ids.size === 0) return null;
    const subscriber = subscriberOf(to);
    // The team may have written a prefix in either spelling.
    const spellings = [subscriber, formerSpellingOf(subscriber) ?? []].flat();
    const prefixes = spellings.flatMap((number) =>
      Array.from({ length: number.length - 1 }, (_, index) => number.slice(0, index + 2)),
    );
    // An entry may be stored under a former name.
    return [...namesOf(this.#keyring, to), ...prefixes].find((id) => ids.has(id)) ?? null;
  }

  /** Adds a number or a prefix, or replaces its note; null when the list is full. */
  async add(list: ListName, what: Listed, note: string, addedBy: string): Promise<ListEntry | null> {
    if ((await this.entries(list)).length >= LONGEST_LIST) return null;
    const [id, shown] =
      "number" in what
        ? [namesOf(this.#keyring, what.number)[0], maskNumber(what.number)]
        : [what.prefix, what.prefix];
    const metadata = { shown, note, addedBy, addedAt: Date.now() };
    await this.#change(() => this.#namespace.put(`${list}/${id}`, "", { metadata }));
    return { id, ...metadata };
  }

  /** Removes an entry; false when there is none of that id. */
  async remove(list: ListName, id: string): Promise<boolean> {
    const key = `${list}/${id}`;
    if (!ENTRY_ID.test(id) || (await this.#namespace.get(key)) === null) return false;
    await this.#change(() => this.#namespace.delete(key));
    return true;
  }

  /** All entries of a list, in the order of their ids: prefixes first. */
  async entries(list: ListName): Promise<readonly ListEntry[]> {
    const prefix = `${list}/`;
    const { keys } = await this.#namespace.list({ prefix, limit: LONGEST_LIST });
    return keys.flatMap(({ name, metadata }) => {
      const read = stored.safeParse(metadata);
      return read.success ? [{ id: name.slice(prefix.length), ...read.data }] : [];
    });
  }

  /** KV accepts one write a second to a key: when it refuses this one, another change has just been recorded. */
  async #change(write: () => Promise<void>): Promise<void> {
    await this.#namespace.put(CHANGED_AT, String(Date.now())).catch(() => {});
    await write();
    this.#known.expire();
  }

  async #read(): Promise<Known> {
    const now = Date.now();
    const changedAt = await this.#namespace.get(CHANGED_AT, { cacheTtl: KV_CACHE_SECONDS });
    if (Number(changedAt ?? 0) + SETTLED_MS <= this.#listedAt) return this.#listed;
    const [block, safe] = await Promise.all([this.#idsOf("block"), this.#idsOf("safe")]);
    this.#listed = { block, safe };
    this.#listedAt = now;
    return this.#listed;
  }

  async #idsOf(list: ListName): Promise<ReadonlySet<string>> {
    return new Set((await this.entries(list)).map(({ id }) => id));
  }
}
