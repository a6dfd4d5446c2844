import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_APP, parseAppName } from "../../src/ids/app-name.ts";
import { ApiKeys } from "../../src/keys/api-keys.ts";
import { SCOPES } from "../../src/keys/caller.ts";

const ADMIN_KEY = "an admin's key has no spaces".replaceAll(" ", "-");
const SECOND = 1000;

/** Two isolates over one store. */
let keys: ApiKeys;
let elsewhere: ApiKeys;

beforeEach(() => {
  keys = new ApiKeys(env.API_KEYS, ADMIN_KEY);
  elsewhere = new ApiKeys(env.API_KEYS, ADMIN_KEY);
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
});

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await reset();
});

const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * SECOND);
const bearer = (key: string) => `Bearer ${key}`;

/** The whole content of the store. */
async function dump(): Promise<string> {
  const { keys: entries } = await env.API_KEYS.list();
  const values = await Promise.all(entries.map(({ name }) => env.API_KEYS.get(name)));
  return JSON.stringify([entries, values]);
}

describe("a key", () => {
  it("a key is created with a name, scopes and 160 random bits", async () => {
    const { key, ...shown } = await keys.create("Shop backend", ["verifications", "reports"]);
    expect(key).toMatch(/^sandi_[0-9a-hjkmnp-tv-z]{32}$/);
    expect(shown).toEqual({
      id: expect.stringMatching(/^key_[0-9a-hjkmnp-tv-z]{32}$/),
      name: "Shop backend",
      scopes: ["verifications", "reports"],
      createdAt: Date.now(),
      app: "default",
    });
    expect((await keys.create("Shop backend", ["verifications"])).key).not.toBe(key);
  });

  it("a key authenticates with its scopes and no others, in every isolate at once", async () => {
    const { key, id } = await keys.create("Reader", ["reports"]);
    for (const isolate of [keys, elsewhere]) {
      expect(await isolate.authenticate(bearer(key))).toMatchObject({
        id,
        name: "Reader",
        scopes: ["reports"],
      });
    }
  });

  it("a key belongs to the app that it was created for, and reaches no other", async () => {
    const shop = parseAppName("shop") ?? DEFAULT_APP;
    const { key } = await keys.create("Shop backend", ["verifications"], shop);
    expect(await elsewhere.authenticate(bearer(key))).toMatchObject({ app: "shop", reach: "shop" });
  });

  it("a key that was created before there were apps belongs to the default app", async () => {
    const { key, id } = await keys.create("Shop backend", ["verifications"]);
    const stored = { name: "Shop backend", scopes: ["verifications"], createdAt: 1 };
    await env.API_KEYS.put(`keys/${id}`, JSON.stringify(stored), { metadata: stored });
    expect(await keys.authenticate(bearer(key))).toMatchObject({ app: "default", reach: "default" });
    expect((await keys.list(10, null)).keys).toMatchObject([{ id, app: "default" }]);
  });

  it("a key is stored as a digest only", async () => {
    const { key, id } = await keys.create("Shop backend", [...SCOPES]);
    await keys.authenticate(bearer(key));
    await keys.authenticate(bearer(ADMIN_KEY));
    const stored = await dump();
    expect(stored).toContain(id);
    expect(stored).toContain("Shop backend");
    const secret = key.slice("sandi_".length);
    for (const part of [secret.slice(0, 12), secret.slice(10, 22), secret.slice(20)]) {
      expect(stored).not.toContain(part);
    }
    expect(stored).not.toContain(ADMIN_KEY);
  });

  it("a key is read from the store once in thirty seconds", async () => {
    const { key } = await keys.create("Shop backend", ["verifications"]);
    const reads = vi.spyOn(env.API_KEYS, "get");
    for (const wait of [0, 15, 14.999]) {
      pass(wait);
      await keys.authenticate(bearer(key));
    }
    expect(reads).toHaveBeenCalledTimes(1);
    pass(0.001);
    await keys.authenticate(bearer(key));
    expect(reads).toHaveBeenCalledTimes(2);
  });
});

describe("the admin key", () => {
  it("the admin key has every scope and is not stored", async () => {
    const reads = vi.spyOn(env.API_KEYS, "get");
    expect(await keys.authenticate(bearer(ADMIN_KEY))).toEqual({
      id: "operator",
      name: "operator",
      scopes: [...SCOPES],
      app: "default",
      reach: null,
    });
    expect(reads).not.toHaveBeenCalled();
    expect((await keys.list(10, null)).keys).toEqual([]);
  });

  it.each([ADMIN_KEY.slice(1), ADMIN_KEY.slice(0, -1), `${ADMIN_KEY}x`, ADMIN_KEY.toUpperCase()])(
    "is not %s",
    async (key) => {
      expect(await keys.authenticate(bearer(key))).toBeNull();
    },
  );
});

