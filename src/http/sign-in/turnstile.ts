import * as z from "zod";
import type { TurnstileSettings } from "../../keys/issuer/turnstile-settings.ts";
import type { E164 } from "../../numbering/e164.ts";
import { readJson } from "../../platform/json.ts";
import type { Keyring } from "../../platform/keyring.ts";
import { log } from "../../platform/log.ts";
import type { Flow } from "./flow.ts";

/** How the check of a visitor ended. Without an answer of Cloudflare nothing is known of them. */
export type VisitorCheck = "passed" | "failed" | "no_answer";

/** What a visitor's form brings to the check. */
export interface Visitor {
  /** What the widget put into the form; null where it put none. */
  readonly token: string | null;
  readonly flow: Pick<Flow, "id">;
  readonly to: E164;
  /** Of the page that showed the widget. */
  readonly hostname: string;
  readonly ip: string | null;
}

const CLOUDFLARE = "https://challenges.cloudflare.com";

/** The name under which the widget's tokens are counted at Cloudflare. A token of another action does not count here. */
export const TURNSTILE_ACTION = "send";

/** A user waits for the page. */
const ANSWER_LIMIT_MS = 5_000;

/** As Cloudflare documents it. */
const LONGEST_TOKEN = 2_048;

/** The errors that are about the token; others are about the deployment's secret or Cloudflare itself. */
const TOKEN_ERRORS = ["missing-input-response", "invalid-input-response", "timeout-or-duplicate"];

/** Made at the first check: few deployments make any. */
const answerSchema = () =>
  z.object({
    success: z.boolean(),
    action: z.string().optional(),
    cdata: z.string().optional(),
    hostname: z.string().optional(),
    "error-codes": z.array(z.string()).default([]),
  });

/** Cloudflare's check that a visitor is a person, on the page and behind it (siteverify). */
export class Turnstile {
  readonly siteKey: string;
  /** The origin of the widget's script and frame, which the page's policy lets in. */
  readonly origin: string;
  readonly #secretKey: string;
  readonly #keyring: Pick<Keyring, "mac">;

  constructor({ siteKey, secretKey, simulatorUrl }: TurnstileSettings, keyring: Pick<Keyring, "mac">) {
    this.siteKey = siteKey;
    this.origin = new URL(simulatorUrl ?? CLOUDFLARE).origin;
    this.#secretKey = secretKey;
    this.#keyring = keyring;
  }

  /** Asks Cloudflare about the token, which has to be of this flow, this action and this host. */
  async check(visitor: Visitor): Promise<VisitorCheck> {
    const { token, flow, hostname } = visitor;
    if (token === null || token.length > LONGEST_TOKEN) return "failed";
    const answer = await this.#ask(token, visitor);
    if (answer === null) return "no_answer";
    if (!answer.success) {
      const codes = answer["error-codes"];
      if (codes.some((code) => TOKEN_ERRORS.includes(code))) return "failed";
      log("error", "Turnstile did not check a visitor", { error: codes.join(" ") });
      return "no_answer";
    }
    const isOurs =
      answer.action === TURNSTILE_ACTION && answer.cdata === flow.id && answer.hostname === hostname;
    return isOurs ? "passed" : "failed";
  }

  async #ask(token: string, visitor: Visitor) {
    const body = new URLSearchParams({
      secret: this.#secretKey,
      response: token,
      idempotency_key: this.#idempotencyKey(token, visitor),
    });
    if (visitor.ip !== null) body.set("remoteip", visitor.ip);
    try {
      const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
      const url = `${this.origin}/turnstile/v0/siteverify`;
      const response = await fetch(url, { method: "POST", body, signal, redirect: "manual" });
      const answer = answerSchema().safeParse(readJson(await response.text()));
      if (answer.success) return answer.data;
      log("error", "Turnstile did not answer", { status: response.status });
    } catch (error) {
      log("error", "Turnstile did not answer", { error: String(error) });
    }
    return null;
  }

  /**
   * The same for a form that is sent twice: a token counts once, and the answer to the second form is the one that the
   * browser shows. Another number is another key, so that a token is good for one. A UUID of version 8 (RFC 9562), keyed,
   * for a number must not be found by trying.
   */
  #idempotencyKey(token: string, { flow, to }: Visitor): string {
    const [mac] = this.#keyring.mac("request", `turnstile ${flow.id} ${to} ${token}`);
    const hex = mac.toString("hex");
    return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-8$3-a$4-$5");
  }
}
