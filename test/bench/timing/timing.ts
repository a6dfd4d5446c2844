/**
 * `npm run timing [-- --quick]`: whether response times reveal the state of a number: of a check by number, and of the
 * number's form on the sign-in page. Prints a table of each; the last line is JSON, whose `alike` is the verdict. Exits with 1
 * where a kind of number can be told from another.
 */
import { Environment } from "../harness/environment.ts";
import { sandiValues } from "../harness/services.ts";
import { measureChecks } from "./checks.ts";
import { measurePage, RESEND_AFTER_MS } from "./page.ts";

const count = process.argv.includes("--quick") ? 60 : 250;

const environment = await Environment.open();
try {
  const built = await environment.buildWorker("wrangler.toml");
  const { port } = await environment.startWorker(built, (origin) => ({
    ...sandiValues(environment.whatsAppBaseUrl),
    SIGN_IN: { issuer: origin },
    PURPOSES: { login: { resend_after_seconds: [RESEND_AFTER_MS / 1000] } },
    NUMBER_LIMITS: { sends: "100 per day", kept_for_known: 0 },
    GUARD: { fence: { mode: "off" } },
  }));
  const checks = await measureChecks(environment, port, count);
  const page = await measurePage(environment, port, count);
  const alike = checks.alike && page.alike;
  console.log(JSON.stringify({ checks, page, alike }));
  process.exitCode = alike ? 0 : 1;
} finally {
  environment.close();
}
