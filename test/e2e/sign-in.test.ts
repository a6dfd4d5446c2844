import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type jsQR from "jsqr";
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { TEST_KEYS } from "../simulator/turnstile.ts";
import { DESK, PHONE, SMALL_PHONE } from "./reference.ts";
import { useSignIn } from "./sign-in.ts";

const { resolve } = createRequire(import.meta.url);
const AXE = readFileSync(resolve("axe-core/axe.min.js"), "utf8");
const JSQR = readFileSync(resolve("jsqr"), "utf8");

const signIn = (settings: object) => ({
  SIGN_IN: JSON.stringify({ support_url: "https://example.com/help", ...settings }),
});

/** Visitors are checked in the second world: they have to click, and pass. */
const { world, checked } = useSignIn({
  world: signIn({}),
  checked: {
    ...signIn({ turnstile_site_key: TEST_KEYS.third.siteKey }),
    TURNSTILE_SECRET_KEY: TEST_KEYS.passes.secretKey,
  },
});

const LANGUAGES = ["en", "ar", "he", "hi"];

/** Light and dark, with and without script; each in another language, which differs from screen to screen. */
function looks(viewport: { readonly width: number; readonly height: number }, shift: number) {
  return ["light", "dark"].flatMap((colorScheme, row) =>
    [true, false].map((javaScriptEnabled, column) => ({
      width: viewport.width,
      script: javaScriptEnabled ? "with" : "without",
      viewport,
      colorScheme: colorScheme as "light" | "dark",
      javaScriptEnabled,
      locale: LANGUAGES[(2 * row + column + shift) % LANGUAGES.length] ?? "en",
    })),
  );
}

/** What axe finds with every rule that is not experimental, best practice included. */
async function faultsIn(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>("axe.run(document)");
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}

/** Whether the page is wider than the screen. */
/** With its styles, without which a user does not see it either: they may come after the elements. */
async function isTooWide(page: Page): Promise<boolean> {
  await page.waitForLoadState();
  return page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
}

/** The page gives its field the focus, a moment after it is shown. */
async function expectFieldFocused(page: Page, id: string): Promise<void> {
  await expect.poll(() => page.evaluate("document.activeElement?.id")).toBe(id);
}

/** Presses Tab until the control has the focus. */
async function tabTo(page: Page, control: Locator): Promise<void> {
  for (let presses = 0; presses < 12; presses += 1) {
    await page.keyboard.press("Tab");
    if (await control.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`Tab does not reach ${control}`);
}

/** The button that asks for a message instead of a code. */
const WRITE = 'button[formaction$="/message"]';

/** The text that the page's link has WhatsApp send. */
async function draftOn(page: Page): Promise<string> {
  const address = await page.locator("a.main").getAttribute("href");
  return new URL(address ?? "").searchParams.get("text") ?? "";
}

/** What the page does when the user comes back to it, so that a test waits for none of its times. */
const comeBack = (page: Page) => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));

async function expectSignedIn(page: Page): Promise<void> {
  await page.waitForURL(`${world.app}/done**`);
  const { searchParams } = new URL(page.url());
  expect([...searchParams.keys()]).toEqual(["code", "state", "iss"]);
}

