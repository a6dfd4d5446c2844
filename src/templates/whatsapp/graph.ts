import * as z from "zod";
import type { WhatsAppSettings } from "../../channels/whatsapp/client.ts";
import { readJson } from "../../platform/json.ts";
import { log } from "../../platform/log.ts";
import { noAnswer, refusal } from "./refusal.ts";

const failure = z.object({
  error: z.object({
    code: z.number(),
    error_subcode: z.number().optional(),
    error_user_msg: z.string().optional(),
  }),
});
const TIME_LIMIT_MS = 20_000;

interface CallOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** Meta's Graph API, as far as the management of templates needs it. */
export class Graph {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ baseUrl, apiVersion, accessToken }: WhatsAppSettings) {
    this.#base = `${baseUrl}/${apiVersion}`;
    this.#headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
  }

  /** Answers what the schema reads; throws a Problem for a refusal, and for anything else. */
  async call<Schema extends z.ZodType>(
    schema: Schema,
    method: "GET" | "POST" | "DELETE",
    path: string,
    { query, body }: CallOptions,
  ): Promise<z.output<Schema>> {
    const url = `${this.#base}/${path}${query ? `?${new URLSearchParams(query)}` : ""}`;
    const answer = await this.#fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
    const success = schema.safeParse(answer);
    if (success.success) return success.data;
    const refused = failure.safeParse(answer);
    if (!refused.success) throw noAnswer();
    const { code, error_subcode: subcode } = refused.data.error;
    log("warn", "WhatsApp refused a call about templates", { error: `${code} ${subcode ?? ""}` });
    throw refusal(refused.data.error);
  }

  async #fetch(url: string, init: RequestInit): Promise<unknown> {
    try {
      const signal = AbortSignal.timeout(TIME_LIMIT_MS);
      const response = await fetch(url, { ...init, headers: this.#headers, signal, redirect: "manual" });
      return readJson(await response.text());
    } catch (error) {
      log("warn", "WhatsApp did not answer about templates", { error: String(error) });
      throw noAnswer();
    }
  }
}
