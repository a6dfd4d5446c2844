import * as z from "zod";
import { documented } from "../../platform/documented.ts";
import type { CompatibleApi } from "../compatible-api.ts";
import type { Credentials } from "../dialect.ts";
import { auth0 } from "./auth0.ts";
import { authgear } from "./authgear.ts";
import { clerk } from "./clerk.ts";
import { cognito } from "./cognito.ts";
import {
  authgearError,
  describeForAuthgear,
  describeForSupabase,
  renderForAuthgear,
  renderForSupabase,
  supabaseError,
} from "./errors.ts";
import { fusionauth } from "./fusionauth.ts";
import { type HookOptions, hookApi } from "./hook.ts";
import { kratos } from "./kratos.ts";
import { logto } from "./logto.ts";
import { supabase } from "./supabase.ts";
import { zitadel } from "./zitadel.ts";

/** For platforms that send an API key with each call. */
const BY_KEY: HookOptions = {
  signedBy: null,
  credentials: documented(() => ({
    hookKey: { type: "http", scheme: "bearer", description: "An API key with the scope `hooks`." },
    hookBasic: { type: "http", scheme: "basic", description: "Any user name; such a key as the password." },
  })),
};

function signature(name: string, description: string): Credentials {
  return { type: "apiKey", in: "header", name, description };
}

/** Every auth platform's hook, in the order of the documentation. */
export const SMS_HOOKS: readonly CompatibleApi[] = [
  hookApi(supabase, {
    signedBy: "supabase",
    credentials: documented(() => ({
      supabaseSignature: signature(
        "webhook-signature",
        "Standard Webhooks, with a secret of `SUPABASE_HOOK_SECRET`.",
      ),
    })),
    errors: {
      renderError: renderForSupabase,
      errorType: "application/json",
      errorBody: supabaseError,
      describeError: describeForSupabase,
    },
    answered: () => z.union([z.object({}), supabaseError]),
  }),
  hookApi(zitadel, {
    signedBy: "zitadel",
    credentials: documented(() => ({
      zitadelSignature: signature(
        "zitadel-signature",
        "`t=<time>,v1=<HMAC>`, with a key of `ZITADEL_SIGNING_KEY`.",
      ),
    })),
  }),
  hookApi(kratos, BY_KEY),
  hookApi(logto, BY_KEY),
  hookApi(fusionauth, BY_KEY),
  hookApi(auth0, BY_KEY),
  hookApi(cognito, BY_KEY),
  hookApi(clerk, {
    signedBy: "clerk",
    credentials: documented(() => ({
      clerkSignature: signature("svix-signature", "By Svix, with a secret of `CLERK_WEBHOOK_SECRET`."),
    })),
  }),
  hookApi(authgear, {
    signedBy: "authgear",
    credentials: documented(() => ({
      authgearSignature: signature(
        "x-authgear-body-signature",
        "The HMAC of the body, with a secret of `AUTHGEAR_WEBHOOK_SECRET`.",
      ),
    })),
    errors: {
      renderError: renderForAuthgear,
      errorType: "application/json",
      errorBody: authgearError,
      describeError: describeForAuthgear,
    },
    answer: { code: "ok" },
    answered: () => z.object({ code: z.literal("ok") }),
  }),
];
