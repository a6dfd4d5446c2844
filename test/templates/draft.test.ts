import { describe, expect, it } from "vitest";
import { parseInput } from "../../src/http/parse-input.ts";
import type { Problem } from "../../src/platform/problem.ts";
import { templateDraft, WHATSAPP_LANGUAGES } from "../../src/templates/draft.ts";
import { STARTER_NAMES, starter } from "../../src/templates/starter-set/starter-set.ts";
import { CODES, ENGLISH, SHIPPING } from "./rig.ts";

// Every documented limit of templates, with an example beyond it.

function pointers(draft: unknown): string[] {
  try {
    parseInput(templateDraft, draft);
    return [];
  } catch (error) {
    return (error as Problem).extras.errors?.map(({ pointer }) => pointer) ?? [];
  }
}

const [app] = CODES.supported_apps;
const [link] = ENGLISH.buttons;
const reply = { type: "quick_reply", text: "Yes" };
const call = { type: "phone_number", text: "Call", phone_number: "+6281234567890" };

const zeroTap = { button: "zero_tap", zero_tap_terms_accepted: true };
const apps = (more: object) => ({ supported_apps: [{ ...app, ...more }] });
const button = (more: object) => ({ buttons: [{ ...link, ...more }] });
const url = (address: string) => button({ url: address });
const body = (text: string) => ({ body: text });
const ttl = (seconds: number) => ({ message_send_ttl_seconds: seconds });

describe("an authentication template draft is rejected for", () => {
  it.each([
    ["no language", { languages: [] }, "/languages"],
    ["a language that WhatsApp does not support", { languages: ["en_US", "xx"] }, "/languages/1"],
    ["a region that WhatsApp does not support", { languages: ["fr-CA"] }, "/languages/0"],
    ["an invalid language tag", { languages: ["not a tag"] }, "/languages/0"],
    ["a duplicate language in another spelling", { languages: ["pt-BR", "pt_BR"] }, "/languages/1"],
    ["an unknown button", { button: "two_tap" }, "/button"],
    ["0 minutes", { code_expiration_minutes: 0 }, "/code_expiration_minutes"],
    ["91 minutes", { code_expiration_minutes: 91 }, "/code_expiration_minutes"],
    ["half a minute", { code_expiration_minutes: 0.5 }, "/code_expiration_minutes"],
    ["29 seconds to live", ttl(29), "/message_send_ttl_seconds"],
    ["901 seconds to live", ttl(901), "/message_send_ttl_seconds"],
    ["-2 seconds to live", ttl(-2), "/message_send_ttl_seconds"],
    ["one-tap without an app", { button: "one_tap", supported_apps: [] }, "/supported_apps"],
    ["zero-tap without an app", { ...zeroTap, supported_apps: [] }, "/supported_apps"],
    ["six apps", { supported_apps: Array(6).fill(app) }, "/supported_apps"],
    ["zero-tap without its terms", { button: "zero_tap" }, "/zero_tap_terms_accepted"],
    ["a package of one segment", apps({ package_name: "app" }), "/supported_apps/0/package_name"],
    ["a package with a hyphen", apps({ package_name: "com.my-app" }), "/supported_apps/0/package_name"],
    [
      "a package of 225 characters",
      apps({ package_name: `com.${"a".repeat(221)}` }),
      "/supported_apps/0/package_name",
    ],
    ["a hash of 10 characters", apps({ signature_hash: "K8a/AINcGX" }), "/supported_apps/0/signature_hash"],
    ["a hash of 12 characters", apps({ signature_hash: "K8a/AINcGX7=" }), "/supported_apps/0/signature_hash"],
    ["a hash with a hyphen", apps({ signature_hash: "K8a-AINcGX7" }), "/supported_apps/0/signature_hash"],
    ["a custom body text", body("Your code"), "/body"],
  ])("%s", (_, more, pointer) => {
    expect(pointers({ ...CODES, ...more })).toEqual([pointer]);
  });
});

