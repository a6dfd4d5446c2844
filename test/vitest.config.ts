import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { DEFAULT_SMS_SECRET } from "./simulator/sms/options.ts";

/** What `.dev.vars` and the account would bring; the tests' stand-in for WhatsApp is told the same. */
const ENVIRONMENT = {
  SECRET_KEY: "test-secret-key-0123456789-abcdefghijklmnop",
  ADMIN_KEY: "test-admin-key-0123456789-abcdefghijklmnopq",
  WHATSAPP_ACCESS_TOKEN: "test-access-token",
  WHATSAPP_APP_SECRET: "test-app-secret",
  WHATSAPP_VERIFY_TOKEN: "test-verify-token",
  SMS_SECRET: DEFAULT_SMS_SECRET,
  WHATSAPP_BASE_URL: "http://127.0.0.1:9",
  WHATSAPP_PHONE_NUMBER_ID: "100000000000001",
  WHATSAPP_BUSINESS_ACCOUNT_ID: "200000000000002",
};

/** An SMS gateway of the team's own, which the simulator plays. */
const SMS = { gateway: "http", brand: "Example", webotp_host: "example.com", url: "https://sms.test/sms" };

/** Faster than Meta's default, for tests with hundreds of users at the same moment. */
const WHATSAPP_SENDERS = [
  { phone_number_id: ENVIRONMENT.WHATSAPP_PHONE_NUMBER_ID, messages_per_second: 1000 },
];

/** The purposes that ship, and one whose cool-down is short enough to use up its sends before it expires. */
const PURPOSES = {
  login: {},
  signup: {},
  recovery: {},
  transaction: { bind_required: true },
  patient: { resend_after_seconds: [6] },
  brief: { template: "brief" },
};

const MIGRATIONS = await readD1Migrations("src/journal/migrations");

export default defineConfig({
  test: {
    // Wrangler runs the build by itself; the vitest plugin does not.
    globalSetup: ["src/build/assets.ts"],
    projects: [
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { bindings: { ...ENVIRONMENT, PURPOSES, WHATSAPP_SENDERS, SMS, MIGRATIONS } },
          }),
        ],
        test: {
          name: "worker",
          include: ["test/**/*.test.ts"],
          exclude: ["test/structure.test.ts", "test/simulator/**", "test/e2e/**", "**/node_modules/**"],
          setupFiles: ["test/apply-migrations.ts"],
        },
      },
      {
        test: {
          name: "node",
          environment: "node",
          include: ["test/structure.test.ts", "test/simulator/**/*.test.ts", "test/e2e/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
