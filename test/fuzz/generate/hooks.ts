import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import type { Random } from "../../world/random.ts";
import { AUTHGEAR_SECRET, CLERK_SECRET, SUPABASE_SECRET, ZITADEL_KEY } from "../../world/settings.ts";
import type { Operation } from "../document.ts";
import type { Pool } from "../pool.ts";
import type { Header, Signer } from "../request.ts";

/** Signs as the platform of a hook does; null for a call that is not signed. */
export function signerOf({ operationId }: Operation): Signer | null {
  return SIGNERS[operationId] ?? null;
}

const SIGNERS: Readonly<Record<string, Signer>> = {
  supabaseHook: (body) => standardWebhooks("webhook", SUPABASE_SECRET.replace("v1,", ""), body),
  clerkHook: (body) => standardWebhooks("svix", CLERK_SECRET, body),
  zitadelHook(body) {
    const time = Math.floor(Date.now() / 1000);
    const mac = createHmac("sha256", ZITADEL_KEY).update(`${time}.`).update(body).digest("hex");
    return [["zitadel-signature", `t=${time},v1=${mac}`]];
  },
  authgearHook: (body) => [
    ["x-authgear-body-signature", createHmac("sha256", AUTHGEAR_SECRET).update(body).digest("hex")],
  ],
};

function standardWebhooks(prefix: string, secret: string, body: Buffer): readonly Header[] {
  const [id, now] = [crypto.randomUUID(), new Date()];
  return [
    [`${prefix}-id`, id],
    [`${prefix}-timestamp`, String(Math.floor(now.getTime() / 1000))],
    [`${prefix}-signature`, new Webhook(secret).sign(id, now, body.toString())],
  ];
}

const NUMBERS = /^(phone|recipient|phoneNumber|recipientPhoneNumber|phone_number|to_phone_number)$/;
const CODES = /^(otp|oTP|otp_code|(login|registration|recovery|verification)_code)$/;

/** A value for a field of a hook by its name; undefined for another field. */
export function valueOfHook(name: string, random: Random, pool: Pool): unknown {
  if (NUMBERS.test(name)) return random.chance(0.5) ? pool.number() : pool.number().slice(1);
  if (CODES.test(name)) return random.chance(0.8) ? pool.code() : undefined;
  switch (name) {
    case "uuid":
    case "id":
      return random.chance(0.7) ? `message-${random.below(500)}` : undefined;
    case "type":
      return random.pick(["sms.created", "SignIn", "Register"]);
    case "delivered_by_clerk":
      return random.chance(0.2);
    default:
      return undefined;
  }
}
