import { describe, expect, it } from "vitest";
import { chooseLanguage, isLocale, localeOfCountry } from "../../src/numbering/locale.ts";
import { DEFAULT_TEMPLATE } from "../../src/templates/template.ts";

const SHIPPED = Object.keys(DEFAULT_TEMPLATE.languages);

describe("a template's language", () => {
  it.each([
    // exact match
    ["id", "id"],
    ["en-US", "en_US"],
    ["en-GB", "en_GB"],
    ["pt-BR", "pt_BR"],
    ["zh-CN", "zh_CN"],
    ["zh-HK", "zh_HK"],
    ["es", "es"],
    ["es-MX", "es_MX"],
    // other spellings
    ["EN-gb", "en_GB"],
    ["en_GB", "en_GB"],
    ["eN_gB", "en_GB"],
    ["pt_br", "pt_BR"],
    ["ID", "id"],
    ["en-Latn-GB", "en_GB"],
    ["en-GB-u-hc-h12", "en_GB"],
    ["in", "id"],
    // the region that a short tag means
    ["en", "en_US"],
    ["pt", "pt_BR"],
    ["zh", "zh_CN"],
    ["es-ES", "es"],
    // the language in no region or another
    ["id-ID", "id"],
    ["fr-CA", "fr"],
    ["pt-PT", "pt_BR"],
    ["de-AT", "de"],
    ["zh-Hans-SG", "zh_CN"],
    ["zh-SG", "zh_CN"],
    // the script decides over the region
    ["zh-TW", "zh_HK"],
    ["zh-Hant", "zh_HK"],
    ["zh-MO", "zh_HK"],
    ["zh-Hant-CN", "zh_HK"],
    ["zh-Hans-HK", "zh_CN"],
    // no language that the user reads
    ["no", null],
    ["xx", null],
    ["sv", null],
    ["sr", null],
    ["ms-Arab", null],
    ["ru-Latn", null],
  ])("the template language for %s is %s, in any order of the available ones", (locale, language) => {
    expect(chooseLanguage(locale, SHIPPED)).toBe(language);
    expect(chooseLanguage(locale, SHIPPED.toReversed())).toBe(language);
  });

  it.each([
    ["en-AU", ["en_US", "en_GB"]],
    ["es-AR", ["es", "es_MX"]],
    ["es-419", ["es", "es_MX"]],
  ])(
    "the template language for %s, without its region, is the first one that its reader understands",
    (locale, available) => {
      expect(chooseLanguage(locale, ["id", ...available])).toBe(available[0]);
      expect(chooseLanguage(locale, ["id", ...available.toReversed()])).toBe(available[1]);
    },
  );

  it.each([
    ["sr", ["sr"], "sr"],
    ["sr-Latn", ["sr"], null],
    ["sr-Latn", ["sr", "sr_Latn"], "sr_Latn"],
    ["sr-RS", ["sr_Latn", "sr"], "sr"],
    ["sr-ME", ["sr", "sr_Latn"], "sr_Latn"],
    ["pt-PT", ["pt_BR", "pt_PT"], "pt_PT"],
    ["pt", ["pt_PT", "pt_BR"], "pt_BR"],
    ["pt", ["pt_PT"], "pt_PT"],
    ["es", ["es_ES", "es"], "es"],
    ["es-ES", ["es_ES", "es"], "es_ES"],
    ["zh-TW", ["zh_CN"], null],
    ["zh-TW", ["zh_CN", "zh_HK", "zh_TW"], "zh_TW"],
    ["zh-HK", ["zh_TW", "zh_HK"], "zh_HK"],
    ["uz-Cyrl", ["uz"], null],
    ["id", [], null],
    // codes that Android and Java still give
    ["iw", ["he"], "he"],
    ["iw-IL", ["he"], "he"],
    ["in-ID", ["id"], "id"],
    ["ji", ["yi"], "yi"],
    ["no-NO", ["nb"], "nb"],
    ["tl-PH", ["fil"], "fil"],
  ] as const)("the template language for %s out of %j is %s", (locale, available, language) => {
    expect(chooseLanguage(locale, available)).toBe(language);
    expect(chooseLanguage(locale, available.toReversed())).toBe(language);
  });
});

describe("a BCP 47 tag", () => {
  it.each(["id", "en-US", "zh-Hans-SG", "es-419", "sl-rozaj", "en-GB-u-hc-h12", "xx", "EN-us"])(
    "%s is a BCP 47 tag",
    (tag) => {
      expect(isLocale(tag)).toBe(true);
    },
  );

  it.each(["", "e", "en_US", "english!", "en-", "-en", "en US", "1234", "x-private", "id\n", "en-US-US-US"])(
    "%j is not a BCP 47 tag",
    (tag) => {
      expect(isLocale(tag)).toBe(false);
    },
  );
});

it("a template's language is found by its macrolanguage", () => {
  expect(chooseLanguage("no", ["en_US", "nb"])).toBe("nb");
  expect(chooseLanguage("nb-NO", ["nb"])).toBe("nb");
  expect(chooseLanguage("tl", ["fil"])).toBe("fil");
});

it.each([
  ["ID", "id-ID"],
  ["BR", "pt-BR"],
  ["TW", "zh-TW"],
  ["CH", "de-CH"],
  ["GB", "en-GB"],
  [null, null],
])("the locale of country %s is %s", (country, locale) => {
  expect(localeOfCountry(country)).toBe(locale);
});
