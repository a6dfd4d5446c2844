import * as z from "zod";
import type { WhatsAppSettings } from "../../channels/whatsapp/client.ts";
import { known } from "../../channels/whatsapp/webhook.ts";
import type { AuthenticationDraft } from "../draft.ts";
import type { Template } from "../template.ts";
import type { UtilityTexts } from "../utility-rules.ts";
import { Graph, noAnswer } from "./graph.ts";
import { LISTED_FIELDS, type ListedTemplate, listedTemplate } from "./listing.ts";
import { createPayload, editPayload, upsertPayload } from "./payloads.ts";

const page = z.object({
  data: z.array(z.unknown()),
  paging: z
    .object({ cursors: z.object({ after: z.string() }).optional(), next: z.string().optional() })
    .optional(),
});
const written = z.object({ id: z.string(), status: z.string() });
const upserted = z.object({ data: z.array(written.extend({ language: z.string() })) });
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
/** More than the most templates an account may have. */
const MOST_PAGES = 100;

/** The templates of a business account, at WhatsApp. Every call throws a Problem that says what to do. */
export class WhatsAppTemplates {
  readonly #graph: Graph;
  readonly #account: string;

  constructor(settings: WhatsAppSettings & { readonly businessAccountId: string }) {
    this.#graph = new Graph(settings);
    this.#account = settings.businessAccountId;
  }

  /** All of them, or those of one name, each language by itself. What is new to us is left out. */
  async list(name?: string): Promise<readonly ListedTemplate[]> {
    const all: ListedTemplate[] = [];
    let after: string | undefined;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const query = {
        fields: LISTED_FIELDS,
        limit: String(PAGE_SIZE),
        ...(name && { name }),
        ...(after && { after }),
      };
      const { data, paging } = await this.#graph.call(page, "GET", this.#edge("message_templates"), {
        query,
      });
      const read = known(listedTemplate, data);
      // If nothing can be read any more, it is not that there is nothing.
      if (read.length === 0 && data.length > 0) throw noAnswer();
      all.push(...read);
      after = paging?.cursors?.after;
      // The address in `next` may carry the token, and leads wherever it says.
      if (paging?.next === undefined || after === undefined) break;
    }
    // Whether WhatsApp looks for the whole name or for a part of one is not said.
    return name === undefined ? all : all.filter((template) => template.name === name);
  }

  /** Creates or replaces an authentication template, in all its languages at once. */
  async upsert(name: string, draft: AuthenticationDraft) {
    const body = upsertPayload(name, draft);
    return (await this.#graph.call(upserted, "POST", this.#edge("upsert_message_templates"), { body })).data;
  }

  async create(name: string, language: string, texts: UtilityTexts, ttlSeconds?: number) {
    const body = createPayload(name, language, texts, ttlSeconds);
    return this.#graph.call(written, "POST", this.#edge("message_templates"), { body });
  }

  /** Replaces what a template says in one language; WhatsApp reviews it anew. */
  async edit(id: string, texts: UtilityTexts, ttlSeconds?: number): Promise<void> {
    await this.#graph.call(done, "POST", id, { body: editPayload(texts, ttlSeconds) });
  }

  /** In all its languages. */
  async delete(name: string): Promise<void> {
    await this.#graph.call(done, "DELETE", this.#edge("message_templates"), { query: { name } });
  }

  /** WhatsApp's own words of an authentication template; null in a language that it has none in. */
  async preview(language: string, { add_security_recommendation, code_expiration_minutes }: Template) {
    const query = {
      category: "AUTHENTICATION",
      languages: language,
      button_types: "OTP",
      ...(add_security_recommendation !== null && {
        add_security_recommendation: String(add_security_recommendation),
      }),
      ...(code_expiration_minutes !== null && { code_expiration_minutes: String(code_expiration_minutes) }),
    };
    const { data } = await this.#graph.call(previews, "GET", this.#edge("message_template_previews"), {
      query,
    });
    return data.find((one) => one.language === language) ?? null;
  }

  #edge(name: string): string {
    return `${this.#account}/${name}`;
  }
}
