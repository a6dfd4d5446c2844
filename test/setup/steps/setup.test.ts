import { describe, expect, it } from "vitest";
import TOML from "../../../wrangler.toml?raw";
import type { AccountPatch } from "../../simulator/account/settings.ts";
import { ACCOUNT } from "../../world/settings.ts";
import { type FakeRunOptions, FakeWorld, FRESH, Killed } from "./fake-world.ts";

const WEBHOOK = "https://sandi.acme.workers.dev/webhooks/whatsapp";
const CRM = "https://crm.example.com/hook";

function freshWorld(account: AccountPatch = {}): FakeWorld {
  return new FakeWorld(TOML, { ...FRESH, ...account });
}

/** Runs as a person does who keeps the admin key that was shown. */
function runAgain(world: FakeWorld, options: FakeRunOptions = {}) {
  const key = world.shownOnce("Admin key");
  return world.run({ ...options, env: { ...(key === undefined ? {} : { ADMIN_KEY: key }), ...options.env } });
}

/** What must not depend on where earlier runs have ended. */
async function endState(world: FakeWorld) {
  const { webhook, subscribed, pin } = await world.settings();
  return {
    toml: world.toml,
    webhook: { url: webhook.url, fields: webhook.fields.toSorted() },
    subscribed,
    pin,
    keys: world.deployment.keys,
    verifications: world.deployment.verifications.length,
    templates: [...world.deployment.templates],
    secretKeys: new Set(world.uploads.flatMap(({ SECRET_KEY }) => SECRET_KEY ?? [])).size,
    registrations: world.registrations.length,
  };
}

