import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { DEFAULT_SMS_SECRET } from "./simulator/sms/options.ts";
import { CREDENTIALS, FAST_SENDERS } from "./world/settings.ts";

/** No server listens there: tests replace `fetch` with their stand-in. */
const ENVIRONMENT = {
  ...CREDENTIALS,
  SMS_SECRET: DEFAULT_SMS_SECRET,
  WHATSAPP_BASE_URL: "http://127.0.0.1:9",
};

/** The generic HTTP gateway, which the simulator implements. */
const SMS = { gateway: "http", brand: "Example", webotp_host: "example.com", url: "https://sms.test/sms" };

/**
 * The purposes of wrangler.toml, on WhatsApp alone; `either` falls back to SMS, `patient` may use up its sends before it
 * expires, `anew` draws a
 * code for each message, `brief` has its own template.
 */
const PURPOSES = {
  login: {},
  signup: { message_first: "on", message_first_learns_number: true },
  recovery: {},
  transaction: { bind_required: true, block_after_failures: 5, block_seconds: 900 },
  either: { channels: ["whatsapp", "sms"] },
  patient: { resend_after_seconds: [6] },
  anew: { resend: "new" },
  // Message first for a payment, and for a purpose whose number has to be named.
  pay: { bind_required: true, message_first: "on" },
  open: { message_first: "on" },
  brief: { template: "brief", channels: ["whatsapp", "sms"] },
};

/** The shipped day without its shorter windows, so that most tests need no clock; tests of the windows set their own. */
const NUMBER_LIMITS = { sends: "10 per day" };

const COMPATIBILITY = { twilio: { services: { VA0123456789abcdef0123456789abcdef: "login" } } };

/** Tests that read files or start processes, which the Workers runtime cannot. */
const NODE_TESTS = [
  "test/structure.test.ts",
  "test/invariants.test.ts",
  "test/phone-number/record-size.test.ts",
  "test/lock-files.test.ts",
  "test/standards.test.ts",
  // Where the Worker runs there is no documentation.
  "test/build/**/*.test.ts",
  "test/client/generated.test.ts",
  "test/client/package.test.ts",
  "test/setup/**/*.test.ts",
  "test/scale/**/*.test.ts",
  "test/simulator/**/*.test.ts",
  "test/e2e/**/*.test.ts",
];

/** Other systems' own clients against `npm run dev`. */
const VENDOR_TESTS = "test/vendor-clients/*.test.ts";

const MIGRATIONS = await readD1Migrations("src/journal/migrations");

export default defineConfig({
  test: {
    // Wrangler runs the build before it starts a Worker; the vitest plugin does not.
    globalSetup: ["src/build/assets.ts"],
    projects: [
      {
        plugins: [
          cloudflareTest({
            main: "./test/worker.ts",
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                ...ENVIRONMENT,
                PURPOSES,
                NUMBER_LIMITS,
                APPS: { shop: { brand: "Example Shop" } },
                COMPATIBILITY,
                SIGN_IN: { issuer: "https://sandi.test" },
                WHATSAPP_SENDERS: FAST_SENDERS,
                SMS,
                MIGRATIONS,
              },
            },
          }),
        ],
        test: {
          name: "worker",
          include: ["test/**/*.test.ts"],
          exclude: [...NODE_TESTS, VENDOR_TESTS, "**/node_modules/**"],
          setupFiles: ["test/fresh-state.ts"],
          // The setup file separates them instead.
          isolate: false,
        },
      },
      {
        test: {
          name: "node",
          environment: "node",
          include: NODE_TESTS,
          globalSetup: ["test/simulator/unpack-browser.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "vendor clients",
          environment: "node",
          include: [VENDOR_TESTS],
          globalSetup: ["test/vendor-clients/install.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
