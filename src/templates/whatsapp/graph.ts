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

/** The calls of Meta's Graph API that template management needs. */
export class Graph {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ baseUrl, apiVersion, accessToken }: WhatsAppSettings) {
    this.#base = `${baseUrl}/${apiVersion}`;
    this.#headers = { authorization: `Bearer ${accessToken}`, "content-type": "application/json" };
  }

  /** Returns the parsed answer; throws a Problem for an error or an unknown format. */
  async call<Schema extends z.ZodType>(
    schema: Schema,
    method: "GET" | "POST" | "DELETE",
    path: string,
    { query, body }: CallOptions,
  ): Promise<z.output<Schema>> {
    const url = `${this.#base}/${path}${query ? `?${new URLSearchParams(query)}` : ""}`;
    const answer = await this.#fetch(url, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const success = schema.safeParse(answer);
    if (success.success) return success.data;
    const refused = failure.safeParse(answer);
    if (!refused.success) throw noAnswer();
    const { code, error_subcode: subcode } = refused.data.error;
    log("warn", "WhatsApp rejected a template call", { error: `${code} ${subcode ?? ""}` });
    throw toProblem(refused.data.error);
  }

  async #fetch(url: string, init: RequestInit): Promise<unknown> {
    try {
      const signal = AbortSignal.timeout(TIME_LIMIT_MS);
      const response = await fetch(url, { ...init, headers: this.#headers, signal, redirect: "manual" });
      return readJson(await response.text());
    } catch (error) {
      log("warn", "WhatsApp did not answer a template call", { error: String(error) });
      throw noAnswer();
    }
  }
}

/** The parts of Meta's error object that are used here. */
export interface GraphError {
  readonly code: number;
  readonly error_subcode?: number | undefined;
  /** Meta's text for users; `message` is for developers. */
  readonly error_user_msg?: string | undefined;
}

/** Advice for errors of template management, by subcode (Cloud API, "Error codes"). */
const ADVICE: Readonly<Record<number, string>> = {
  2388019: "The account has its maximum number of templates. Delete some, or verify the business.",
  2388024: "The template already exists in this language. Sync the templates and try again.",
  2388039:
    "The template cannot be edited now. WhatsApp allows edits while it is approved, rejected or paused; an approved " +
    "template can be edited once in 24 hours and ten times in 30 days.",
  2388040: "A text is longer than WhatsApp allows.",
  2388047: "The header's format is wrong.",
  2388072: "The body's format is wrong.",
  2388073: "The footer's format is wrong.",
  2388185:
    "WhatsApp does not allow authentication templates for this account yet. Meta has to verify the business and to " +
    "raise its messaging limit to 2,000.",
  2388293: "The text is too short for its number of parameters. Add words or remove parameters.",
  2388299: "The text starts or ends with a parameter. Add words before and after it.",
};

/** The error of an account that may not have authentication templates; utility templates can be created all the same. */
export const NOT_ELIGIBLE = { code: "10", subcode: "2388185" };

/** Whether WhatsApp refused a template because the account may not have authentication templates yet. */
export function isNotEligible({ extras: { provider } }: Problem): boolean {
  return provider?.code === NOT_ELIGIBLE.code && provider.subcode === NOT_ELIGIBLE.subcode;
}

const INVALID = { code: 100, unknownId: 33 };

/** Template calls are limited by the hour: 200, or 5,000 for an account with a registered number. */
const RATE_LIMITS = [4, 80007];
const RATE_RETRY_SECONDS = 600;

/** Converts a WhatsApp error to a problem with advice. */
export function toProblem({
  code,
  error_subcode: subcode,
  error_user_msg: userMessage,
}: GraphError): Problem {
  const known = classify(code, subcode === undefined ? {} : { subcode });
  const isRejected = code === INVALID.code && subcode !== INVALID.unknownId;
  const advice =
    ADVICE[subcode ?? 0] ??
    (isRejected ? "WhatsApp rejected a value as invalid." : `${known.title}. ${ACTIONS[known.class]}`);
  return new Problem(isRejected ? "template_rejected" : "provider_failed", {
    detail: userMessage === undefined ? advice : `${advice} WhatsApp says: ${userMessage}`,
    provider: {
      channel: "whatsapp",
      code: String(code),
      title: known.title,
      ...(subcode === undefined ? {} : { subcode: String(subcode) }),
    },
    ...(RATE_LIMITS.includes(code) ? { retryAfterSeconds: RATE_RETRY_SECONDS } : {}),
  });
}

/** WhatsApp did not answer; it may have carried out the call. */
export function noAnswer(): Problem {
  return new Problem("provider_failed", {
    detail: "WhatsApp did not answer, but may have carried out the call. Sync the templates and check.",
    provider: { channel: "whatsapp", code: "no_answer", title: "The provider did not answer" },
  });
}
