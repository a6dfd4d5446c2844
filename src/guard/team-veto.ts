import * as z from "zod";
import type { MaybePromise } from "../platform/async.ts";
import { readJson } from "../platform/json.ts";
import { log } from "../platform/log.ts";
import { signWebhook } from "../platform/standard-webhooks.ts";
import { toIso } from "../platform/time.ts";
import type { GuardRequest, Rule, RuleMatch } from "./rule.ts";
import type { VetoSettings } from "./settings.ts";

/** Short, because a user is waiting for the code. */
const TIME_LIMIT_MS = 1_500;

/** The reason goes into the decision's record, shortened and without phone numbers. */
const REASON_LENGTH = 200;
const LONG_NUMBER = /\d{7,}/g;

const verdict = z.object({
  decision: z.enum(["allow", "deny"]),
  reason: z.string().optional().catch(undefined),
});

/** Asks the team's own system before a send, in a request signed by Standard Webhooks. */
export class TeamVeto implements Rule {
  readonly #settings: VetoSettings;
  readonly #secret: string;

  /** @param secret As Standard Webhooks writes it: `whsec_` and base64. */
  constructor(settings: VetoSettings, secret: string) {
    this.#settings = settings;
    this.#secret = secret;
  }

  evaluate(request: GuardRequest): MaybePromise<RuleMatch | null> {
    const { mode } = this.#settings;
    return mode === "off" ? null : this.#ask(request, mode);
  }

  async #ask(request: GuardRequest, mode: RuleMatch["mode"]): Promise<RuleMatch | null> {
    const { onFailure } = this.#settings;
    const answer = await this.#post(request);
    if ((answer?.decision ?? onFailure) === "allow") return null;
    const reason = answer === null ? "no answer" : (answer.reason ?? "").slice(0, REASON_LENGTH);
    return {
      rule: "team_veto",
      code: "denied_by_policy",
      mode,
      wait: null,
      detail: "The deployment's own check refused the send.",
      figures: { reason: reason.replace(LONG_NUMBER, "*") },
      limits: { on_failure: onFailure, time_limit_ms: TIME_LIMIT_MS },
    };
  }

  async #post({ to, app, purpose, country, client, limits, metadata }: GuardRequest) {
    const now = Date.now();
    const body = JSON.stringify({
      type: "verification.requested",
      timestamp: toIso(now),
      data: {
        to,
        app,
        purpose,
        country,
        limits,
        metadata,
        client: { ip: client.ip, device_id: client.deviceId },
      },
    });
    try {
      const response = await fetch(this.#settings.url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...signWebhook(`chk_${crypto.randomUUID()}`, now, body, [this.#secret]),
        },
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(TIME_LIMIT_MS),
      });
      const read = response.ok ? verdict.safeParse(readJson(await response.text())) : null;
      if (read?.success) return read.data;
      log("warn", "Guard veto answer invalid", { status: response.status });
    } catch (error) {
      log("warn", "Guard veto request failed", { error: String(error) });
    }
    return null;
  }
}
