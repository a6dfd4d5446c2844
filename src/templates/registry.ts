import { DurableObject } from "cloudflare:workers";
import { readJson } from "../platform/json.ts";
import { log } from "../platform/log.ts";
import { assertKnownVersion } from "../platform/record-version.ts";
import { adopt, applyWebhook, changesBetween, type Entry, type TemplateChange } from "./entry.ts";
import { fromFormerEntry } from "./former-state.ts";
import {
  DEFAULT_TEMPLATE,
  keyOf,
  NAME_BLOCK_MS,
  nameOnly,
  type Template,
  templateSchema,
} from "./template.ts";
import { addWaiting, stillWaiting, type Waiting } from "./waiting.ts";
import type { TemplateUpdate } from "./whatsapp/template-webhooks.ts";

/** The templates that changed, in their new state, and the changes by language. */
export interface Adopted {
  readonly templates: readonly Template[];
  readonly changes: readonly TemplateChange[];
}

/**
 * What WhatsApp's answer covers: `part`: some languages of its templates; `whole`: all of their languages;
 * `all`: every template of the account.
 */
export type Extent = "part" | "whole" | "all";

/** Raise it with a change that an older build must not read or overwrite. */
const ENTRY_VERSION = 1;

/** Entries had no version at first. */
interface StoredEntry extends Entry {
  readonly version?: number;
}

const WAITING = "waiting";

/** Raise it with a change that an older build must not read or overwrite. */
const WAITING_VERSION = 1;

/** Times of deletion by name, in milliseconds since the epoch. */
const DELETIONS = "deletions";

/** Names of the templates whose latest state is not in KV yet. */
const UNPUBLISHED = "unpublished";

/** KV allows one write per second per key, so changes within a second are combined into one write. */
const COALESCE_MS = 1_000;
const RETRY_MS = 5_000;
const MOST_AT_ONCE = 50;

/**
 * The only writer of templates in KV, so concurrent changes cannot overwrite each other. The source of truth
 * is the object's own storage, changed in synchronous steps; KV holds a copy that sends read.
 */
