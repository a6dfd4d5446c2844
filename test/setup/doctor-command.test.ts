import { describe, expect, it } from "vitest";
import { type DoctorCommand, runDoctor } from "../../src/setup/command/doctor-command.ts";
import { SETTINGS } from "../simulator/rig.ts";
import { AccountAtMeta, type Changes, examineAll, SECRETS, VERIFY_TOKEN } from "./account-at-meta.ts";

const KEY = "an admin key";
const DEPLOYMENT = "https://verify.example.com";
const VARS = {
  WHATSAPP_BASE_URL: "http://127.0.0.1:9",
  WHATSAPP_API_VERSION: "v26.0",
  DEFAULT_LOCALE: "en-US",
  PURPOSES: { login: {} },
};
const DEV_VARS = [
  `WHATSAPP_ACCESS_TOKEN="${SETTINGS.accessToken}"`,
  `WHATSAPP_APP_SECRET="${SETTINGS.appSecret}"`,
  `WHATSAPP_VERIFY_TOKEN="${VERIFY_TOKEN}"`,
  `WHATSAPP_PHONE_NUMBER_ID="${SETTINGS.phoneNumberId}"`,
  `WHATSAPP_BUSINESS_ACCOUNT_ID="${SETTINGS.businessAccountId}"`,
].join("\n");

const QUEUES = [
  "sandi-sends",
  "sandi-notifications",
  "sandi-events",
  "sandi-deliveries",
  "sandi-deliveries-slow",
  "sandi-events-dead",
];

/** What wrangler 4.164 prints. */
const WRANGLER: Readonly<Record<string, string>> = {
  "whoami --json": '{"loggedIn":true}',
  "secret list": JSON.stringify(
    ["ADMIN_KEY", "SECRET_KEY", "WHATSAPP_ACCESS_TOKEN", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN"].map(
      (name) => ({ name, type: "secret_text" }),
    ),
  ),
  "d1 migrations list JOURNAL --remote": "✅ No migrations to apply!",
  "queues list": [
    "┌────┬──────┬────────────┬─────────────┬───────────┬───────────┐",
    "│ id │ name │ created_on │ modified_on │ producers │ consumers │",
    ...QUEUES.map((name) => `│ 1 │ ${name} │ 2026-11-01 │ 2026-11-01 │ 1 │ 1 │`),
  ].join("\n"),
};

interface World {
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly devVars?: string;
  readonly readVars?: DoctorCommand["files"]["readVars"];
  readonly wrangler?: Readonly<Record<string, string>>;
  readonly fetch?: DoctorCommand["fetch"];
}

/** Runs the command in a project of its own, and returns what it printed. */
async function run({
  args = [],
  environment = {},
  devVars = DEV_VARS,
  wrangler = {},
  fetch,
  readVars = async () => VARS,
}: World) {
  const printed: string[] = [];
  const errors: string[] = [];
  const texts: Readonly<Record<string, string>> = Object.assign({}, WRANGLER, wrangler);
  const exit = await runDoctor({
    args,
    environment,
    files: { readText: (path) => (path === ".dev.vars" ? devVars : null), readVars },
    fetch: fetch ?? (() => Promise.reject(new TypeError("no network"))),
    runWrangler: async (words) => {
      const stdout = texts[words.join(" ")] ?? "";
      return { code: stdout.includes("ERROR") ? 1 : 0, stdout, output: stdout };
    },
    print: (line) => printed.push(line),
    printError: (line) => errors.push(line),
    style: { width: 80, hasColor: false },
  });
  return { exit, output: printed.join("\n"), errors: errors.join("\n") };
}