describe("a setup", () => {
  it("leads a fresh account to a code that WhatsApp reports as sent", async () => {
    const world = freshWorld();
    const { exit, proofs } = await world.run();
    expect(exit).toBe(0);
    expect(Object.keys(proofs)).toHaveLength(14);
    expect(await endState(world)).toMatchObject({
      webhook: { url: WEBHOOK, fields: expect.arrayContaining(["messages", "account_update"]) },
      subscribed: true,
      pin: "314159",
      keys: ["first app"],
      verifications: 1,
      secretKeys: 1,
    });
    expect(world.toml).toContain(`WHATSAPP_PHONE_NUMBER_ID = "${ACCOUNT.phoneNumberId}"\n`);
  });

  it("changes nothing when it runs again", async () => {
    const world = freshWorld();
    await world.run();
    const before = await endState(world);
    const changes = world.changes.length;
    const { exit, shown } = await runAgain(world);
    expect(exit).toBe(0);
    expect(shown).toEqual([]);
    expect(await endState(world)).toEqual(before);
    expect({ changes: world.changes.length, uploads: world.uploads.length }).toEqual({ changes, uploads: 1 });
  });

  it("is content with the code that it sent before, also without its state and within the cool-down", async () => {
    const world = freshWorld();
    await world.run();
    world.state = {};
    expect((await runAgain(world)).exit).toBe(0);
    expect(world.deployment.verifications).toHaveLength(1);
  });

  it("ends in the same state wherever it was killed before, with one PIN, one key and one SECRET_KEY", async () => {
    const untouched = freshWorld();
    const { calls } = await untouched.run();
    const expected = await endState(untouched);
    expect(calls).toBeGreaterThan(50);
    for (let killAfter = 1; killAfter <= calls; killAfter += 1) {
      const world = freshWorld();
      await expect(world.run({ killAfter })).rejects.toThrow(Killed);
      // Past every cool-down, so that only what setup remembers keeps it from a second code.
      world.now += 600_000;
      const { exit, sentence } = await runAgain(world);
      expect({ killAfter, exit, sentence }).toMatchObject({ exit: 0 });
      expect({ killAfter, ...(await endState(world)) }).toEqual({ killAfter, ...expected });
    }
  });

  it("adopts the namespaces of a deploy that no setup has begun, and leaves wrangler.toml as it is", async () => {
    const world = freshWorld();
    const outputs = [{ code: 1, stdout: "", output: "A namespace … already exists. [code: 10014]" }];
    const stdout = JSON.stringify([{ id: "a".repeat(32), title: "sandi-api-keys" }]);
    world.wrangler = ([first]) => {
      if (first === "kv") return { code: 0, stdout, output: stdout };
      return first === "deploy" ? (outputs.shift() ?? null) : null;
    };
    expect((await world.run()).exit).toBe(0);
    const table = `[[kv_namespaces]]\nbinding = "API_KEYS"\n`;
    expect(world.adopted).toBe(world.toml.replace(table, `${table}id = "${"a".repeat(32)}"\n`));
    expect(world.adopted).not.toBe(world.toml);
  });

  it("deploys a changed token anew and keeps the other secrets", async () => {
    const world = freshWorld();
    await world.run();
    world.toml += "# a change\n";
    await runAgain(world);
    expect(world.uploads).toHaveLength(2);
    expect(Object.keys(world.uploads[1] ?? {})).toEqual(["WHATSAPP_ACCESS_TOKEN", "WHATSAPP_APP_SECRET"]);
  });

  it("asks for the admin key that cannot be read back, and makes another one on request", async () => {
    const world = freshWorld();
    await world.run();
    expect(await world.run()).toMatchObject({
      exit: 2,
      sentence: expect.stringContaining("--new-admin-key"),
    });
    const first = world.secrets.ADMIN_KEY;
    expect((await world.run({ flags: { "new-admin-key": true } })).exit).toBe(0);
    expect(world.secrets.ADMIN_KEY).not.toBe(first);
    const wrong = await world.run({ env: { ADMIN_KEY: "x".repeat(40) } });
    expect(wrong).toMatchObject({ exit: 1, sentence: expect.stringContaining("ADMIN_KEY is not that of") });
  });

  it("does not register a number again before Meta's answer to a first try is a minute old", async () => {
    const world = freshWorld();
    await world.ready;
    world.state = { registeringSince: new Date(world.now - 20_000).toISOString() };
    const before = world.now;
    await world.run();
    expect(world.now - before).toBeGreaterThanOrEqual(40_000);
    expect(world.registrations).toHaveLength(1);
  });

  it("says what a deployment can do until Meta allows codes, and proves it by a message", async () => {
    const world = freshWorld({ verification: "pending", limit: "TIER_250" });
    world.deployment.verdict = "limited";
    const silent = await world.run();
    expect(silent).toMatchObject({
      exit: 3,
      sentence: expect.stringContaining("Not proven end to end"),
      shown: expect.arrayContaining([expect.objectContaining({ url: "https://wa.me/12065550100" })]),
    });
    expect(silent.proofs.outlook).toContain("limited");
    expect(silent.proofs.templates).toMatch(/\d+ waiting, \d+ approved, in /);
    world.deployment.lastWebhookAt = "2026-11-30T12:00:00.000Z";
    const heard = await runAgain(world);
    expect(heard).toMatchObject({
      exit: 3,
      sentence: expect.stringContaining("verification of your business is pending"),
    });
    expect(heard.sentence).not.toContain("Not proven");
  });

  it.each<[string, AccountPatch, string]>([
    ["Meta's test number", { account_mode: "SANDBOX" }, "Meta's test number"],
    ["an account without a payment method", { payment: false }, "no payment method"],
  ])("ends with 3 for %s", async (_, account, sentence) => {
    const world = freshWorld(account);
    world.deployment.lastWebhookAt = "2026-11-30T12:00:00.000Z";
    expect(await world.run()).toMatchObject({ exit: 3, sentence: expect.stringContaining(sentence) });
  });

  it("never says ready where WhatsApp reports nothing of the code, and sends another one once it does", async () => {
    const world = freshWorld();
    world.deployment.reportsSent = false;
    expect(await world.run()).toMatchObject({ exit: 1, sentence: expect.stringContaining("not published") });
    world.deployment.reportsSent = true;
    expect((await runAgain(world)).exit).toBe(0);
    expect(world.deployment.verifications).toHaveLength(2);
  });

  it("follows the doctor where no code was sent", async () => {
    const world = freshWorld();
    expect(await world.run({ flags: { "test-to": undefined } })).toMatchObject({
      exit: 0,
      sentence: expect.stringContaining("Not proven end to end"),
    });
    world.deployment.verdict = "blocked";
    expect((await runAgain(world, { flags: { "test-to": undefined } })).exit).toBe(1);
  });
});

