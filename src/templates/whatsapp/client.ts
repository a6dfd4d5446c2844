import * as z from "zod";
import type { WhatsAppSettings } from "../../channels/whatsapp/client.ts";
import { known } from "../../channels/whatsapp/webhook.ts";
import type { AuthenticationDraft } from "../draft.ts";
import type { LibraryEntry } from "../library.ts";
import type { Template } from "../template.ts";
import type { UtilityTexts } from "../utility-rules.ts";
import { Graph, noAnswer } from "./graph.ts";
import { LIST_FIELDS, type ListedTemplate, listedTemplate } from "./listing.ts";
import { createPayload, editPayload, upsertPayload } from "./payloads.ts";

const page = z.object({
  data: z.array(z.unknown()),
  paging: z
    .object({ cursors: z.object({ after: z.string() }).optional(), next: z.string().optional() })
    .optional(),
});
const written = z.object({ id: z.string(), status: z.string() });
const upserted = z.object({ data: z.array(written.extend({ language: z.string() })) });
const library = z.object({ data: z.array(z.unknown()) });
const libraryEntry = z.object({
  name: z.string(),
  language: z.string(),
  category: z.string(),
  header: z.string().nullish(),
  body: z.string(),
  body_params: z.array(z.string()).nullish(),
  body_param_types: z.array(z.string()).nullish(),
  buttons: z.array(z.unknown()).nullish(),
});
const done = z.object({ success: z.literal(true) });
const previews = z.object({
  data: z.array(
    z.object({
      language: z.string(),
      body: z.string(),
      footer: z.string().nullish(),
      buttons: z.array(z.object({ text: z.string() })).catch([]),
    }),
  ),
});

const PAGE_SIZE = 100;
/** More pages than an account's maximum number of templates fills. */
const MOST_PAGES = 100;

/** The template API of a WhatsApp business account. Every call throws a Problem on failure. */
export class WhatsAppTemplates {
  readonly #graph: Graph;
  readonly #account: string;

  constructor(settings: WhatsAppSettings & { readonly businessAccountId: string }) {
    this.#graph = new Graph(settings);
    this.#account = settings.businessAccountId;
  }

  /** Lists all templates, or those of one name, one item per language. Items of unknown kinds are skipped. */
  async list(name?: string): Promise<readonly ListedTemplate[]> {
    const all: ListedTemplate[] = [];
    let after: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const query = {
        fields: LIST_FIELDS,
        limit: String(PAGE_SIZE),
        ...(name === undefined ? {} : { name }),
        ...(after === undefined ? {} : { after }),
      };
      const { data, paging } = await this.#graph.call(page, "GET", this.#edge("message_templates"), {
        query,
      });
      const readable = known(listedTemplate, data);
      // A page without one readable item means a changed format rather than an empty list.
      if (readable.length === 0 && data.length > 0) throw noAnswer();
      all.push(...readable);
      after = paging?.cursors?.after;
      // `next` is not followed, because its URL may contain the token and another host.
      if (paging?.next === undefined || after === undefined) break;
    }
    // WhatsApp does not document whether `name` matches whole names or parts.
    return name === undefined ? all : all.filter((template) => template.name === name);
  }

  /** Creates or replaces an authentication template in all its languages. */
  async upsert(name: string, draft: AuthenticationDraft) {
    const body = upsertPayload(name, draft);
    return (await this.#graph.call(upserted, "POST", this.#edge("upsert_message_templates"), { body })).data;
  }

  async create(name: string, language: string, texts: UtilityTexts, ttlSeconds?: number) {
    const body = createPayload(name, language, texts, ttlSeconds);
    return this.#graph.call(written, "POST", this.#edge("message_templates"), { body });
  }

  /** A template of Meta's library in one language; null where the library has none. */
  async library(name: string, language: string): Promise<LibraryEntry | null> {
    const query = { name, language };
    const { data } = await this.#graph.call(library, "GET", "message_template_library", { query });
    const entries = known(libraryEntry, data);
    return entries.find((entry) => entry.name === name && entry.language === language) ?? null;
  }

  /** Creates a template with the fixed texts of Meta's library, which is approved at once. */
  async createFromLibrary(name: string, language: string, libraryName: string) {
    const body = { name, language, category: "UTILITY", library_template_name: libraryName };
    return this.#graph.call(written, "POST", this.#edge("message_templates"), { body });
  }

  /** Replaces a template's texts in one language; WhatsApp reviews them again. */
  async edit(id: string, texts: UtilityTexts, ttlSeconds?: number): Promise<void> {
    await this.#graph.call(done, "POST", id, { body: editPayload(texts, ttlSeconds) });
  }

  /** Deletes a template in all its languages. */
  async delete(name: string): Promise<void> {
    await this.#graph.call(done, "DELETE", this.#edge("message_templates"), { query: { name } });
  }

  /** WhatsApp's text of an authentication template; null in an unsupported language. */
  async preview(language: string, { add_security_recommendation, code_expiration_minutes }: Template) {
    const query = {
      category: "AUTHENTICATION",
      languages: language,
      button_types: "OTP",
      ...(add_security_recommendation === null
        ? {}
        : {
            add_security_recommendation: String(add_security_recommendation),
          }),
      ...(code_expiration_minutes === null
        ? {}
        : { code_expiration_minutes: String(code_expiration_minutes) }),
    };
    const { data } = await this.#graph.call(previews, "GET", this.#edge("message_template_previews"), {
      query,
    });
    return data.find((preview) => preview.language === language) ?? null;
  }

  #edge(name: string): string {
    return `${this.#account}/${name}`;
  }
}
