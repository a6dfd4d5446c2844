import { DurableObject } from "cloudflare:workers";
import { readJson } from "../platform/json.ts";
import { log } from "../platform/log.ts";
import { adopt, applyWebhook, changesBetween, type Entry, type TemplateChange } from "./entry.ts";
import { DEFAULT_TEMPLATE, keyOf, nameOnly, type Template, templateSchema } from "./template.ts";
import type { TemplateNews } from "./whatsapp/template-webhooks.ts";

/** What is kept, as it is after a change, and what the change was. */
export interface Adopted {
  readonly templates: readonly Template[];
  readonly changes: readonly TemplateChange[];
}

/** What an answer of WhatsApp's covers: some languages of its templates, all of theirs, or all that there is. */
export type Extent = "part" | "whole" | "all";

/** The names whose last state is not in KV yet. */
const UNPUBLISHED = "unpublished";

/** KV takes one write a second of a key: what webhooks change meanwhile goes in one. */
const COALESCE_MS = 1_000;
const RETRY_MS = 5_000;
const MOST_AT_ONCE = 50;

/**
 * The one writer of templates in KV, so that ten approvals at the same moment lose nothing. The truth is in
 * its own storage, each change of it one synchronous step; KV gets a copy, for sends to read.
 */
export class TemplateRegistry extends DurableObject<Env> {
  /** Takes in webhooks; durable when it returns, in KV soon after. Answers the templates that this changed. */
  async applyWebhook(news: readonly TemplateNews[]): Promise<readonly Template[]> {
    await this.#learn(news.map(({ name }) => name));
    const changed = new Set<string>();
    for (const one of news) {
      const before = this.#entry(one.name);
      const after = applyWebhook(before, one, Date.now());
      if (after === null || after === before) continue;
      this.#keep(after);
      changed.add(one.name);
    }
    await this.#mark(changed);
    return [...changed].flatMap((name) => this.#entry(name)?.template ?? []);
  }

  /**
   * Takes over what WhatsApp has answered, and publishes it.
   *
   * @param askedAt when the question was put, in milliseconds since the epoch
   * @param extent what is covered and not named is no more
   */
  async adopt(answers: readonly Template[], askedAt: number, extent: Extent): Promise<Adopted> {
    const named = new Set(answers.map(({ name }) => name));
    await this.#learn(extent === "all" ? [...named, DEFAULT_TEMPLATE.name] : [...named]);
    const missing =
      extent === "all"
        ? [...this.#entries(null)].flatMap(({ template: { name, category } }) =>
            named.has(name) ? [] : nameOnly(name, category),
          )
        : [];
    // What a team has just written is published whatever it was before.
    const changed = new Set<string>(extent === "all" ? [] : named);
    const changes = [...answers, ...missing].flatMap((answer) => {
      const before = this.#entry(answer.name);
      const after = adopt(before, answer, askedAt, extent !== "part");
      this.#keep(after);
      if (JSON.stringify(before?.template) !== JSON.stringify(after.template)) changed.add(answer.name);
      return changesBetween(before?.template ?? null, after.template);
    });
    await this.#mark(changed);
    await this.#publish();
    return { templates: [...changed].flatMap((name) => this.#entry(name)?.template ?? []), changes };
  }

  /** Forgets what a template says, and keeps in mind that it is no more. */
  async remove(name: string): Promise<void> {
    await this.#learn([name]);
    const category = this.#entry(name)?.template.category;
    if (category === undefined) return;
    this.#keep(adopt(this.#entry(name), nameOnly(name, category), Date.now(), true));
    await this.#mark([name]);
    await this.#publish();
  }

  async read(name: string): Promise<Template | null> {
    await this.#learn([name]);
    const template = this.#entry(name)?.template ?? null;
    return template !== null && exists(template) ? template : null;
  }

  /** By name, from the one after `after` on. What only KV knows comes with the first sync. */
  async list(limit: number, after: string | null): Promise<readonly Template[]> {
    await this.#learn([DEFAULT_TEMPLATE.name]);
    const page: Template[] = [];
    for (const { template } of this.#entries(after)) {
      if (exists(template)) page.push(template);
      if (page.length === limit) break;
    }
    return page;
  }

  override async alarm(): Promise<void> {
    await this.#publish();
  }

  /** Before anything is decided: begins with what KV holds of templates that are new here, else with the default. */
  async #learn(names: readonly string[]): Promise<void> {
    const unknown = [...new Set(names)].filter((name) => this.#entry(name) === null);
    await Promise.all(
      unknown.map(async (name) => {
        const held = templateSchema.safeParse(
          readJson((await this.env.TEMPLATES.get(keyOf(name))) ?? ""),
        ).data;
        const template = held ?? (name === DEFAULT_TEMPLATE.name ? DEFAULT_TEMPLATE : null);
        // Another call may have been faster while this one read.
        if (template !== null && this.#entry(name) === null) this.#keep({ template, heard: {} });
      }),
    );
  }

  /** What KV does not take, and what changes meanwhile, the alarm publishes; nobody waits for it. */
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

  /** A template as KV holds it; absent for one that has no value there. */
  #state(name: string): string | undefined {
    const template = this.#entry(name)?.template;
    // Without a value sends would go by the default, which WhatsApp no longer has.
    const hasValue = template !== undefined && (exists(template) || name === DEFAULT_TEMPLATE.name);
    return hasValue ? JSON.stringify(template) : undefined;
  }

  /** False when KV did not take it. */
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

  #entry(name: string): Entry | null {
    return this.ctx.storage.kv.get<Entry>(keyOf(name)) ?? null;
  }

  /** By name, read as they are asked for. */
  *#entries(after: string | null): Iterable<Entry> {
    const range = { prefix: keyOf(""), ...(after !== null && { startAfter: keyOf(after) }) };
    for (const [, entry] of this.ctx.storage.kv.list<Entry>(range)) yield entry;
  }

  #keep(entry: Entry): void {
    this.ctx.storage.kv.put(keyOf(entry.template.name), entry);
  }

  /** Sees to it that what has changed is published, by the alarm at the latest. */
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

/** One without languages only marks that WhatsApp has it no more. */
function exists({ languages }: Template): boolean {
  return Object.keys(languages).length > 0;
}
