import { accountChecks } from "./account.ts";
import type { Check } from "./check.ts";
import { countryChecks } from "./countries.ts";
import { healthChecks } from "./health.ts";
import { numberChecks } from "./number.ts";
import { platformChecks } from "./platform.ts";
import { settingsChecks } from "./settings.ts";
import { templateChecks } from "./templates.ts";
import { tokenChecks } from "./token.ts";
import { webhookChecks } from "./webhook.ts";

/** What a deployment examines by itself. The command line adds Cloudflare's side. */
export const CHECKS: readonly Check[] = [
  ...tokenChecks,
  ...settingsChecks,
  ...webhookChecks,
  ...numberChecks,
  ...accountChecks,
  ...healthChecks,
  ...countryChecks,
  ...templateChecks,
  ...platformChecks,
];