describe("a utility template draft is rejected for", () => {
  it.each([
    ["no language", {}, "/languages"],
    ["a language that WhatsApp does not support", { en_US: ENGLISH, xx: ENGLISH }, "/languages/xx"],
    ["a duplicate language in another spelling", { "id-ID": ENGLISH, id: ENGLISH }, "/languages/id"],
  ])("%s", (_, languages, pointer) => {
    expect(pointers({ ...SHIPPING, languages })).toEqual([pointer]);
  });

  it.each([29, 43_201, -2])("%i seconds to live", (seconds) => {
    expect(pointers({ ...SHIPPING, ...ttl(seconds) })).toEqual(["/message_send_ttl_seconds"]);
  });

  it.each([
    ["no body", { body: undefined }, "/body"],
    ["an empty body", { body: "", examples: {}, buttons: [], header: "Hi" }, "/body"],
    ["a body of 1,025 characters", body(ENGLISH.body.padEnd(1025, ".")), "/body"],
    ["a header of 61 characters", { header: "x".repeat(61) }, "/header"],
    ["a header with two parameters", { header: "{{name}} and {{order}}" }, "/header"],
    ["a footer of 61 characters", { footer: "x".repeat(61) }, "/footer"],
    ["a footer with a parameter", { footer: "By {{name}}" }, "/footer"],
    ["a parameter at the start", body("{{name}}, order {{order}} has shipped."), "/body"],
    ["a parameter at the end", body("Hi {{name}}, this is order {{order}}"), "/body"],
    ["an unclosed parameter", body("Hi {{name}}, order {{order}} has {{shipped."), "/body"],
    ["a parameter with spaces", body("Hi {{ name }}, order {{order}} has shipped."), "/body"],
    ["a parameter with a hyphen", body("Hi {{name}}, order {{order}} has {{not-yet}} shipped."), "/body"],
    ["no example", { examples: { name: "Ana" } }, "/examples/order"],
    ["an empty example", { examples: { name: "", order: "A-77" } }, "/examples/name"],
    [
      "an example of an unknown parameter",
      { examples: { ...ENGLISH.examples, when: "now" } },
      "/examples/when",
    ],
    ["a button's text of 26 characters", button({ text: "x".repeat(26) }), "/buttons/0/text"],
    ["a button without a text", button({ text: "" }), "/buttons/0/text"],
    ["a button's text with a parameter", button({ text: "Go {{name}}" }), "/buttons/0/text"],
    ["an unsupported button type", button({ type: "catalog" }), "/buttons/0/type"],
    ["an address without a scheme", url("example.com/{{1}}"), "/buttons/0/url"],
    ["an address that is a script", url("javascript:alert({{1}}"), "/buttons/0/url"],
    ["an address that consists of a parameter", url("{{1}}"), "/buttons/0/url"],
    ["a parameter inside an address", url("https://example.com/{{1}}/x"), "/buttons/0/url"],
    ["an address with two parameters", url("https://example.com/{{order}}{{name}}"), "/buttons/0/url"],
    ["an address of 2,001 characters", url(`https://example.com/${"x".repeat(1981)}`), "/buttons/0/url"],
    [
      "an invalid number to call",
      { buttons: [{ ...call, phone_number: "help" }] },
      "/buttons/0/phone_number",
    ],
    ["three addresses", { buttons: [link, link, link] }, "/buttons"],
    ["two numbers to call", { buttons: [call, call] }, "/buttons"],
    ["eleven replies", { buttons: Array(11).fill(reply) }, "/buttons"],
    ["quick replies that are not adjacent", { buttons: [reply, link, reply] }, "/buttons"],
    ["a picture", { image: "https://example.com/a.png" }, "/image"],
  ])("%s", (_, more, pointer) => {
    expect(pointers({ ...SHIPPING, languages: { en_US: { ...ENGLISH, ...more } } })).toContain(
      `/languages/en_US${pointer}`,
    );
  });

  it.each([
    ["a parameter in capitals", "Hi {{Name}}, it is on.", ["Name"], ["/body"]],
    ["names and numbers", "Hi {{1}}, order {{order}} is on.", ["1", "order"], ["/body"]],
    ["numbers with a gap", "Hi {{1}}, order {{3}} is on.", ["1", "3"], ["/body"]],
    ["numbers out of order", "Hi {{2}}, order {{1}} is on.", ["1", "2"], ["/body"]],
    ["the number 0", "Hi {{0}}, it is on.", ["0"], ["/body"]],
    ["a name that begins with a digit", "Hi {{1st}}, it is on.", ["1st"], ["/body"]],
  ])("%s", (_, text, names, faults) => {
    const examples = Object.fromEntries(names.map((name) => [name, "x"]));
    const found = pointers({ category: "utility", languages: { en_US: { body: text, examples } } });
    expect([...new Set(found)]).toEqual(faults.map((fault) => `/languages/en_US${fault}`));
  });

  it("several faults, each reported", () => {
    const languages = {
      en_US: { ...ENGLISH, header: "x".repeat(61), footer: "{{x}}" },
      xx: { ...ENGLISH, examples: {} },
    };
    expect(pointers({ ...SHIPPING, languages, ...ttl(1) }).toSorted()).toEqual([
      "/languages/en_US/footer",
      "/languages/en_US/header",
      "/languages/xx",
      "/languages/xx/examples/name",
      "/languages/xx/examples/order",
      "/message_send_ttl_seconds",
    ]);
  });
});