export class TemplateRegistry extends DurableObject<Env> {
  /** Applies webhook updates: durable when it returns, in KV soon after. Returns the templates that changed. */
  async applyWebhook(updates: readonly TemplateUpdate[]): Promise<readonly Template[]> {
    await this.#load(updates.map(({ name }) => name));
    const changed = new Set<string>();
    for (const update of updates) {
      const before = this.#entry(update.name);
      const after = applyWebhook(before, update, Date.now());
      if (after === null || after === before) continue;
      this.#put(after);
      changed.add(update.name);
    }
    await this.#mark(changed);
    return [...changed].flatMap((name) => this.#entry(name)?.template ?? []);
  }

  /**
   * Merges WhatsApp's answers and publishes the result.
   *
   * @param requestedAt when the request was made, in milliseconds since the epoch
   * @param extent what the answers cover; covered templates and languages that are not listed no longer exist
   */
  async adopt(answers: readonly Template[], requestedAt: number, extent: Extent): Promise<Adopted> {
    const named = new Set(answers.map(({ name }) => name));
    await this.#load(extent === "all" ? [...named, DEFAULT_TEMPLATE.name] : [...named]);
    const missing =
      extent === "all"
        ? [...this.#entries(null)].flatMap(({ template: { name, category } }) =>
            named.has(name) ? [] : nameOnly(name, category),
          )
        : [];
    // A template that the team has just written is always published.
    const changed = new Set<string>(extent === "all" ? [] : named);
    const changes = [...answers, ...missing].flatMap((answer) => {
      const before = this.#entry(answer.name);
      const after = adopt(before, answer, requestedAt, extent !== "part");
      this.#put(after);
      if (JSON.stringify(before?.template) !== JSON.stringify(after.template)) changed.add(answer.name);
      return changesBetween(before?.template ?? null, after.template);
    });
    await this.#mark(changed);
    await this.#publish();
    return { templates: [...changed].flatMap((name) => this.#entry(name)?.template ?? []), changes };
  }

  /** Deletes a template and records that it no longer exists. */
  async remove(name: string, wasApproved: boolean): Promise<void> {
    this.#dropWaiting(name);
    if (wasApproved) this.#recordDeletion(name, Date.now());
    await this.#load([name]);
    const category = this.#entry(name)?.template.category;
    if (category === undefined) return;
    this.#put(adopt(this.#entry(name), nameOnly(name, category), Date.now(), true));
    await this.#mark([name]);
    await this.#publish();
  }

  async read(name: string): Promise<Template | null> {
    await this.#load([name]);
    const template = this.#entry(name)?.template ?? null;
    return template !== null && exists(template) ? template : null;
  }

  /** Ordered by name, starting after `after`. Templates known only to KV appear after the first sync. */
  async list(limit: number, after: string | null): Promise<readonly Template[]> {
    await this.#load([DEFAULT_TEMPLATE.name]);
    const page: Template[] = [];
    for (const { template } of this.#entries(after)) {
      if (exists(template)) page.push(template);
      if (page.length === limit) break;
    }
    return page;
  }

  /** Records languages of a template that Meta does not allow the account yet. */
  recordWaiting(name: string, languages: readonly string[]): void {
    this.#putWaiting(addWaiting(this.waiting(), name, languages, Date.now()));
  }

  /** What waits for Meta to allow it; null when nothing does. */
  waiting(): Waiting | null {
    const stored = this.ctx.storage.kv.get<Waiting & { readonly version: number }>(WAITING);
    if (stored === undefined) return null;
    assertKnownVersion("waiting templates", stored.version, WAITING_VERSION);
    const { templates, since, triedAt } = stored;
    // Languages without an id are assumed and not known from WhatsApp.
    return stillWaiting(
      { templates, since, triedAt },
      (name, language) => (this.#entry(name)?.template.languages[language]?.id ?? null) !== null,
    );
  }

  /** When approved templates were deleted, by name: for 30 days Meta does not take such a name again. */
  deletions(): Readonly<Record<string, number>> {
    return this.ctx.storage.kv.get<Record<string, number>>(DELETIONS) ?? {};
  }

  /** What waits, for a caller who tries it now; null when nothing does or the last try is not long enough ago. */
  claimWaiting(everyMs: number): Waiting | null {
    const waiting = this.waiting();
    const now = Date.now();
    if (waiting === null || now - waiting.triedAt < everyMs) return null;
    this.#putWaiting(Object.assign({}, waiting, { triedAt: now }));
    return waiting;
  }

  override async alarm(): Promise<void> {
    await this.#publish();
  }

  /** Creates entries for names that are new here: from KV, else from the default template. */
  async #load(names: readonly string[]): Promise<void> {
    const unknown = [...new Set(names)].filter((name) => this.#entry(name) === null);
    await Promise.all(
      unknown.map(async (name) => {
        const stored = templateSchema.safeParse(
          readJson((await this.env.TEMPLATES.get(keyOf(name))) ?? ""),
        ).data;
        const template = stored ?? (name === DEFAULT_TEMPLATE.name ? DEFAULT_TEMPLATE : null);
        // A concurrent call may have created the entry during the KV read.
        if (template !== null && this.#entry(name) === null) this.#put({ template, lastUpdates: {} });
      }),
    );
  }

  /** Writes changed templates to KV. Failed writes and changes made meanwhile are retried by the alarm. */
  async #publish(): Promise<void> {
    const names = this.#unpublished().slice(0, MOST_AT_ONCE);
    const states = names.map((name) => this.#state(name));
    const taken = await Promise.all(names.map((name, index) => this.#write(name, states[index])));
    const published = new Set(
      names.filter((name, index) => taken[index] && this.#state(name) === states[index]),
    );
    const waiting = this.#unpublished().filter((name) => !published.has(name));
    this.ctx.storage.kv.put(UNPUBLISHED, waiting);
    if (waiting.length === 0) return;
    await this.ctx.storage.setAlarm(Date.now() + (taken.includes(false) ? RETRY_MS : COALESCE_MS));
  }

  /** A template's KV value; undefined when KV should have none. */
  #state(name: string): string | undefined {
    const template = this.#entry(name)?.template;
    // The default template keeps a value even when deleted; without one, sends would assume it exists.
    const hasValue = template !== undefined && (exists(template) || name === DEFAULT_TEMPLATE.name);
    return hasValue ? JSON.stringify(template) : undefined;
  }

  /** False when the write failed. */
  async #write(name: string, state: string | undefined): Promise<boolean> {
    try {
      if (state === undefined) await this.env.TEMPLATES.delete(keyOf(name));
      else await this.env.TEMPLATES.put(keyOf(name), state);
      return true;
    } catch (error) {
      log("error", `Template ${name} could not be written to KV`, { error: String(error) });
      return false;
    }
  }

  #recordDeletion(name: string, now: number): void {
    const recent = Object.entries(this.deletions()).filter(([, at]) => at > now - NAME_BLOCK_MS);
    this.ctx.storage.kv.put(DELETIONS, Object.fromEntries([...recent, [name, now]]));
  }

  #putWaiting(waiting: Waiting): void {
    this.ctx.storage.kv.put(WAITING, Object.assign({ version: WAITING_VERSION }, waiting));
  }

  /** A template that the team deletes is not created by itself later. */
  #dropWaiting(name: string): void {
    const waiting = stillWaiting(this.waiting(), (other) => other === name);
    if (waiting === null) this.ctx.storage.kv.delete(WAITING);
    else this.#putWaiting(waiting);
  }

  #entry(name: string): Entry | null {
    const stored = this.ctx.storage.kv.get<StoredEntry>(keyOf(name));
    return stored === undefined ? null : toEntry(stored);
  }

  /** Ordered by name, read lazily. */
  *#entries(after: string | null): Iterable<Entry> {
    const range = { prefix: keyOf(""), ...(after === null ? {} : { startAfter: keyOf(after) }) };
    for (const [, stored] of this.ctx.storage.kv.list<StoredEntry>(range)) yield toEntry(stored);
  }

  #put(entry: Entry): void {
    this.ctx.storage.kv.put<StoredEntry>(keyOf(entry.template.name), { ...entry, version: ENTRY_VERSION });
  }

  /** Marks templates for publishing and schedules the alarm as a fallback. */
  async #mark(names: Iterable<string>): Promise<void> {
    const waiting = this.#unpublished();
    const all = [...new Set([...waiting, ...names])];
    this.ctx.storage.kv.put(UNPUBLISHED, all);
    if (waiting.length === 0 && all.length > 0) await this.ctx.storage.setAlarm(Date.now() + COALESCE_MS);
  }

  #unpublished(): readonly string[] {
    return this.ctx.storage.kv.get<readonly string[]>(UNPUBLISHED) ?? [];
  }
}

function toEntry({ version, ...entry }: StoredEntry): Entry {
  assertKnownVersion("template", version, ENTRY_VERSION);
  return version === undefined ? fromFormerEntry(entry) : entry;
}

/** A template without languages marks one that WhatsApp no longer has. */
function exists({ languages }: Template): boolean {
  return Object.keys(languages).length > 0;
}