describe("the page of sign-in in a browser", () => {
  it.each([...looks(SMALL_PHONE, 0), ...looks(PHONE, 1)])(
    "leads from the sample app and back by keyboard, past wrong input, at $width pixels, $colorScheme, $locale, $script script",
    async (look) => {
      const to = world.newNumber();
      await world.withShop(look, async (page) => {
        const expectNoFaults = async () => {
          expect(await isTooWide(page)).toBe(false);
          // axe waits for timers, which a page without script does not run.
          if (look.javaScriptEnabled) expect(await faultsIn(page)).toEqual([]);
        };
        await expectNoFaults();
        await tabTo(page, page.getByRole("button", { name: "Sign in with WhatsApp" }));
        await page.keyboard.press("Enter");
        await expectFieldFocused(page, "number");
        expect(await page.locator("html").getAttribute("lang")).toBe(look.locale);
        await expectNoFaults();
        await page.keyboard.type("0812");
        await page.keyboard.press("Enter");
        await page.locator("#fault").waitFor();
        await expectFieldFocused(page, "number");
        await expectNoFaults();
        await page.keyboard.press("ControlOrMeta+A");
        await page.keyboard.type(to);
        await page.keyboard.press("Enter");
        await expectFieldFocused(page, "code");
        await tabTo(page, page.locator("summary"));
        await page.keyboard.press("Enter");
        await expectNoFaults();
        await page.keyboard.press("Shift+Tab");
        await page.keyboard.press("Shift+Tab");
        await page.keyboard.type("Your code is ABC");
        await page.keyboard.press("Enter");
        await page.getByRole("alert").waitFor();
        await expectFieldFocused(page, "code");
        await expectNoFaults();
        const code = await world.codeSentTo(to);
        await page.keyboard.type(`${code.slice(0, 3)}-${code.slice(3)}`);
        await page.keyboard.press("Enter");
        await page.getByRole("heading", { name: "You are signed in" }).waitFor();
        expect(await page.locator("main").textContent()).toContain(to);
        await expectNoFaults();
      });
    },
  );

  it.each(looks(DESK, 2))(
    "signs in and confirms a payment from the sample app by keyboard, at $width pixels, $colorScheme, $locale, $script script",
    async (look) => {
      const to = world.newNumber();
      await world.withShop(look, async (page) => {
        const type = async (field: string, text: string) => {
          await expectFieldFocused(page, field);
          expect(await isTooWide(page)).toBe(false);
          await page.keyboard.type(text);
          await page.keyboard.press("Enter");
        };
        await tabTo(page, page.getByRole("button", { name: "Sign in with WhatsApp" }));
        await page.keyboard.press("Enter");
        await type("number", to);
        await type("code", await world.codeOf(to));
        await tabTo(page, page.getByRole("button", { name: "Pay IDR 150,000" }));
        await page.keyboard.press("Enter");
        const payment = page.locator(".payment");
        expect(await payment.textContent()).toMatch(/Toko Maju/);
        expect(await page.locator("#number").count()).toBe(0);
        await tabTo(page, page.locator("button.main"));
        await page.keyboard.press("Enter");
        await page.locator("#code").waitFor();
        expect(await payment.textContent()).toMatch(/Toko Maju/);
        await type("code", await world.codeOf(to, 2));
        await page.getByRole("heading", { name: "Paid" }).waitFor();
        const claims = await page.locator("dl").textContent();
        expect(claims).toContain(
          '{"type":"payment","amount":"150000.00","currency":"IDR","payee":"Toko Maju"}',
        );
        expect(claims).toContain(to);
      });
    },
  );

  it.each(["light", "dark"] as const)(
    "has nothing that axe finds where a payment is confirmed, in %s",
    async (colorScheme) => {
      const to = world.newNumber();
      await world.withShop({ viewport: PHONE, colorScheme }, async (page) => {
        await page.getByRole("button", { name: "Pay IDR 150,000" }).click();
        await page.locator("#number").fill(to);
        expect(await faultsIn(page)).toEqual([]);
        await page.locator("#number").press("Enter");
        await page.locator("#code").waitFor();
        expect(await faultsIn(page)).toEqual([]);
        await page.getByRole("button", { name: "Cancel" }).click();
        await page.getByRole("alert").waitFor();
        expect(await page.getByRole("alert").textContent()).toBe("You canceled. Nothing was confirmed.");
        expect(await faultsIn(page)).toEqual([]);
      });
    },
  );

  it("keeps two tabs of one browser apart from each other's end", async () => {
    await world.withPage({ viewport: PHONE }, async (first) => {
      const second = await first.context().newPage();
      await world.visit(second);
      const [one, two] = [world.newNumber(), world.newNumber()];
      for (const [page, to] of [
        [first, one],
        [second, two],
      ] as const) {
        await page.locator("#number").fill(to);
        await page.locator("#number").press("Enter");
        await page.locator("#code").fill(await world.codeOf(to));
        await page.locator("#code").press("Enter");
        await expectSignedIn(page);
      }
    });
  });

  it("sends one message for a double click", async () => {
    const to = world.newNumber();
    await world.withPage({ viewport: PHONE }, async (page) => {
      await page.locator("#number").fill(to);
      await page.getByRole("button", { name: "Send code" }).dblclick();
      await page.locator("#code").waitFor();
      expect(await world.messagesTo(to)).toHaveLength(1);
      await page.locator("#code").fill(await world.codeSentTo(to));
      await page.getByRole("button", { name: "Confirm" }).dblclick();
      await expectSignedIn(page);
    });
  });

  it("finds the way after back and reload", async () => {
    const to = world.newNumber();
    await world.withPage({ viewport: PHONE }, async (page) => {
      await page.locator("#number").fill(to);
      await page.locator("#number").press("Enter");
      await page.locator("#code").waitFor();
      await page.reload();
      await page.locator("#code").waitFor();
      await page.goBack();
      await page.locator("#number").fill(to);
      await page.locator("#number").press("Enter");
      await page.locator("#code").waitFor();
      expect(await world.messagesTo(to)).toHaveLength(1);
      await page.locator("#code").fill(await world.codeSentTo(to));
      await page.locator("#code").press("Enter");
      await expectSignedIn(page);
    });
  });

  it("shows every control in forced colors, and none is smaller than 44 pixels", async () => {
    const to = world.newNumber();
    const look = { viewport: SMALL_PHONE, forcedColors: "active" } as const;
    const useControls = async (page: Page) => {
      const expectControls = async () => {
        const controls = await page
          .locator("button, a.main, input:not([type=hidden]), select, summary, footer a")
          .all();
        for (const control of controls) {
          const { height = 0 } = (await control.boundingBox()) ?? {};
          expect(height, (await control.textContent()) ?? "").toBeGreaterThanOrEqual(44);
        }
        for (const button of await page.locator("button, a.main").all()) {
          const width = await button.evaluate((element) => getComputedStyle(element).borderTopWidth);
          expect(width).toBe("1px");
        }
      };
      await expectControls();
      await page.locator("#number").fill(to);
      await page.locator("#number").press("Enter");
      await page.locator("summary").click();
      await expectControls();
      await page.locator(WRITE).click();
      await page.locator("a.main").waitFor();
      await expectControls();
    };
    await world.withPage(look, useControls, { purpose: "signup" });
  });

  it("counts down in the button, and asks its own origin alone", async () => {
    const to = world.newNumber();
    await world.withPage({ viewport: PHONE }, async (page) => {
      const origins = new Set<string>();
      page.on("request", (request) => origins.add(new URL(request.url()).origin));
      const faults: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error") faults.push(message.text());
      });
      await page.locator("#number").fill(to);
      await page.locator("#number").press("Enter");
      await page.locator("summary").click();
      await page.getByRole("button", { name: /^Send again 0:\d\d$/ }).waitFor();
      await page.waitForResponse((response) => response.url().endsWith("/oauth/authorize/state"));
      expect([...origins]).toEqual([new URL(world.requestUrl()).origin]);
      expect(faults).toEqual([]);
    });
  });

  it("takes at most 24 KB with everything that it loads", async () => {
    await world.withPage({ viewport: PHONE }, async (page) => {
      let bytes = 0;
      page.on("requestfinished", async (request) => {
        const { responseBodySize } = await request.sizes();
        bytes += responseBodySize;
      });
      await page.reload();
      await page.waitForLoadState("networkidle");
      expect(bytes).toBeGreaterThan(1_000);
      expect(bytes).toBeLessThan(24 * 1024);
    });
  });
});