describe("an Authorization header", () => {
  it.each([
    ["the scheme in small letters", (key: string) => `bearer ${key}`],
    ["the scheme in capitals", (key: string) => `BEARER ${key}`],
    ["more than one space", (key: string) => `Bearer   ${key}`],
  ])("is read with %s", async (_, spell) => {
    const { key, id } = await keys.create("Shop backend", ["verifications"]);
    expect(await keys.authenticate(spell(key) ?? null)).toMatchObject({ id });
    expect(await keys.authenticate(spell(ADMIN_KEY) ?? null)).toMatchObject({ id: "operator" });
  });

  it.each([
    ["nothing", () => undefined],
    ["no text", () => ""],
    ["no key", () => "Bearer"],
    ["a space for a key", () => "Bearer "],
    ["no scheme", (key: string) => key],
    ["another scheme", (key: string) => `Basic ${key}`],
    ["no space", (key: string) => `Bearer${key}`],
    ["a scheme before it", (key: string) => `X Bearer ${key}`],
    ["two keys", (key: string) => `Bearer ${key} ${key}`],
    ["two headers in one", (key: string) => `Bearer ${key}, Bearer ${key}`],
    ["a parameter", (key: string) => `Bearer ${key};a=b`],
    ["quotation marks", (key: string) => `Bearer "${key}"`],
    ["a colon", (key: string) => `Bearer: ${key}`],
  ])("with %s lets nobody in and reads nothing", async (_, spell) => {
    const { key } = await keys.create("Shop backend", ["verifications"]);
    const reads = vi.spyOn(env.API_KEYS, "get");
    expect(await keys.authenticate(spell(key) ?? null)).toBeNull();
    expect(await keys.authenticate(spell(ADMIN_KEY) ?? null)).toBeNull();
    expect(reads).not.toHaveBeenCalled();
  });

  it.each([
    ["a key that was never made", () => `sandi_${"0".repeat(32)}`],
    ["a key's id", (_: string, id: string) => id],
    ["a key's id in a key's clothes", (_: string, id: string) => id.replace("key_", "sandi_")],
    ["a key without its prefix", (key: string) => key.slice("sandi_".length)],
    ["a key in capitals", (key: string) => key.toUpperCase()],
    ["a key that lacks a character", (key: string) => key.slice(0, -1)],
    ["a key with one too many", (key: string) => `${key}0`],
    ["a path to another entry", () => "../keys/x"],
  ])("with %s lets nobody in", async (_, spell) => {
    const { key, id } = await keys.create("Shop backend", ["verifications"]);
    expect(await keys.authenticate(bearer(spell(key, id)))).toBeNull();
  });
});

describe("revoking", () => {
  it("revoking a key applies at once in its isolate, and in others within thirty seconds", async () => {
    const { key, id } = await keys.create("Shop backend", ["verifications"]);
    await keys.authenticate(bearer(key));
    await elsewhere.authenticate(bearer(key));
    expect(await keys.revoke(id)).toBe(true);
    expect(await keys.authenticate(bearer(key))).toBeNull();
    pass(29.999);
    expect(await elsewhere.authenticate(bearer(key))).not.toBeNull();
    pass(0.001);
    expect(await elsewhere.authenticate(bearer(key))).toBeNull();
    expect(await dump()).not.toContain(id);
  });

  it("revoking a key leaves the others valid", async () => {
    const [first, second] = [await keys.create("One", ["reports"]), await keys.create("Two", ["reports"])];
    await keys.revoke(first.id);
    expect(await keys.authenticate(bearer(second.key))).not.toBeNull();
    expect((await keys.list(10, null)).keys.map(({ id }) => id)).toEqual([second.id]);
  });

  it("revoking an unknown key returns false", async () => {
    const { key, id } = await keys.create("Shop backend", ["reports"]);
    // The last one is longer than any key that KV accepts.
    const strangers = [
      "admin",
      "",
      key,
      id.toUpperCase(),
      id.slice(0, -1),
      `key_${"0".repeat(32)}`,
      `key_${"0".repeat(600)}`,
    ];
    for (const stranger of strangers) expect(await keys.revoke(stranger)).toBe(false);
    expect(await keys.revoke(id)).toBe(true);
    expect(await keys.revoke(id)).toBe(false);
  });
});

describe("listing", () => {
  it("listing returns every key once, page by page, without its secret and without a read for each", async () => {
    const made = [];
    for (let count = 0; count < 5; count += 1) made.push(await keys.create(`Key ${count}`, ["reports"]));
    const reads = vi.spyOn(env.API_KEYS, "get");
    const pages = [await keys.list(2, null)];
    for (let next = pages[0]?.next; next && pages.length < 9; next = pages.at(-1)?.next) {
      pages.push(await keys.list(2, next));
    }
    expect(pages.map((page) => page.keys.length)).toEqual([2, 2, 1]);
    expect(reads).not.toHaveBeenCalled();

    const shown = made.map(({ key: _, ...rest }) => rest);
    const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id);
    expect(pages.flatMap((page) => page.keys).toSorted(byId)).toEqual(shown.toSorted(byId));
  });

  it("listing skips entries that are not keys, and returns an empty page when there are none", async () => {
    await env.API_KEYS.put("something/else", "{}");
    expect(await keys.list(10, null)).toEqual({ keys: [], next: null });
  });
});
