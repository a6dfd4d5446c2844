import type { Change } from "../channels/whatsapp/webhook.ts";
import { DAY_MS } from "../platform/time.ts";
import type { TemplateDraft } from "./draft.ts";
import type { TemplateChange } from "./entry.ts";
import type { LibrarySource } from "./library.ts";
import { type Preview, preview } from "./preview.ts";
import type { Extent, TemplateRegistry } from "./registry.ts";
import type { TemplateStore } from "./store.ts";
import { nameOnly, TEMPLATE_NAME, type Template } from "./template.ts";
import type { Waiting } from "./waiting.ts";
import type { WhatsAppTemplates } from "./whatsapp/client.ts";
import { toTemplates } from "./whatsapp/listing.ts";
import { readTemplateUpdate } from "./whatsapp/template-webhooks.ts";
import { templateAfterWrite, type Written, write } from "./write.ts";
import { writeFromLibrary } from "./write-library.ts";

/** Name of the only registry object. */
export const REGISTRY_NAME = "templates";

/** Manages the account's templates at WhatsApp and their copies in the registry, KV and this isolate. */
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

  /** Ordered by name, starting after `after`. */
  list(limit: number, after: string | null): Promise<readonly Template[]> {
    return this.#object().list(limit, after);
  }

  /** Creates or updates a template and returns the result for each language. */
  async put(name: string, draft: TemplateDraft): Promise<readonly Written[]> {
    const requestedAt = Date.now();
    const written = await write(this.#whatsApp, name, draft);
    if (written.every(({ kind }) => kind === "refused")) return written;
    const listed = await this.#whatsApp.list(name).catch(() => []);
    const template = templateAfterWrite(name, draft, written, listed);
    await this.#adopt([template], requestedAt, listed.length > 0 ? "whole" : "part");
    return written;
  }

  /**
   * Creates a utility template from Meta's library, where the library's text fits and the account does not have the
   * language yet.
   *
   * @returns only the languages that are the library's now
   */
  async putFromLibrary(
    name: string,
    library: LibrarySource,
    languages: readonly string[],
  ): Promise<readonly Written[]> {
    const requestedAt = Date.now();
    const { written, template } = await writeFromLibrary(this.#whatsApp, name, library, languages);
    if (written.length > 0) await this.#adopt([template], requestedAt, "part");
    return written.map((result) => Object.assign({ kind: "written" } as const, result));
  }

  /**
   * Fetches all templates from WhatsApp and returns the changes. Throws a Problem if that fails, and changes
   * nothing.
   */
  async sync(): Promise<readonly TemplateChange[]> {
    const requestedAt = Date.now();
    return this.#adopt(toTemplates(await this.#whatsApp.list()), requestedAt, "all");
  }

  /** Deletes a template in all its languages. False when there is none of this name. */
  async delete(name: string): Promise<boolean> {
    const [listed, known] = await Promise.all([this.#whatsApp.list(name), this.get(name)]);
    if (listed.length > 0) await this.#whatsApp.delete(name);
    const wasApproved = listed.some(({ status }) => status === "APPROVED");
    if (known !== null || wasApproved) await this.#object().remove(name, wasApproved);
    const existed = listed.length > 0 || known !== null;
    if (existed) this.#store.remember(nameOnly(name, "utility"));
    return existed;
  }

  /** Null when the template or its text is unknown. */
  async preview(name: string, locale: string): Promise<Preview | null> {
    const template = await this.get(name);
    return template && preview(template, locale, this.#whatsApp);
  }

  /**
   * Applies the webhook changes about templates; resolves when they are durable. Meta repeats webhooks for days: the
   * daily synchronization has read the state since an older one.
   */
  async applyWebhook(changes: readonly Change[]): Promise<void> {
    const oldest = Date.now() - DAY_MS;
    const updates = changes
      .map(readTemplateUpdate)
      .filter((update) => update !== null)
      .filter(({ at }) => at > oldest);
    if (updates.length === 0) return;
    for (const template of await this.#object().applyWebhook(updates)) this.#store.remember(template);
  }

  /** Records languages of a template that Meta does not allow the account yet. */
  async recordWaiting(name: string, languages: readonly string[]): Promise<void> {
    await this.#object().recordWaiting(name, languages);
  }

  /** The templates that wait for Meta to allow them; null when none does. */
  async waiting(): Promise<Waiting | null> {
    return this.#object().waiting();
  }

  /** When approved templates were deleted through this deployment in the last 30 days, by name. */
  async deletions(): Promise<Readonly<Record<string, number>>> {
    return this.#object().deletions();
  }

  /** As `waiting`, for a caller who tries them now; null as well when the last try is not long enough ago. */
  async claimWaiting(everyMs: number): Promise<Waiting | null> {
    return this.#object().claimWaiting(everyMs);
  }

  async #adopt(answers: readonly Template[], requestedAt: number, extent: Extent) {
    const { templates, changes } = await this.#object().adopt(answers, requestedAt, extent);
    for (const template of templates) this.#store.remember(template);
    return changes;
  }

  #object() {
    return this.#registry.getByName(REGISTRY_NAME);
  }
}