/** A deployment's API, and Meta behind it. */
async function deploymentWith(changes: Changes) {
  const at = await AccountAtMeta.with(changes);
  const posted: unknown[] = [];
  const fetch: DoctorCommand["fetch"] = async (url, init) => {
    const { pathname } = new URL(url);
    if (!url.startsWith(DEPLOYMENT)) return at.rig.simulator.app.request(url, init);
    if (pathname === "/health") return Response.json({ status: "ok" });
    if (pathname === "/webhooks/whatsapp") {
      return new Response("{}", { status: 403, headers: { "content-type": "application/problem+json" } });
    }
    const { authorization } = init.headers as Record<string, string>;
    if (authorization !== `Bearer ${KEY}`) return Response.json({}, { status: 401 });
    if (pathname === "/v1/stats") return Response.json({ data: [{ started: 12 }] });
    if (init.method === "POST") {
      const body = JSON.parse(String(init.body));
      posted.push(body);
      await at.rig.control("PUT", "/account", { subscribed: true });
      const data = body.checks.map((check: string) => ({
        check,
        outcome: "repaired",
        sentence: null,
        pin: null,
      }));
      return Response.json({ data });
    }
    const { verdict, checkedAt, next, checks } = examineAll(await at.look());
    return Response.json({ verdict, checked_at: checkedAt, next, checks });
  };
  return { fetch, posted };
}

const OF_DEPLOYMENT = ["--url", DEPLOYMENT];
const WITH_KEY = { SANDI_KEY: KEY };

