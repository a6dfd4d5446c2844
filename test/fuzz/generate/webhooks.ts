import { createHmac } from "node:crypto";
import type { Random } from "../../world/random.ts";
import { ACCOUNT, APP_SECRET, SMS_SECRET, VERIFY_TOKEN } from "../../world/settings.ts";
import type { Pool } from "../pool.ts";
import type { FuzzRequest, Header, Signer } from "../request.ts";

/** The body of a webhook, before it is mutated and signed. */
export interface Unsigned {
  readonly kind: "whatsapp" | "sms";
  readonly value: unknown;
}

/** Error codes about a single recipient: others would open a circuit breaker, after which a 503 is correct. */
const RECIPIENT_CODES = [131026, 131049, 131047, 137000, 130472, 999999] as const;

/** The most updates that Meta sends in one call ("Webhooks overview"). */
const MAX_CHANGES = 1_000;

/** Generates webhooks as Meta and the SMS gateway send them. */
export class WebhookBodies {
  readonly #random: Random;
  readonly #pool: Pool;

  constructor(random: Random, pool: Pool) {
    [this.#random, this.#pool] = [random, pool];
  }

  make(): Unsigned {
    if (this.#random.chance(0.2)) return { kind: "sms", value: this.#report() };
    const changes = Array.from({ length: this.#changeCount() }, () => this.#change());
    const entry = [{ id: ACCOUNT.businessAccountId, time: now(), changes }];
    return { kind: "whatsapp", value: { object: "whatsapp_business_account", entry } };
  }

  #changeCount(): number {
    if (this.#random.chance(0.01)) return this.#random.below(MAX_CHANGES) + 1;
    return this.#random.chance(0.2) ? 1 + this.#random.below(5) : 1;
  }

  #change(): object {
    const random = this.#random;
    const metadata = { display_phone_number: "12065550100", phone_number_id: ACCOUNT.phoneNumberId };
    const common = { messaging_product: "whatsapp", metadata };
    const dice = random.next();
    if (dice < 0.5) return { field: "messages", value: { ...common, statuses: [this.#status()] } };
    if (dice < 0.8) return { field: "messages", value: { ...common, messages: [this.#inbound()] } };
    if (dice < 0.95) return this.#templateUpdate();
    const field = random.pick(["phone_number_quality_update", "account_alerts", "flows", "security"]);
    return { field, value: { event: random.pick(["FLAGGED", "ONBOARDING"]), current_limit: "TIER_1K" } };
  }

  #status(): object {
    const random = this.#random;
    const { number, id, reference } = this.#pool.message();
    const status = random.pick(["sent", "delivered", "read", "played", "failed"]);
    const update: Record<string, unknown> = {
      id,
      status,
      timestamp: String(now()),
      recipient_id: number.slice(1),
    };
    if (reference !== null && random.chance(0.8)) update.biz_opaque_callback_data = reference;
    if (status === "failed") update.errors = [{ code: random.pick(RECIPIENT_CODES), title: "Failed" }];
    if (random.chance(0.5)) {
      update.pricing = { billable: true, category: "authentication", pricing_model: "PMP" };
    }
    if (random.chance(0.2)) update.recipient_identity_key_hash = "DF2lS5v2W6x=";
    return update;
  }

  #inbound(): object {
    const random = this.#random;
    const { number, id } = this.#pool.message();
    const said = random.pick<object>([
      { type: "text", text: { body: random.pick(["Hello", "STOP", "start", "Berhenti", "🙂"]) } },
      { type: "button", button: { payload: "DID_NOT_REQUEST_CODE", text: "I didn't request a code" } },
      { type: "image", image: { id: "1", mime_type: "image/jpeg" } },
      { type: "system", system: { type: "user_changed_number", wa_id: "6281200000001" } },
    ]);
    const from = random.chance(0.9) ? { from: number.slice(1) } : { from_user_id: "US.123" };
    return {
      ...from,
      id: `wamid.in${random.below(5000)}`,
      timestamp: String(now()),
      ...said,
      context: { id },
    };
  }

  /** Only about templates without codes: if those were paused, a 503 to a start would be correct. */
  #templateUpdate(): object {
    const random = this.#random;
    const about = {
      message_template_id: random.below(100_000),
      message_template_name: "shipping_update",
      message_template_language: random.pick(["en-US", "id", "pt_BR"]),
    };
    const [field, update] = random.pick<readonly [string, object]>([
      [
        "message_template_status_update",
        { event: random.pick(["APPROVED", "PAUSED", "FLAGGED"]), reason: null },
      ],
      ["message_template_quality_update", { new_quality_score: random.pick(["GREEN", "RED"]) }],
      ["template_category_update", { previous_category: "UTILITY", new_category: "MARKETING" }],
    ]);
    return { field, value: { ...about, ...update } };
  }

  #report(): object {
    const { reference, id } = this.#pool.message();
    const status = this.#random.pick(["sent", "delivered", "read", "failed"]);
    const report = { ref: reference ?? "vrf_0", id, status };
    return status === "failed" ? { ...report, error_code: "unreachable" } : report;
  }
}

/** A request with a webhook's bytes, signed or with a mutated signature. */
export function toRequest(
  kind: Unsigned["kind"],
  body: Buffer,
  isSigned: boolean,
  random: Random,
): FuzzRequest {
  const signer = SIGNERS[kind];
  const wrong = () => signer(body).flatMap((header) => mutated(header, random));
  return {
    method: "POST",
    target: `/webhooks/${kind}`,
    body,
    operation: null,
    ...(isSigned ? { headers: [], signer } : { headers: wrong(), signer: null }),
  };
}

/** Meta's verification request, mostly with the right token. */
export function handshake(random: Random): FuzzRequest {
  const query = new URLSearchParams({
    "hub.mode": random.pick(["subscribe", "subscribe", "unsubscribe"]),
    "hub.verify_token": random.pick([VERIFY_TOKEN, VERIFY_TOKEN, "another"]),
    "hub.challenge": random.pick(["1158201444", "<script>", ""]),
  });
  const target = `/webhooks/whatsapp?${query}`;
  return { method: "GET", target, headers: [], body: null, signer: null, operation: null };
}

const SIGNERS: Readonly<Record<Unsigned["kind"], Signer>> = {
  /** Standard Webhooks, over the raw bytes. */
  sms(body) {
    const [id, timestamp] = ["msg_1", String(now())];
    const key = Buffer.from(SMS_SECRET.replace("whsec_", ""), "base64");
    const mac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
    return [
      ["webhook-id", id],
      ["webhook-timestamp", timestamp],
      ["webhook-signature", `v1,${mac}`],
    ];
  },
  whatsapp(body) {
    const hex = createHmac("sha256", APP_SECRET).update(body).digest("hex");
    return [["x-hub-signature-256", `sha256=${hex}`]];
  },
};

function mutated([name, value]: Header, random: Random): readonly Header[] {
  const garbage = [
    "",
    "sha256=",
    `${value}0`,
    value.toUpperCase(),
    `sha1=${value}`,
    value.slice(0, -1),
    "\xe9",
  ];
  return random.chance(0.1) ? [] : [[name, random.pick([value.replace(/[0-9a-f]$/, "g"), ...garbage])]];
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
