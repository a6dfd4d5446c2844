import * as z from "zod";

/** The secrets by which platforms sign their hooks; empty for a platform that this deployment does not serve. */
export interface HookSecrets {
  /** `whsec_` and base64 each, as Standard Webhooks writes them. */
  readonly supabase: readonly string[];
  readonly zitadel: readonly string[];
  readonly clerk: readonly string[];
  readonly authgear: readonly string[];
}

/** Several secrets in one setting, while one replaces another. */
const SEPARATOR = "|";

const WEBHOOK_SECRET = /^whsec_(?=[^=]{30,88}=*$)([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Shorter texts are guessed too easily. */
const SHORTEST_KEY = 16;
const SIGNING_KEY = new RegExp(`^[\\x21-\\x7e]{${SHORTEST_KEY},}$`);

/** Reads one of several secrets; null for a text that is none. */
type ReadSecret = (text: string) => string | null;

const readSupabase: ReadSecret = (text) => {
  const secret = text.startsWith("v1,") ? text.slice("v1,".length) : "";
  return WEBHOOK_SECRET.test(secret) ? secret : null;
};
const readWebhookSecret: ReadSecret = (text) => (WEBHOOK_SECRET.test(text) ? text : null);
const readSigningKey: ReadSecret = (text) => (SIGNING_KEY.test(text) ? text : null);

function secrets(read: ReadSecret, fault: string) {
  return z
    .string()
    .default("")
    .transform((text, context) => {
      const found: string[] = [];
      for (const candidate of text === "" ? [] : text.split(SEPARATOR)) {
        const secret = read(candidate);
        if (secret === null) {
          context.issues.push({ code: "custom", input: text, message: fault });
          return z.NEVER;
        }
        found.push(secret);
      }
      return found;
    });
}

/** The hooks' part of the environment, for `.and(hookSettings)`. */
export const hookSettings = z
  .object({
    SUPABASE_HOOK_SECRET: secrets(
      readSupabase,
      "is not a secret as Supabase shows it, v1,whsec_ and base64; several are separated by |",
    ),
    ZITADEL_SIGNING_KEY: secrets(
      readSigningKey,
      `is not a signing key of Zitadel: at least ${SHORTEST_KEY} characters without spaces; several are separated by |`,
    ),
    CLERK_WEBHOOK_SECRET: secrets(
      readWebhookSecret,
      "is not a signing secret as Clerk shows it, whsec_ and base64; several are separated by |",
    ),
    AUTHGEAR_WEBHOOK_SECRET: secrets(
      readSigningKey,
      `is not a webhook secret of Authgear: at least ${SHORTEST_KEY} characters without spaces; several are separated by |`,
    ),
  })
  .transform((settings) => {
    const hooks: HookSecrets = {
      supabase: settings.SUPABASE_HOOK_SECRET,
      zitadel: settings.ZITADEL_SIGNING_KEY,
      clerk: settings.CLERK_WEBHOOK_SECRET,
      authgear: settings.AUTHGEAR_WEBHOOK_SECRET,
    };
    return { hooks };
  });
