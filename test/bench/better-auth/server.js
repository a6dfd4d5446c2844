/**
 * An alternative to Sandi: better-auth with its phone-number plugin on Node's SQLite. Plain JavaScript, because
 * its packages are not installed when the project is type-checked. Started by `fork` with the path of the database
 * and WhatsApp's base URL; its first message to the parent process is its port.
 */
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { phoneNumber } from "better-auth/plugins";

const [, , databasePath = "", whatsAppBaseUrl = ""] = process.argv;

const database = new DatabaseSync(databasePath);
// As durable as a Durable Object's storage: the row is on disk before the response.
database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");

const auth = betterAuth({
  database,
  secret: "benchmark-secret-key-0123456789abcdef",
  baseURL: "http://127.0.0.1",
  logger: { disabled: true },
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  plugins: [
    phoneNumber({
      sendOTP: ({ phoneNumber: to, code }) => send(to, code),
      signUpOnVerification: { getTempEmail: (number) => `${number.slice(1)}@example.com` },
    }),
  ],
});
await (await getMigrations(auth.options)).runMigrations();

const server = createServer({ keepAliveTimeout: 60_000 }, toNodeHandler(auth));
server.listen(0, "127.0.0.1", () => process.send?.(server.address().port));
process.once("disconnect", () => process.exit());

/** Sends the same message as Sandi. */
async function send(to, code) {
  const parameters = [{ type: "text", text: code }];
  const response = await fetch(`${whatsAppBaseUrl}/v26.0/100000000000001/messages`, {
    method: "POST",
    headers: { authorization: "Bearer t", "content-type": "application/json" },
    body: JSON.stringify({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to,
      type: "template",
      template: {
        name: "verification_code",
        language: { code: "en_US" },
        components: [
          { type: "body", parameters },
          { type: "button", sub_type: "url", index: "0", parameters },
        ],
      },
    }),
  });
  await response.json();
}