describe("the check of visitors in a browser", () => {
  const note = (page: Page) => page.locator("#waiting").textContent();

  it("holds the form back until the user has clicked, in a page from right to left", async () => {
    const to = checked.newNumber();
    await checked.withPage(
      { viewport: SMALL_PHONE },
      async (page) => {
        const origins = new Set<string>();
        page.on("request", (request) => origins.add(new URL(request.url()).origin));
        const widget = page.frameLocator("iframe").getByRole("checkbox");
        await widget.waitFor();
        expect([await isTooWide(page), await faultsIn(page)]).toEqual([false, []]);
        await page.locator("#number").fill(to);
        await page.locator("#number").press("Enter");
        await expect.poll(() => note(page)).not.toBe("");
        expect(await checked.messagesTo(to)).toEqual([]);
        await widget.focus();
        await page.keyboard.press("Space");
        await page.locator("#code").fill(await checked.codeOf(to));
        await page.locator("#code").press("Enter");
        await page.waitForURL(`${checked.app}/done**`);
        const loopback = [...origins].every((origin) => /^http:\/\/(127\.0\.0\.1|localhost):/.test(origin));
        expect(loopback, [...origins].join()).toBe(true);
      },
      { ui_locales: "ar" },
    );
  });

  it("sends nothing where its script does not load, or there is none, and the page says so", async () => {
    const to = checked.newNumber();
    const says = async (page: Page) => {
      await page.locator("#number").fill(to);
      await page.locator("#number").press("Enter");
      return page.getByRole("alert").textContent();
    };
    await checked.withPage({ viewport: PHONE, javaScriptEnabled: false }, async (page) => {
      expect(await page.locator("form").textContent()).toContain("That needs JavaScript");
      expect(await says(page)).toContain("did not succeed. Try again.");
    });
    await checked.withPage({ viewport: PHONE }, async (page) => {
      await page.route("**/api.js?*", (route) => route.abort());
      await page.reload();
      expect(await says(page)).toContain("did not succeed. Try again.");
    });
    expect(await checked.messagesTo(to)).toEqual([]);
  });
});