it.each([[{}], [{ ...SHIPPING, category: "marketing" }], [{ ...CODES, category: undefined }]])(
  "a template draft without a known category is rejected: %j",
  (draft) => {
    expect(pointers(draft)).toEqual(["/category"]);
  },
);

describe("a template draft is valid", () => {
  const numbers = { header: "Hi {{1}}", body: "Your order {{1}} will come {{2}}.", buttons: [] };
  it.each([
    ["as the API's example for codes", CODES],
    ["with zero-tap's terms, and 30 seconds", { ...CODES, ...zeroTap, ...ttl(30) }],
    [
      "with five apps, and 900 seconds",
      { ...CODES, button: "one_tap", supported_apps: Array(5).fill(app), ...ttl(900) },
    ],
    ["with 90 minutes, and 30 days", { ...CODES, code_expiration_minutes: 90, ...ttl(-1) }],
    ["with 1 minute", { ...CODES, code_expiration_minutes: 1 }],
    ["in every language that WhatsApp supports", { ...CODES, languages: WHATSAPP_LANGUAGES }],
    ["with languages only", { category: "authentication", languages: ["id"] }],
    ["as the API's example for notifications", SHIPPING],
    ["with 43,200 seconds", { ...SHIPPING, ...ttl(43_200) }],
    ["with a body of 1,024 characters", body(ENGLISH.body.padEnd(1024, "."))],
    ["with numbers", { ...numbers, examples: { 1: "A", 2: "B" } }],
    [
      "with ten buttons",
      { buttons: [link, { ...link, url: "https://example.com" }, call, ...Array(7).fill(reply)] },
    ],
    ["with a parameter for the address alone", { body: "Hi there.", examples: { 1: "A" } }],
    ["with a parameter of the address by its name", url("https://example.com/{{order}}")],
  ])("%s", (_, draft) => {
    const whole =
      "category" in draft ? draft : { ...SHIPPING, languages: { "en-US": { ...ENGLISH, ...draft } } };
    expect(pointers(whole)).toEqual([]);
  });

  it("in every supported language, with hyphen or underscore", () => {
    for (const spell of [(code: string) => code, (code: string) => code.replace("_", "-")]) {
      const { languages } = parseInput(templateDraft, {
        category: "authentication",
        languages: WHATSAPP_LANGUAGES.map(spell),
      });
      expect(languages).toEqual(WHATSAPP_LANGUAGES);
    }
  });

  it("in BCP 47 tags, which are converted to WhatsApp's codes", () => {
    const languages = ["id-ID", "pt-BR", "zh-TW", "zh-Hans", "ky", "no", "EN-gb", "sr", "rw"];
    expect(parseInput(templateDraft, { category: "authentication", languages }).languages).toEqual([
      "id",
      "pt_BR",
      "zh_TW",
      "zh_CN",
      "ky_KG",
      "nb",
      "en_GB",
      "sr",
      "rw_RW",
    ]);
  });

  it.each(STARTER_NAMES)("in the starter set: %s", (name) => {
    const { draft } = starter(name, ["en_US", "en_GB", "id", "es", "es_MX", "pt_BR", "pt_PT", "fr", "de"]);
    expect(pointers(draft)).toEqual([]);
  });
});

it("a starter template omits languages that have no readable text", () => {
  const { draft, missingLanguages } = starter("shipping_update", ["es_MX", "de", "zh_TW"]);
  expect([Object.keys(draft?.languages ?? {}), missingLanguages]).toEqual([["es_MX"], ["de", "zh_TW"]]);
  expect(starter("shipping_update", ["de"]).draft).toBeNull();
});
