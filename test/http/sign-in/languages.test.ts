import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { textOn } from "../../../src/http/sign-in/page/frame.ts";
import { moneyOf } from "../../../src/http/sign-in/page/text.ts";
import {
  acceptedLocales,
  choosePageLanguage,
  LANGUAGES,
  Words,
} from "../../../src/http/sign-in/page/words.ts";
import { codeSentTo, messagesTo, newNumber, useDeployment, wrong } from "../../deployment.ts";
import { CLIENT } from "./fixtures.ts";
import { Browser, ORIGIN, Provider, type Shown, textOf } from "./page-rig.ts";

const deployment = useDeployment();
const client = { ...CLIENT, purpose: "signup" };
const provider = new Provider([client]);

describe("the page's language", () => {
  it.each(LANGUAGES)("%s is spoken on every page of a flow, in its direction", async (language) => {
    const browser = new Browser(provider, { "accept-language": "en" });
    const to = newNumber();
    const first = await browser.open({ ui_locales: language });
    const page = await browser.press(first, "number", { number: to });
    const fault = await browser.press(page, "code", { code: wrong(await codeSentTo(deployment, to)) });
    const message = await browser.press(page, "message");
    const { words } = await new Words(env.ASSETS).localize([language]);
    const direction = ["ar", "he", "ur"].includes(language) ? "rtl" : "ltr";
    for (const shown of [first, page, fault, message]) {
      expect(shown.html).toContain(`<html lang="${language}" dir="${direction}">`);
      expect(shown.html).toContain(`>${words.cancel}</button>`);
      expect(shown.html).not.toMatch(/\{\w+\}|undefined|\[object/);
    }
    expect(textOf(first)).toContain(words.send);
    expect(textOf(page)).toContain(words.code_heading);
    expect(textOf(fault)).toContain(words.code_wrong);
    expect(textOf(page)).toContain(words.write_instead);
    expect(textOf(message)).toContain(words.write_heading);
    for (const shown of [page, message]) expect(shown.html).toContain(`<bdi dir="ltr">+62 `);
  });

  it("is the app's, then the browser's, then the default; the message has the same", async () => {
    const open = async (ui_locales: string | undefined, accept: string) => {
      const shown = await new Browser(provider, { "accept-language": accept }).open({ ui_locales });
      return /<html lang="([\w-]+)"/.exec(shown.html)?.[1];
    };
    expect(await open("xx-unknown pt-BR", "de")).toBe("pt");
    expect(await open(undefined, "tlh, de;q=0.5, fr;q=0.9")).toBe("fr");
    expect(await open(undefined, "*")).toBe("en");
    expect(await open("zh-TW", "de")).toBe("zh-Hant");
    const browser = new Browser(provider, { "accept-language": "de" });
    const to = newNumber();
    await browser.press(await browser.open({ ui_locales: "id" }), "number", { number: to });
    expect(await messagesTo(deployment, to)).toMatchObject([{ language: "id" }]);
  });

  it("can be changed on both pages, and what was typed stays", async () => {
    const browser = new Browser(provider);
    const first = await browser.open();
    const changed = await browser.press(first, "language", { language: "es", number: "0812", country: "ID" });
    expect([changed.status, changed.html]).toEqual([200, expect.stringContaining('<html lang="es"')]);
    expect(changed.html).toContain('value="0812"');
    const to = newNumber();
    const page = await browser.press(changed, "number", { number: to });
    expect(page.html).toContain('<html lang="es"');
    const german = await browser.press(page, "language", { language: "de" });
    expect(textOf(german)).toContain("Sehen Sie in WhatsApp nach");
    expect(await messagesTo(deployment, to)).toHaveLength(1);
    const unknown = await browser.press(german, "language", { language: "xx" });
    expect(unknown.html).toContain('<html lang="de"');
  });

  it.each([
    [null, []],
    ["de", ["de"]],
    ["de-CH, en;q=0.7, fr;q=0.9, *;q=0.1", ["de-CH", "fr", "en"]],
    ["de;q=0, en", ["en"]],
    [";;;,,", []],
  ])("is read from Accept-Language: %j", (header, locales) => {
    expect(acceptedLocales(header)).toEqual(locales);
  });

  it("is chosen by script where there are two", () => {
    expect(choosePageLanguage(["zh-HK"]).language).toBe("zh-Hant");
    expect(choosePageLanguage(["zh-SG"]).language).toBe("zh-Hans");
    expect(choosePageLanguage([]).language).toBe("en");
  });
});

describe("an amount", () => {
  it.each([
    ["150000.00", "IDR", "en", "IDR 150,000.00"],
    ["0.1234", "EUR", "de", "0,1234 EUR"],
    ["999999999999999.9999", "USD", "en", "USD 999,999,999,999,999.9999"],
    ["5", "JPY", "ja", "JPY 5"],
  ])("of %s %s is shown in %s with all of its digits", async (amount, currency, language, shown) => {
    const localization = await new Words(env.ASSETS).localize([language]);
    const text = String(await moneyOf(amount, currency, localization)).replaceAll("\u00a0", " ");
    expect(text).toBe(`<bdi>${shown}</bdi>`);
  });
});

describe("an app's accent", () => {
  it("colors the page by a style whose digest the policy names", async () => {
    const apps = { shop: { brand: "Kopi <Shop>", accent: "#ffcc00" } };
    const client = { ...CLIENT, app: "shop" as typeof CLIENT.app };
    const shown = await new Browser(new Provider([client], { APPS: apps })).open();
    expect(shown.html).toContain("<style>:root{--accent:#ffcc00;--on-accent:#000}</style>");
    expect(shown.headers.get("content-security-policy")).toMatch(
      /style-src 'self' 'sha256-[A-Za-z0-9+/]{43}='/,
    );
    expect(shown.html).toContain("<bdi>Kopi &lt;Shop&gt;</bdi>");
  });

  it("and its brand come before the service's name, which comes before the client's", async () => {
    const brandOf = async (more: object) => {
      const { html } = await new Browser(new Provider([CLIENT], more)).open();
      return /class="brand">.*?<bdi>(.*?)<\/bdi>/.exec(html)?.[1];
    };
    const SIGN_IN = { name: "Example Login" };
    expect(await brandOf({})).toBe("Example Shop");
    expect(await brandOf({ SIGN_IN })).toBe("Example Login");
    expect(await brandOf({ SIGN_IN, APPS: { default: { brand: "Kopi" } } })).toBe("Kopi");
  });

  it("has a text on it that reaches 4.5:1, whichever color it is", () => {
    for (let color = 0; color < 0x1000000; color += 4_099) {
      const hex = `#${color.toString(16).padStart(6, "0")}`;
      expect(contrast(hex, textOn(hex) === "#000" ? 0 : 1), hex).toBeGreaterThanOrEqual(4.5);
    }
  });
});

describe("a logo", () => {
  const LOGO = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/>";

  /** The assets of the build with the logo of one app among them. */
  const ASSETS = {
    async fetch(input: string | Request) {
      const url = typeof input === "string" ? input : input.url;
      if (url.endsWith("/sign-in/logos/default.svg")) {
        return new Response(LOGO, { headers: { "content-type": "image/svg+xml" } });
      }
      const response = await env.ASSETS.fetch(input);
      if (!url.includes("/sign-in/words/")) return response;
      const file = await response.json<object>();
      return Response.json({ ...file, logos: { default: "/oauth/logos/default.svg?v=1" } });
    },
  };

  it("is the app's, of this origin, and what a client registers is not loaded", async () => {
    const client = { ...CLIENT, logoUri: "https://evil.example/logo.svg" };
    const withLogo = new Provider([client], { ASSETS });
    const shown = await new Browser(withLogo).open();
    expect(shown.html).toContain('<img src="/oauth/logos/default.svg?v=1" alt="" height="32">');
    expect(shown.headers.get("content-security-policy")).toContain("; img-src 'self'; ");
    expect(shown.html).not.toContain("evil.example");
    const { status, headers, html } = await withLogo.fetch(`${ORIGIN}/oauth/logos/default.svg?v=1`);
    expect([status, html, headers.get("content-type")]).toEqual([200, LOGO, "image/svg+xml"]);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect((await withLogo.fetch(`${ORIGIN}/oauth/logos/other.svg`)).status).toBe(404);
    const without = await new Browser(provider).open();
    expect(without.html).not.toContain("<img");
    expect(without.headers.get("content-security-policy")).not.toContain("img-src");
  });
});

describe("the foot of the page", () => {
  const footOf = ({ html }: Shown) =>
    [...html.matchAll(/<a href="([^"]+)" target="_blank" rel="noopener">([^<]+)</g)].map(
      ([, ...link]) => link,
    );

  it("has no link where none is known", async () => {
    expect((await new Browser(provider).open()).html).not.toContain("<footer");
  });

  it("leads to the addresses of the client, then of its app, then of the service", async () => {
    const APPS = {
      default: { links: { privacy: "https://app.example/privacy", terms: "https://app.example/terms" } },
    };
    const SIGN_IN = {
      support_url: "https://login.example/help",
      privacy_url: "https://login.example/privacy",
    };
    const policyUri = "https://shop.example/privacy?a=1&b=<2>";
    const page = await new Browser(new Provider([{ ...CLIENT, policyUri }], { APPS, SIGN_IN })).open();
    expect(footOf(page)).toEqual([
      ["https://shop.example/privacy?a=1&amp;b=&lt;2&gt;", "Privacy"],
      ["https://app.example/terms", "Terms"],
      ["https://login.example/help", "Help"],
    ]);
    const stranger = await new Browser(new Provider([], { APPS, SIGN_IN })).open();
    expect([stranger.status, footOf(stranger)]).toEqual([
      400,
      [
        ["https://login.example/privacy", "Privacy"],
        ["https://login.example/help", "Help"],
      ],
    ]);
  });
});

/** The contrast of WCAG 2.2 between a color and black (0) or white (1). */
function contrast(color: string, other: number): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const [light, dark] = luminance > other ? [luminance, other] : [other, luminance];
  return (light + 0.05) / (dark + 0.05);
}
