import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { TemplateStore } from "../../src/templates/store.ts";
import { templateSchema } from "../../src/templates/template.ts";

const MINUTE = 60_000;
const NAME = "verification_code";

let store: TemplateStore;
let reads: MockInstance;
const logLines: string[] = [];

beforeEach(() => {
  store = new TemplateStore(env.TEMPLATES, "en-US");
  reads = vi.spyOn(env.TEMPLATES, "get");
  logLines.length = 0;
  vi.spyOn(console, "error").mockImplementation((line) => void logLines.push(line));
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
});

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await reset();
});

const keep = (value: unknown, name = NAME) =>
  env.TEMPLATES.put(`template/${name}`, typeof value === "string" ? value : JSON.stringify(value));

function template(languages: Record<string, string>, more: object = {}) {
  const entries = Object.entries(languages).map(([language, status]) => [language, { status }]);
  return { name: NAME, category: "authentication", languages: Object.fromEntries(entries), ...more };
}

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);
const languageFor = async (locale: string, name = NAME) => (await store.choose(name, locale))?.language;

describe("choosing a template's language", () => {
  it("starts with the default template", async () => {
    expect(await store.choose(NAME, "id-ID")).toEqual({
      template: NAME,
      language: "id",
      timeToLiveSeconds: 300,
    });
    expect(await store.choose(NAME, "pt")).toEqual({
      template: NAME,
      language: "pt_BR",
      timeToLiveSeconds: 300,
    });
  });

  it("prefers KV's value to the default", async () => {
    await keep(template({ sv: "APPROVED", en_US: "APPROVED" }));
    expect(await languageFor("sv-FI")).toBe("sv");
    expect(await languageFor("id")).toBe("en_US");
  });

  it.each(["PENDING", "REJECTED", "PAUSED", "DISABLED", "ARCHIVED", "approved", ""])(
    "passes over a language that is %j",
    async (status) => {
      await keep(template({ id: status, en_US: "APPROVED" }));
      expect(await languageFor("id")).toBe("en_US");
    },
  );

  it("falls back to the deployment's locale, in the template's spelling", async () => {
    await keep(template({ fr: "APPROVED", pt_BR: "APPROVED" }));
    const brazilian = new TemplateStore(env.TEMPLATES, "pt");
    expect(await brazilian.choose(NAME, "id")).toEqual({
      template: NAME,
      language: "pt_BR",
      timeToLiveSeconds: null,
    });
  });

  it("names a template that is not stored in the default locale, for WhatsApp to decide", async () => {
    const choice = { template: "order_update", language: "en_US", timeToLiveSeconds: null };
    expect(await store.choose("order_update", "id")).toEqual(choice);
  });

  it.each([
    ["no approved language", { id: "PAUSED", en_US: "REJECTED" }],
    ["approved languages that do not suit the user", { ja: "APPROVED" }],
  ])("chooses no language of a template with %s", async (_, languages) => {
    await keep(template(languages));
    expect(await store.choose(NAME, "id")).toBeNull();
  });

  it("keeps templates apart by name", async () => {
    await keep(template({ sv: "APPROVED" }, { name: "other" }), "other");
    expect(await languageFor("sv", "other")).toBe("sv");
    expect(await languageFor("sv")).toBe("en_US");
  });
});

describe("choosing a notification's texts", () => {
  const texts = (languages: Record<string, object>) => ({
    ...template({}, { category: "utility" }),
    languages,
  });

  it("chooses the best suiting language among those approved and with known texts", async () => {
    await keep(
      texts({
        en_US: { status: "APPROVED", body: "Hi." },
        id: { status: "APPROVED", body: "Halo." },
        fr: { status: "PAUSED", body: "Salut." },
        // Known only from a webhook, or not sendable with texts alone.
        es: { status: "APPROVED" },
      }),
    );
    const said = async (locale: string) => (await store.textsOf(NAME, locale))?.texts.body;
    expect([await said("id"), await said("fr"), await said("es"), await said("xx")]).toEqual([
      "Halo.",
      "Hi.",
      "Hi.",
      "Hi.",
    ]);
    expect(await store.textsOf(NAME, "id")).toMatchObject({ category: "utility", language: "id" });
  });

  it("returns null when no language suits", async () => {
    await keep(texts({ ja: { status: "APPROVED", body: "こんにちは" }, en_US: { status: "APPROVED" } }));
    expect(await store.textsOf(NAME, "id")).toBeNull();
  });
});

describe("a warm isolate's template cache", () => {
  it("uses its own change immediately", async () => {
    expect(await languageFor("sv")).toBe("en_US");
    store.remember(templateSchema.parse(template({ sv: "APPROVED" })));
    reads.mockClear();
    expect(await languageFor("sv")).toBe("sv");
    expect(reads).not.toHaveBeenCalled();
  });

  it("reads nothing from KV for a minute, then once", async () => {
    for (const wait of [0, MINUTE / 2, MINUTE / 2 - 1]) {
      pass(wait);
      await languageFor("id");
    }
    expect(reads).toHaveBeenCalledTimes(1);
    pass(1);
    await languageFor("id");
    await languageFor("en");
    expect(reads).toHaveBeenCalledTimes(2);
  });

  it("reads once for all that ask at the same moment", async () => {
    await Promise.all(["id", "en", "pt", "xx"].map((locale) => languageFor(locale)));
    pass(MINUTE);
    await Promise.all(["id", "en", "pt", "xx"].map((locale) => languageFor(locale)));
    expect(reads).toHaveBeenCalledTimes(2);
    expect(reads.mock.calls[0]).toEqual([`template/${NAME}`, { type: "json", cacheTtl: 60 }]);
  });

  it("sees a change within a minute, a template's first storing and its removal too", async () => {
    const seen: (string | undefined)[] = [await languageFor("sv")];
    await keep(template({ sv: "APPROVED" }));
    seen.push(await languageFor("sv"));
    pass(MINUTE);
    seen.push(await languageFor("sv"));
    await env.TEMPLATES.delete(`template/${NAME}`);
    pass(MINUTE);
    seen.push(await languageFor("sv"));
    expect(seen).toEqual(["en_US", "en_US", "sv", "en_US"]);
  });
});

describe("a KV fault", () => {
  it("does not fail sends: the last known template is used until KV recovers", async () => {
    await keep(template({ sv: "APPROVED" }));
    await languageFor("sv");
    reads.mockRejectedValue(new Error("KV is down"));
    for (let minute = 0; minute < 3; minute += 1) {
      pass(MINUTE);
      expect(await languageFor("sv")).toBe("sv");
    }
    expect(logLines).toHaveLength(3);
    expect(logLines[0]).toContain("KV is down");
  });

  it("leaves a cold isolate with the default template", async () => {
    reads.mockRejectedValueOnce(new Error("KV is down"));
    expect(await Promise.all([languageFor("id"), languageFor("sv")])).toEqual(["id", "en_US"]);
    pass(MINUTE);
    await keep(template({ sv: "APPROVED" }));
    expect(await languageFor("sv")).toBe("sv");
  });

  it.each([
    ["no JSON", "{"],
    ["null", "null"],
    ["a list", []],
    ["no languages", { name: NAME, category: "authentication" }],
    ["a category of 2027", template({ sv: "APPROVED" }, { category: "marvel" })],
    ["a language without a status", { ...template({}), languages: { sv: {} } }],
    ["a language that is none", template({ "not a language!": "APPROVED", id: "APPROVED" })],
  ])("such as %s does not fail sends", async (_, stored) => {
    await keep(stored);
    expect(await languageFor("id")).toBe("id");
  });
});
