import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { drawToken, findToken, showToken } from "../../src/codes/token.ts";
import { Keyring } from "../../src/platform/keyring.ts";
import { sentenceOf, waMeUrl } from "../../src/verification/message-first/sentence.ts";
import { ENGLISH, OTHER_LANGUAGES, Wordings } from "../../src/verification/message-first/wording.ts";

const keyring = new Keyring("a secret of at least thirty-two characters");
const wordings = new Wordings(env.ASSETS);
const LANGUAGES = ["en", ...OTHER_LANGUAGES];
const LONG = { amount: "123456789012345.1234", currency: "IDR", payee: "Perusahaan ".repeat(13).trim() };

describe("The sentence that a user sends", () => {
  it.each(LANGUAGES)(
    "in %s stays under 200 characters, holds the token, and has no gap left",
    async (locale) => {
      const wording = await wordings.of(locale);
      for (const purpose of ["signup", "login", "recovery", "donation"]) {
        for (const brand of [
          null,
          "Example Shop",
          "A very long name of an app that no team would choose for it",
        ]) {
          for (const bind of [null, LONG]) {
            const { token } = drawToken(keyring);
            const text = sentenceOf(token, { purpose, bind, brand }, wording);
            expect(text.length).toBeLessThan(200);
            expect(text).toContain(showToken(token));
            expect(findToken(keyring, text)?.token).toBe(token);
            expect(text).not.toMatch(/[[\]{}]|\s\s|undefined/);
            if (bind !== null) expect(text).toContain("123456789012345.1234 IDR");
          }
        }
      }
    },
  );

  it("in English names what it confirms, the app, and amount and payee of a payment", () => {
    const { token } = drawToken(keyring);
    const shared = { brand: "Example Shop" };
    const bind = { amount: "150000.00", currency: "IDR", payee: "Toko\nMaju" };
    expect(sentenceOf(token, { ...shared, purpose: "signup", bind: null }, ENGLISH)).toBe(
      `Confirm my sign-up at Example Shop: ${showToken(token)}. If somebody asked you to send this, do not.`,
    );
    expect(sentenceOf(token, { ...shared, purpose: "transaction", bind }, ENGLISH)).toContain(
      "Confirm my payment of 150000.00 IDR to Toko Maju at Example Shop",
    );
  });

  it("goes into a wa.me address without a plus sign, encoded", () => {
    expect(waMeUrl("+12065550100", "a b&c?")).toBe("https://wa.me/12065550100?text=a%20b%26c%3F");
  });

  it("comes with answers in every language, whose button WhatsApp shows whole", async () => {
    const all = await Promise.all(LANGUAGES.map((language) => wordings.of(language)));
    expect(new Set(all.map(({ done }) => done)).size).toBe(LANGUAGES.length - 1);
    for (const { notMe } of all) expect(notMe.length).toBeLessThanOrEqual(20);
  });
});

describe("The wording of message first", () => {
  afterEach(() => vi.restoreAllMocks());

  it("is read from the assets once an isolate, and not at all for English and for languages that there are none of", async () => {
    const fetch = vi.fn((url: RequestInfo | URL) => env.ASSETS.fetch(url));
    const counted = new Wordings({ fetch });
    expect((await counted.of("de-AT")).login).toBe("Ich bestätige meine Anmeldung[ bei {brand}]");
    // Known now, so that callers need not wait.
    expect(counted.of("de")).not.toBeInstanceOf(Promise);
    expect([counted.of("en-GB"), counted.of("tlh")]).toEqual([ENGLISH, ENGLISH]);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it.each([
    ["are missing", async () => new Response(null, { status: 404 })],
    ["fail", () => Promise.reject(new Error("outage"))],
    ["hang", () => new Promise<Response>(() => {})],
  ])("is English, with a line in the log, while the assets %s, and is tried again", async (_, broken) => {
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    vi.spyOn(globalThis, "setTimeout").mockImplementation((run) => {
      queueMicrotask(() => queueMicrotask(() => queueMicrotask(run as () => void)));
      return 0 as unknown as ReturnType<typeof setTimeout>;
    });
    const fetch = vi.fn<(url: RequestInfo | URL) => Promise<Response>>(broken);
    const failing = new Wordings({ fetch });
    expect(await failing.of("id")).toBe(ENGLISH);
    expect(error.mock.calls.join()).toContain("/message-first/words/id.json");
    vi.restoreAllMocks();
    fetch.mockImplementation((url) => env.ASSETS.fetch(url));
    expect((await failing.of("id")).notMe).toBe("Bukan saya");
  });
});