describe("a setup of a deployment that exists", () => {
  const flags = { url: "https://sandi.acme.workers.dev" };
  const env = { ADMIN_KEY: "the-admin-key-of-a-deployment-that-exists" };

  function deployedWorld(account: AccountPatch = {}): FakeWorld {
    const world = freshWorld(account);
    world.uploads.push({});
    Object.assign(world.secrets, { ...env, WHATSAPP_VERIFY_TOKEN: "the-verify-token" });
    return world;
  }

  it("deploys nothing and lets the deployment set the webhook, whose verify token it does not know", async () => {
    const world = deployedWorld();
    const { exit, proofs } = await world.run({ flags, env });
    expect({ exit, proof: proofs.app_webhook }).toEqual({
      exit: 0,
      proof: "the deployment made the subscription by itself",
    });
    expect(world).toMatchObject({ uploads: [{}], toml: TOML, deployment: { keys: ["first app"] } });
  });

  it("sets the webhook itself with the verify token that it is given", async () => {
    const world = deployedWorld();
    const given = { ...env, WHATSAPP_VERIFY_TOKEN: "the-verify-token" };
    expect((await world.run({ flags, env: given })).exit).toBe(0);
    expect(world.changes).toContain("POST 400000000000004/subscriptions");
  });

  it("takes another project's webhook only where it was told to", async () => {
    const world = deployedWorld({ webhook: { url: CRM, fields: ["messages"], verify_token: "theirs" } });
    expect(await world.run({ flags, env })).toMatchObject({
      exit: 1,
      sentence: expect.stringContaining("crm"),
    });
    const waba = await world.run({ flags: { ...flags, webhook: "waba" }, env });
    expect(waba).toMatchObject({ exit: 1, sentence: expect.stringContaining("WHATSAPP_VERIFY_TOKEN") });
    expect((await world.settings()).webhook.url).toBe(CRM);
    expect((await world.run({ flags: { ...flags, webhook: "app" }, env })).exit).toBe(0);
    expect((await world.settings()).webhook.url).toBe(WEBHOOK);
  });

  it("needs its admin key", async () => {
    const world = deployedWorld();
    expect(await world.run({ flags })).toMatchObject({
      exit: 2,
      sentence: expect.stringContaining("ADMIN_KEY"),
    });
  });
});

describe("a setup stops with one sentence", () => {
  it.each<[string, AccountPatch, FakeRunOptions, number, string]>([
    [
      "a wrong token",
      {},
      { env: { WHATSAPP_ACCESS_TOKEN: "EAAother" } },
      1,
      "does not accept the access token",
    ],
    ["an expired token", { token: { expires_at: 1 } }, {}, 1, "does not accept the access token"],
    ["a temporary token", { token: { expires_at: 1_800_000_000 } }, {}, 1, "--temporary-token"],
    [
      "a token without a permission",
      { token: { scopes: ["whatsapp_business_messaging"] } },
      {},
      1,
      "lacks the permission whatsapp_business_management",
    ],
    [
      "a token without the account",
      { token: { wabas: [] } },
      { flags: { "business-account-id": ACCOUNT.businessAccountId } },
      1,
      "no access to WhatsApp account",
    ],
    [
      "another app's secret",
      {},
      { env: { WHATSAPP_APP_SECRET: "f".repeat(32) } },
      1,
      "not that of app Sandi",
    ],
    [
      "an account's id in place of a number's",
      {},
      { flags: { "phone-number-id": ACCOUNT.businessAccountId } },
      1,
      "The two ids are swapped",
    ],
    [
      "a number's id in place of an account's",
      {},
      { flags: { "business-account-id": ACCOUNT.phoneNumberId } },
      1,
      "The two ids are swapped",
    ],
    [
      "a number that Meta has not verified",
      { code_verification_status: "NOT_VERIFIED" },
      {},
      1,
      "not verified yet that the number is yours",
    ],
    ["a PIN that is not known", { pin: "111111" }, {}, 1, "two-step PIN"],
    [
      "several numbers",
      {
        more_numbers: [
          { id: "100000000000009", display_phone_number: "+1 202-555-0109", verified_name: "Second" },
        ],
      },
      {},
      2,
      "--phone-number-id: 100000000000001, 100000000000009",
    ],
    ["no token", {}, { env: { WHATSAPP_ACCESS_TOKEN: "" } }, 2, "The access token is missing"],
    ["no secret", {}, { env: { WHATSAPP_APP_SECRET: "" } }, 2, "The app secret is missing"],
    ["an admin key that is too short", {}, { env: { ADMIN_KEY: "short" } }, 2, "ADMIN_KEY has at least 32"],
    ["no terminal", {}, { flags: { yes: false } }, 2, "This is no terminal"],
    [
      "an address on this computer for the real Meta",
      {},
      { flags: { url: "http://127.0.0.1:8787" } },
      2,
      "reached by no webhook of Meta",
    ],
    [
      "fields that Meta does not subscribe",
      { webhook: { url: null, fields: [], verify_token: null, fields_by_api: false } },
      {},
      1,
      "WhatsApp, Configuration, Webhook fields",
    ],
  ])("for %s", async (_, account, options, exit, sentence) => {
    const world = freshWorld(account);
    expect(await world.run(options)).toMatchObject({ exit, sentence: expect.stringContaining(sentence) });
  });

  it.each([
    ["no login", ["whoami"], '{"loggedIn":false}', "CLOUDFLARE_API_TOKEN"],
    [
      "no workers.dev name",
      ["deploy"],
      "register a workers.dev subdomain here: https://dash.cloudflare.com/acc/workers/onboarding",
      "https://dash.cloudflare.com/acc/workers/onboarding",
    ],
    [
      "a token that may not list databases",
      ["deploy"],
      "Skipping automatic provisioning for the following\n\n  D1 - JOURNAL\n",
      "lacks D1: Edit",
    ],
    [
      "a token that may not write Workers",
      ["deploy"],
      "A request to the Cloudflare API (/accounts/acc/workers/scripts/sandi) failed.\n Authentication error [code: 10000]",
      "lacks Workers Scripts: Edit",
    ],
    [
      "a token that may not write custom domains",
      ["deploy"],
      "- A request to the Cloudflare API (/accounts/acc/workers/scripts/sandi/domains/records) failed.\n - Authentication error [code: 10000]",
      "lacks Workers Routes: Edit, and Zone: Read",
    ],
    [
      "another fault of wrangler",
      ["deploy"],
      "✘ [ERROR] Build failed\n\nmore",
      "wrangler failed: Build failed",
    ],
  ])("for Cloudflare with %s", async (_, command, output, sentence) => {
    const world = freshWorld();
    world.wrangler = ([first]) =>
      command.includes(first ?? "") ? { code: 1, stdout: output, output } : null;
    expect(await world.run()).toMatchObject({ exit: 1, sentence: expect.stringContaining(sentence) });
    expect(world.changes).toEqual([]);
  });

  it("for a login with several Cloudflare accounts, and takes the one of the run before", async () => {
    const world = freshWorld();
    const accounts = [
      { id: "acc1", name: "Acme" },
      { id: "acc2", name: "Shop" },
    ];
    const stdout = JSON.stringify({ loggedIn: true, accounts });
    world.wrangler = ([first]) => (first === "whoami" ? { code: 0, stdout, output: stdout } : null);
    expect(await world.run()).toMatchObject({
      exit: 2,
      sentence: expect.stringContaining("acc1 (Acme), acc2 (Shop)"),
    });
    world.state = { cloudflareAccountId: "acc2" };
    expect((await world.run()).exit).toBe(0);
    expect(world.accountId).toBe("acc2");
  });

  it("for other ids in wrangler.toml, and replaces them on request", async () => {
    const world = freshWorld();
    world.toml = TOML.replace('PHONE_NUMBER_ID = ""', 'PHONE_NUMBER_ID = "100000000000055"');
    expect(await world.run()).toMatchObject({ exit: 1, sentence: expect.stringContaining("--replace") });
    expect(world.uploads).toEqual([]);
    expect((await world.run({ flags: { replace: true } })).exit).toBe(0);
    expect(world.toml).toContain(`PHONE_NUMBER_ID = "${ACCOUNT.phoneNumberId}"`);
  });

  it("for swapped ids in wrangler.toml", async () => {
    const world = freshWorld();
    world.toml = TOML.replace(
      'PHONE_NUMBER_ID = ""',
      `PHONE_NUMBER_ID = "${ACCOUNT.businessAccountId}"`,
    ).replace('BUSINESS_ACCOUNT_ID = ""', `BUSINESS_ACCOUNT_ID = "${ACCOUNT.phoneNumberId}"`);
    expect(await world.run()).toMatchObject({ exit: 1, sentence: expect.stringContaining("are swapped") });
  });
});

