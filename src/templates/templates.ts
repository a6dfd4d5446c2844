import type { Change } from "../channels/whatsapp/webhook.ts";
import type { TemplateDraft } from "./draft.ts";
import type { TemplateChange } from "./entry.ts";
import { type Preview, preview } from "./preview.ts";
import type { Extent, TemplateRegistry } from "./registry.ts";
import type { TemplateStore } from "./store.ts";
import { nameOnly, TEMPLATE_NAME, type Template } from "./template.ts";
import type { WhatsAppTemplates } from "./whatsapp/client.ts";
import { toTemplates } from "./whatsapp/listing.ts";
import { readTemplateNews } from "./whatsapp/template-webhooks.ts";
import { afterwards, type Written, write } from "./write.ts";

/** The one registry. */
export const REGISTRY_NAME = "templates";

/** The account's templates: what WhatsApp has, and what the registry and KV hold of it. */
export class Templates {
  readonly #whatsApp: WhatsAppTemplates;
  readonly #registry: DurableObjectNamespace<TemplateRegistry>;
  readonly #store: TemplateStore;

  constructor(
    whatsApp: WhatsAppTemplates,
    registry: DurableObjectNamespace<TemplateRegistry>,
    store: TemplateStore,
  ) {
    this.#whatsApp = whatsApp;
    this.#registry = registry;
    this.#store = store;
  }

  async get(name: string): Promise<Template | null> {
    return TEMPLATE_NAME.test(name) ? this.#object().read(name) : null;
  }

  /** By name, from the one after `after` on. */
  list(limit: number, after: string | null): Promise<readonly Template[]> {
    return this.#object().list(limit, after);
  }

  /** Creates or updates a template, and tells what became of each language. */
  async put(name: string, draft: TemplateDraft): Promise<readonly Written[]> {
    const askedAt = Date.now();
    const written = await write(this.#whatsApp, name, draft);
    if (written.every(({ kind }) => kind === "refused")) return written;
    const listed = await this.#whatsApp.list(name).catch(() => []);
    const template = afterwards(name, draft, written, listed);
    await this.#adopt([template], askedAt, listed.length > 0 ? "whole" : "part");
    return written;
  }

  /** Pulls everything from WhatsApp. Throws a Problem where that fails, and then nothing has changed. */
  async sync(): Promise<readonly TemplateChange[]> {
    const askedAt = Date.now();
    return this.#adopt(toTemplates(await this.#whatsApp.list()), askedAt, "all");
  }

  /** In all its languages. False where there is none of this name. */
  async delete(name: string): Promise<boolean> {
    const [listed, known] = await Promise.all([this.#whatsApp.list(name), this.get(name)]);
    if (listed.length > 0) await this.#whatsApp.delete(name);
    if (known !== null) await this.#object().remove(name);
    const existed = listed.length > 0 || known !== null;
    if (existed) this.#store.remember(nameOnly(name, "utility"));
    return existed;
  }

  /** Null where there is no such template, or its text is not known. */
  async preview(name: string, locale: string): Promise<Preview | null> {
    const template = await this.get(name);
    return template && preview(template, locale, this.#whatsApp);
  }

  /** Takes in what webhooks say of templates; resolves once that is durable. */
  async applyWebhook(changes: readonly Change[]): Promise<void> {
    const news = changes.map(readTemplateNews).filter((one) => one !== null);
    if (news.length === 0) return;
    for (const template of await this.#object().applyWebhook(news)) this.#store.remember(template);
  }

  async #adopt(answers: readonly Template[], askedAt: number, extent: Extent) {
    const { templates, changes } = await this.#object().adopt(answers, askedAt, extent);
    for (const template of templates) this.#store.remember(template);
    return changes;
  }

  #object() {
    return this.#registry.getByName(REGISTRY_NAME);
  }
}
