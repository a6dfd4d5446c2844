import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { TemplateStore } from "../../src/templates/store.ts";

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
const languageFor = async (locale: string, name = NAME) => (await store.choose(name, locale)).language;

describe("choosing a template's language", () => {
  it("has the default template before anybody stored one", async () => {
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

  it("takes what KV holds over the default", async () => {
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

  it("falls back to the deployment's own locale, in the spelling that the template has", async () => {
    await keep(template({ fr: "APPROVED", pt_BR: "APPROVED" }));
    const brazilian = new TemplateStore(env.TEMPLATES, "pt");
    expect(await brazilian.choose(NAME, "id")).toEqual({
      template: NAME,
      language: "pt_BR",
      timeToLiveSeconds: null,
    });
  });

  it.each([
    ["a template that nobody stored", "order_update", null],
    ["a template without an approved language", NAME, template({ id: "PAUSED" })],
    ["a template in languages that nobody here reads", NAME, template({ ja: "APPROVED" })],
  ])("leaves %s to WhatsApp, in the default locale", async (_, name, stored) => {
    if (stored !== null) await keep(stored);
    expect(await store.choose(name, "id")).toEqual({
      template: name,
      language: "en_US",
      timeToLiveSeconds: null,
    });
  });

  it("keeps templates apart by name", async () => {
    await keep(template({ sv: "APPROVED" }, { name: "other" }), "other");
    expect(await languageFor("sv", "other")).toBe("sv");
    expect(await languageFor("sv")).toBe("en_US");
  });
});

describe("a warm isolate", () => {
  it("reads nothing for a minute, then once", async () => {
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
    const seen: string[] = [await languageFor("sv")];
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

describe("a fault of KV", () => {
  it("costs nobody the code: the last known template serves on, for as long as it lasts", async () => {
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

  it("finds a cold isolate with the default template", async () => {
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
  ])("such as %s in it costs nobody the code", async (_, stored) => {
    await keep(stored);
    expect(await languageFor("id")).toBe("id");
  });
});