describe("a message instead of a code, in a browser", () => {
  const signUp = { purpose: "signup" };

  it("signs in the browser that began it by itself, and no other", async () => {
    await world.withPage(
      { viewport: DESK },
      async (stranger) => {
        await stranger.locator(WRITE).click();
        await stranger.locator("a.main").waitFor();
        await world.withPage(
          { viewport: DESK },
          async (page) => {
            await page.locator(WRITE).click();
            await world.sendFrom(world.newNumber(), await draftOn(page));
            const asked = stranger.waitForResponse((response) => response.url().endsWith("/state"));
            await comeBack(stranger);
            await asked;
            await comeBack(page);
            await expectSignedIn(page);
          },
          signUp,
        );
        await stranger.getByRole("button", { name: "Check now" }).click();
        await stranger.getByText("The message has not arrived yet.").waitFor();
      },
      signUp,
    );
  });

  it('signs in without script by keyboard and "Check now", after it was not there yet', async () => {
    const look = { viewport: PHONE, javaScriptEnabled: false };
    await world.withPage(
      look,
      async (page) => {
        await page.locator(WRITE).press("Enter");
        const check = page.getByRole("button", { name: "Check now" });
        await check.press("Enter");
        await page.getByText("The message has not arrived yet.").waitFor();
        await expect.poll(() => page.evaluate("document.activeElement?.textContent")).toBe("Open WhatsApp");
        await world.sendFrom(world.newNumber(), await draftOn(page));
        await check.press("Enter");
        await expectSignedIn(page);
      },
      signUp,
    );
  });

  it("is a QR code on wide screens that decodes to the link, in dark and in forced colors too", async () => {
    const looks = [
      { viewport: DESK, colorScheme: "light", forcedColors: "none" },
      { viewport: DESK, colorScheme: "dark", forcedColors: "none" },
      { viewport: DESK, colorScheme: "dark", forcedColors: "active" },
    ] as const;
    for (const look of looks) {
      await world.withPage(
        look,
        async (page) => {
          await page.locator(WRITE).click();
          const link = await page.locator("a.main").getAttribute("href");
          expect(await decodeQr(page, await page.locator(".qr").screenshot())).toBe(link);
          await page.setViewportSize(PHONE);
          expect(await page.locator(".qr").isVisible()).toBe(false);
        },
        { ...signUp, ui_locales: "hi" },
      );
    }
  });

  it.each([
    ["en", "light"],
    ["ar", "dark"],
  ] as const)("has nothing that axe finds in %s, %s", async (language, colorScheme) => {
    const check = async (page: Page) =>
      expect([await isTooWide(page), await faultsIn(page)]).toEqual([false, []]);
    await world.withPage(
      { viewport: SMALL_PHONE, colorScheme },
      async (page) => {
        await check(page);
        await page.locator("#number").fill(world.newNumber());
        await page.locator("#number").press("Enter");
        await page.locator("summary").click();
        await check(page);
        await page.locator(WRITE).click();
        await page.locator("a.main").waitFor();
        await page.locator("summary").click();
        await check(page);
        await page.setViewportSize(DESK);
        await page.locator(".qr").waitFor();
        await check(page);
        await world.sendFrom(world.newNumber(), await draftOn(page));
        await comeBack(page);
        await page.locator("#fault").waitFor();
        await check(page);
      },
      { ...signUp, ui_locales: language },
    );
  });
});

/** Reads a picture of a QR code, on a page of its own that may load pictures. */
async function decodeQr(page: Page, png: Buffer): Promise<string> {
  const blank = await page.context().newPage();
  await blank.addScriptTag({ content: JSQR });
  const source = `data:image/png;base64,${png.toString("base64")}`;
  return blank.evaluate(async (src) => {
    const image = new Image();
    image.src = src;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext("2d");
    context?.drawImage(image, 0, 0);
    const { data } = context?.getImageData(0, 0, image.width, image.height) ?? {
      data: new Uint8ClampedArray(),
    };
    return (globalThis as unknown as { jsQR: typeof jsQR }).jsQR(data, image.width, image.height)?.data ?? "";
  }, source);
}
