import type { Hono } from "hono";
import { createApp } from "./app.ts";
import { ConfigError } from "./config.ts";
import type { AppEnv } from "./doors/app-env.ts";
import { log } from "./log.ts";
import { Problem } from "./problems.ts";

export { PhoneNumber } from "./verification/phone-number.ts";

let app: Hono<AppEnv> | undefined;

/** Built by an isolate's first request. A deployment that is not fit to run says on its log what it lacks. */
function appFor(env: Env): Hono<AppEnv> | null {
  try {
    app ??= createApp(env);
    return app;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log("error", "Sandi does not run: its configuration is incomplete", { error: error.message });
    return null;
  }
}

export default {
  fetch(request, env, context) {
    return (
      appFor(env)?.fetch(request, env, context) ?? new Problem("internal").toResponse(crypto.randomUUID())
    );
  },
} satisfies ExportedHandler<Env>;
