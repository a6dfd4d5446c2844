import { stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CREDENTIALS, FRESH, type Run, startWorld, type World } from "./world.ts";

/** `npm run setup` with the real wrangler, the Worker that it uploads, and the simulator as Meta. */

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await world.account(FRESH);
});

afterAll(() => world.close());

/** What a run has shown once, by its label. */
function shownOnce({ output }: Run, label: string): string {
  return new RegExp(`${label}, shown this once:\n *(\\S+)`).exec(output)?.[1] ?? "";
}

describe("npm run setup", () => {
  let original: string;
  let first: Run;

  it("names the permission that the Cloudflare token lacks", async () => {
    original = await world.settings();
    world.cloudflare.account.denied = /\/d1\//;
    const run = await world.run();
    world.cloudflare.account.denied = null;
    expect(run.exit).toBe(1);
    expect(run.output.replaceAll(/\s+/g, " ")).toContain("The Cloudflare token lacks D1: Edit.");
    expect(world.cloudflare.account.uploads).toBe(0);
  });

  it("adopts the namespaces of a deploy that was interrupted, and ends ready", async () => {
    // The run before has made them without a Worker.
    expect(world.cloudflare.account.namespaces.splice(2)).not.toHaveLength(0);
    first = await world.run();
    expect(first.output).toMatch(/^ready after/m);
    expect(first.exit).toBe(0);
    expect(world.cloudflare.account.namespaces.map(({ name }) => name)).toEqual([
      "sandi-templates",
      "sandi-api-keys",
      "sandi-oauth-clients",
      "sandi-guard-lists",
    ]);
    const dead = world.cloudflare.account.queues.find(({ name }) => name === "sandi-events-dead");
    expect(dead).toMatchObject({ settings: { message_retention_period: 14 * 86_400 } });
    expect(dead?.consumers).toHaveLength(1);
  });

  it("changes the two ids of wrangler.toml and nothing else", async () => {
    const ids = /^(WHATSAPP_(PHONE_NUMBER|BUSINESS_ACCOUNT)_ID = )"\d*"$/gm;
    expect((await world.settings()).replaceAll(ids, '$1""')).toBe(original);
  });

  it("uploads the secrets as they are, and shows no other than those that it made", async () => {
    expect(world.cloudflare.account.worker?.secrets).toMatchObject({
      ...CREDENTIALS,
      ADMIN_KEY: shownOnce(first, "Admin key"),
      SECRET_KEY: expect.stringMatching(/^[\w-]{43}$/),
    });
    const { SECRET_KEY = "", WHATSAPP_VERIFY_TOKEN = "" } = world.cloudflare.account.worker?.secrets ?? {};
    const state = await world.state();
    const secret = [...Object.values(CREDENTIALS), SECRET_KEY, WHATSAPP_VERIFY_TOKEN];
    const found = secret.filter((value) => first.output.includes(value) || state.includes(value));
    expect(found).toEqual([]);
    const shown = ["Admin key", "PIN", "API key"].map((label) => shownOnce(first, label));
    expect(shown.filter((value) => value === "" || state.includes(value))).toEqual([]);
    expect((await stat(join(world.folder, ".wrangler/setup.json"))).mode & 0o777).toBe(0o600);
  });

  it("takes less than half a minute for all that wrangler does not do", () => {
    const steps = first.output.matchAll(/^✓ +(\d+) (?:.|\n {20})*?\(([\d.]+) s\)$/gm);
    const seconds = [...steps]
      .filter(([, step]) => step !== "5" && step !== "6")
      .map(([, , time]) => Number(time));
    expect(seconds.reduce((sum, time) => sum + time, 0)).toBeLessThan(30);
  });

  it("uploads and shows nothing when it runs again", async () => {
    const { uploads } = world.cloudflare.account;
    const again = await world.run({ env: { ADMIN_KEY: shownOnce(first, "Admin key") } });
    expect(again.output).toMatch(/^ready after/m);
    expect(again.exit).toBe(0);
    expect(again.output).not.toContain("shown this once");
    expect(world.cloudflare.account.uploads).toBe(uploads);
  });

  it("ends without a terminal, without a token and with a wrong flag with one sentence and no stack trace", async () => {
    const endings = [
      { args: [], env: {}, exit: 2, sentence: "This is no terminal" },
      {
        args: ["--yes"],
        env: { WHATSAPP_ACCESS_TOKEN: undefined },
        exit: 2,
        sentence: "The access token is missing",
      },
      {
        args: ["--yes"],
        env: { WHATSAPP_ACCESS_TOKEN: "EAAother" },
        exit: 1,
        sentence: "does not accept the access token",
      },
      { args: ["--yes", "--foo"], env: {}, exit: 2, sentence: "Unknown option '--foo'" },
    ];
    await Promise.all(
      endings.map(async ({ args, env, exit, sentence }) => {
        const run = await world.run({ args, env });
        expect(run.output.replaceAll(/\s+/g, " ")).toContain(sentence);
        expect(run.exit).toBe(exit);
        expect(run.output).not.toMatch(/^ +at .*:\d+:\d+\)?$/m);
      }),
    );
  });

  it("says what --remove would undo, and undoes it with --yes", async () => {
    const asked = await world.run({ args: ["--remove"] });
    expect(asked.output).toContain("Would: unsubscribe app Sandi from WhatsApp account Sandi");
    expect(await isSubscribed()).toBe(true);
    const removed = await world.run({ args: ["--remove", "--yes"] });
    expect({ asked: asked.exit, removed: removed.exit }).toEqual({ asked: 0, removed: 0 });
    expect(await isSubscribed()).toBe(false);
  });
});

async function isSubscribed(): Promise<boolean> {
  const response = await fetch(`${world.meta.url}/_sim/account`);
  const { subscribed, webhook } = (await response.json()) as {
    subscribed: boolean;
    webhook: { url: unknown };
  };
  return subscribed && webhook.url !== null;
}
