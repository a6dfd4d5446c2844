import * as z from "zod";
import { ACTIONS } from "../../channels/failure.ts";
import type { WhatsAppSettings } from "../../channels/whatsapp/client.ts";
import { classify } from "../../channels/whatsapp/errors.ts";
import { readJson } from "../../platform/json.ts";
import { log } from "../../platform/log.ts";
import { Problem } from "../../platform/problem.ts";

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

/** Meta's error object, as far as anybody here looks at it. */
export interface GraphError {
  readonly code: number;
  readonly error_subcode?: number | undefined;
  /** Written by Meta for users; its `message` is not. */
  readonly error_user_msg?: string | undefined;
}

/** What to do about errors that only the management of templates meets (Cloud API, "Error codes", by subcode). */
const ADVICE: Readonly<Record<number, string>> = {
  2388019: "The account has as many templates as it may have. Delete some, or verify the business.",
  2388024: "The template exists in this language already. Sync, and try again.",
  2388039:
    "It cannot be edited now. WhatsApp allows that while it is approved, rejected or paused; an approved one once in " +
    "24 hours and ten times in 30 days.",
  2388040: "A text is longer than WhatsApp allows.",
  2388047: "The header's format is wrong.",
  2388072: "The body's format is wrong.",
  2388073: "The footer's format is wrong.",
  2388293: "There are too many parameters for so few words. Say more, or take parameters out.",
  2388299: "A parameter stands at the start or the end of the text. Put words before and after it.",
};

const INVALID = { code: 100, unknownId: 33 };

/** The limits on calls about templates are by the hour: 200, or 5,000 for an account with a number. */
const RATE_LIMITS = [4, 80007];
const RATE_RETRY_SECONDS = 600;

/** What WhatsApp's refusal means to whoever asked, and what to do about it. */
export function refusal({ code, error_subcode: subcode, error_user_msg: words }: GraphError): Problem {
  const known = classify(code, subcode === undefined ? {} : { subcode });
  const isOurs = code === INVALID.code && subcode !== INVALID.unknownId;
  const advice =
    ADVICE[subcode ?? 0] ??
    (isOurs ? "WhatsApp finds a value invalid." : `${known.title}. ${ACTIONS[known.class]}`);
  return new Problem(isOurs ? "template_rejected" : "provider_failed", {
    detail: words === undefined ? advice : `${advice} WhatsApp says: ${words}`,
    provider: {
      channel: "whatsapp",
      code: String(code),
      title: known.title,
      ...(subcode !== undefined && { subcode: String(subcode) }),
    },
    ...(RATE_LIMITS.includes(code) && { retryAfterSeconds: RATE_RETRY_SECONDS }),
  });
}

/** Nobody knows whether WhatsApp has done it. */
export function noAnswer(): Problem {
  return new Problem("provider_failed", {
    detail: "WhatsApp did not answer, and may have done it all the same. Sync, and look.",
    provider: { channel: "whatsapp", code: "no_answer", title: "The provider did not answer" },
  });
}