describe("another project's webhook", () => {
  const taken = { webhook: { url: CRM, fields: ["messages", "calls"], verify_token: "theirs" } };

  it("is named and left alone without a choice", async () => {
    const world = freshWorld(taken);
    const { exit, sentence } = await world.run();
    expect({ exit, sentence }).toMatchObject({
      exit: 1,
      sentence: expect.stringContaining("crm.example.com"),
    });
    expect((await world.settings()).webhook.url).toBe(CRM);
    expect(world.changes).toEqual([`POST ${ACCOUNT.phoneNumberId}/register`]);
  });

  it("is taken over on request, with the fields that it had", async () => {
    const world = freshWorld(taken);
    expect((await world.run({ flags: { webhook: "app" } })).exit).toBe(0);
    expect((await world.settings()).webhook).toMatchObject({
      url: WEBHOOK,
      fields: expect.arrayContaining(["calls", "messages", "security"]),
    });
  });

  it("is recognised as this deployment's own after a move to another domain", async () => {
    const former = "https://sandi.former.workers.dev/webhooks/whatsapp";
    const world = freshWorld({ webhook: { url: former, fields: ["messages"], verify_token: "former" } });
    world.state = { webhook: former };
    expect((await world.run()).exit).toBe(0);
    expect((await world.settings()).webhook.url).toBe(WEBHOOK);
  });

  it("stays where only this account's messages are to come here, also in later runs", async () => {
    const world = freshWorld(taken);
    expect((await world.run({ flags: { webhook: "waba" } })).exit).toBe(0);
    expect((await world.settings()).webhook.url).toBe(CRM);
    const changes = world.changes.length;
    expect((await runAgain(world)).exit).toBe(0);
    expect(world.changes).toHaveLength(changes);
  });
});