describe("npm run doctor", () => {
  it("asks a deployment, adds Cloudflare's side, and exits 0 when all is well", async () => {
    const { fetch } = await deploymentWith({});
    const { exit, output, errors } = await run({ args: OF_DEPLOYMENT, environment: WITH_KEY, fetch });
    expect(errors).toBe("");
    expect(output).toContain("Verdict ready. Codes go out on WhatsApp.");
    expect(output.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(exit).toBe(0);
  });

  it("names what is wrong and exits 1, or 3 where the account is limited", async () => {
    const blocked = await deploymentWith({ account: { subscribed: false } });
    const { exit, output } = await run({ args: OF_DEPLOYMENT, environment: WITH_KEY, fetch: blocked.fetch });
    expect(output).toContain("The app is not subscribed to the WhatsApp account Sandi.");
    expect(output).toContain("npm run doctor -- --fix webhook.account");
    expect(exit).toBe(1);
    const limited = await deploymentWith({ account: { limit: "TIER_250" } });
    expect((await run({ args: OF_DEPLOYMENT, environment: WITH_KEY, fetch: limited.fetch })).exit).toBe(3);
  });

  it("repairs what the doctor can, and says what became of it", async () => {
    const { fetch, posted } = await deploymentWith({ account: { subscribed: false } });
    const args = [...OF_DEPLOYMENT, "--fix", "--take-over"];
    const { exit, output } = await run({ args, environment: WITH_KEY, fetch });
    expect(posted).toEqual([{ checks: ["webhook.account"], take_over: true }]);
    expect(output).toContain("✓ webhook.account: repaired");
    expect(exit).toBe(0);
  });

  it("prints JSON and nothing else with --json", async () => {
    const { fetch } = await deploymentWith({ account: { payment: false } });
    const args = [...OF_DEPLOYMENT, "--json"];
    const { exit, output } = await run({ args, environment: WITH_KEY, fetch });
    const examination = JSON.parse(output);
    expect(Object.keys(examination)).toEqual(["verdict", "checked_at", "next", "checks"]);
    expect(examination.verdict).toBe("limited");
    expect(exit).toBe(3);
  });

  it.each([
    ["a secret that is missing", { "secret list": "[]" }, "cf.secrets"],
    [
      "a migration that is not applied",
      { "d1 migrations list JOURNAL --remote": "│ 0012_weeks.sql │" },
      "cf.migrations",
    ],
    [
      "a queue without a consumer",
      { "queues list": (WRANGLER["queues list"] ?? "").replaceAll("│ 1 │ 1 │", "│ 1 │ 0 │") },
      "cf.queues",
    ],
    [
      "a token without a permission",
      { "queues list": "[ERROR] Authentication error [code: 10000]" },
      "cf.token",
    ],
  ])("names %s at Cloudflare", async (_, wrangler, id) => {
    const { fetch } = await deploymentWith({});
    const args = [...OF_DEPLOYMENT, "--json"];
    const { exit, output } = await run({ args, environment: WITH_KEY, fetch, wrangler });
    const faults = JSON.parse(output).checks.filter(({ state }: { state: string }) => state === "failed");
    expect(faults.map((fault: { id: string }) => fault.id)).toEqual([id]);
    expect(exit).toBe(1);
  });

  it("names Cloudflare's fault where the deployment does not answer", async () => {
    const { exit, output } = await run({ args: OF_DEPLOYMENT, environment: WITH_KEY });
    expect(output).toContain(`Meta cannot reach ${DEPLOYMENT}: it cannot be reached.`);
    expect(exit).toBe(1);
  });

  it("asks Meta with the project's own settings where no deployment is named, and reveals none of them", async () => {
    const at = await AccountAtMeta.with({
      account: { subscribed: false, status: "PENDING", platform_type: "NOT_APPLICABLE" },
    });
    const fetch: DoctorCommand["fetch"] = async (url, init) => at.rig.simulator.app.request(url, init);
    const plain = await run({ fetch });
    expect(plain.output).toContain("The app is not subscribed to the WhatsApp account Sandi.");
    expect(plain.exit).toBe(1);
    const fixed = await run({ fetch, args: ["--fix", "webhook.account", "number.registered", "--json"] });
    expect(JSON.parse(fixed.output).repairs).toEqual([
      { check: "webhook.account", outcome: "repaired", sentence: null, pin: null },
      {
        check: "number.registered",
        outcome: "repaired",
        sentence: null,
        pin: expect.stringMatching(/^\d{6}$/),
      },
    ]);
    expect(SECRETS.filter((secret) => `${plain.output}${fixed.output}`.includes(secret))).toEqual([]);
  });

  it.each([
    ["an unknown flag", { args: ["--repair"] }, 2, "Unknown option '--repair'"],
    ["an unknown check", { args: ["--fix", "webhook.colour"] }, 2, "No check is named webhook.colour."],
    ["a check without --fix", { args: ["webhook.url"] }, 2, "Checks are named after --fix."],
    ["an address without https", { args: ["--url", "http://verify.example.com"] }, 2, "no https address"],
    ["no key", { args: OF_DEPLOYMENT }, 2, "Set SANDI_KEY"],
    ["no token", { devVars: "" }, 2, "No access token"],
    [
      "wrangler.toml",
      { readVars: () => Promise.reject(new Error("bad TOML")) },
      2,
      "wrangler.toml cannot be read",
    ],
    [
      "nothing at the local address",
      { args: ["--url", "http://127.0.0.1:8787"], environment: WITH_KEY },
      1,
      "No deployment answers",
    ],
  ] as const)("says in a sentence what is wrong with %s", async (_, world, code, sentence) => {
    const { exit, output, errors } = await run(world);
    expect(errors).toContain(sentence);
    expect(errors).not.toMatch(/^ +at /m);
    expect(output).toBe("");
    expect(exit).toBe(code);
  });

  it("says that a key is not one of the deployment", async () => {
    const { fetch } = await deploymentWith({});
    const { exit, errors } = await run({ args: OF_DEPLOYMENT, environment: { SANDI_KEY: "another" }, fetch });
    expect(errors).toContain("SANDI_KEY is not a key of the deployment");
    expect(exit).toBe(1);
  });

  it("asks the deployment of npm run dev with the example's secrets, not the real Meta", async () => {
    const asked: string[] = [];
    const fetch: DoctorCommand["fetch"] = async (url) => {
      asked.push(url);
      return Response.json({ checks: [] });
    };
    const devVars = 'WHATSAPP_ACCESS_TOKEN="local-development-only-access-token"\nADMIN_KEY="local"';
    await run({ fetch, devVars, environment: { WHATSAPP_BASE_URL: "https://graph.facebook.com" } });
    expect(asked).toEqual(["http://127.0.0.1:8787/v1/doctor?fresh=true"]);
  });
});
