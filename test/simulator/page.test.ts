import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./browser.ts";
import { authenticationSend, SETTINGS } from "./rig.ts";
import { type RunningSimulator, startSimulator } from "./server.ts";
import { DEFAULT_SMS_SECRET } from "./sms/options.ts";

const CURL = "curl http://localhost:8787/v1/verifications";
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 800 };

/** For a look with one's own eyes; each run replaces the last one's. */
const SCREENSHOTS = join(tmpdir(), "sandi-phone");

let browser: Browser;
let simulator: RunningSimulator;
/** What our webhook would have received. */
const webhooks: string[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  simulator = await startSimulator({
    ...SETTINGS,
    port: 0,
    curlExample: CURL,
    deliver: async (request) => {
      webhooks.push(await request.text());
      return new Response();
    },
  });
}, 60_000);

afterAll(async () => {
  await browser.close();
  await simulator.close();
});

afterEach(async () => {
  await simulator.simulator.settled();
  await fetch(`${simulator.url}/_sim`, { method: "DELETE" });
  webhooks.length = 0;
});

/** Opens the page, runs the test's body and fails it on any error in the page. */
async function withPage(
  options: NonNullable<Parameters<Browser["newContext"]>[0]>,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  const errors: string[] = [];
  try {
    const page = await context.newPage();
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(simulator.url);
    await page.getByRole("heading", { name: "Sandi" }).waitFor();
    await use(page);
    expect(errors).toEqual([]);
  } finally {
    await context.close();
  }
}

/** The messages on the phone; the list of numbers beside it quotes them. */
function chat(page: Page) {
  return page.getByRole("list", { name: "Messages" });
}

async function send(choice: Parameters<typeof authenticationSend>[0] = {}): Promise<void> {
  const response = await fetch(`${simulator.url}/v26.0/${SETTINGS.phoneNumberId}/messages`, {
    method: "POST",
    headers: { Authorization: `Bearer ${SETTINGS.accessToken}` },
    body: JSON.stringify(authenticationSend(choice)),
  });
  expect(response.status).toBe(200);
}

async function sendSms(text: string, to = "6281234567890"): Promise<void> {
  const response = await fetch(`${simulator.url}/vonage/sms/json`, {
    method: "POST",
    headers: { Authorization: `Basic ${btoa(`abcd1234:${DEFAULT_SMS_SECRET}`)}` },
    body: new URLSearchParams({ from: "Example", to, text, type: "unicode" }),
  });
  expect((await response.json()).messages[0].status).toBe("0");
}

const SMS = "730415 is your Example code to pay 150000.00 IDR to Toko Maju. Do not share it with anyone.";

describe("a text message", () => {
  const sms = (page: Page) => chat(page).getByRole("listitem").filter({ hasText: "Text message" });

  it("arrives at once, told apart from WhatsApp, below what WhatsApp could not deliver", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      await send();
      await page.getByText("Delivered").waitFor();
      await page.getByRole("switch", { name: "Not on WhatsApp" }).click();
      await page.getByRole("switch", { checked: true }).waitFor();
      await send({ code: "730415" });
      await page.getByText("Message undeliverable (131026)").waitFor();
      await sendSms(`${SMS}\n@example.com #730415`);
      await sms(page).getByText("from Example").waitFor();
      await sms(page).getByText("150000.00 IDR to Toko Maju").waitFor();
      await sms(page).getByText("@example.com #730415").waitFor();
      await sms(page).getByText("Delivered").waitFor();
      expect(await sms(page).getByRole("button").allTextContents()).toEqual(["Copy code"]);
      const order = await chat(page).getByRole("listitem").allTextContents();
      expect(order.findIndex((item) => item.includes("131026"))).toBeLessThan(
        order.findIndex((item) => item.includes("Text message")),
      );
    });
  });

  it("has a code to copy", async () => {
    await withPage({ viewport: PHONE, permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
      await sendSms(SMS);
      await sms(page).getByRole("button", { name: "Copy code" }).click();
      await page.getByText("Code 730415 copied").waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("730415");
    });
  });

  it("has none where it carries none", async () => {
    await withPage({ viewport: PHONE }, async (page) => {
      await sendSms("Hello");
      await sms(page).getByText("Delivered").waitFor();
      expect(await sms(page).getByRole("button").count()).toBe(0);
    });
  });

  it("is a line when the number is switched to get no SMS", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      await sendSms(SMS);
      await sms(page).waitFor();
      await page.getByRole("switch", { name: "No SMS" }).click();
      await page.getByRole("switch", { name: "No SMS", checked: true }).waitFor();
      await sendSms("111111 is your Example code.");
      await page.getByText(/Text message not delivered at .*: Absent Subscriber/).waitFor();
      expect(await chat(page).getByText("111111").count()).toBe(0);
    });
  });

  it("is never waiting to be read", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      await sendSms(SMS);
      await sms(page).getByText("Delivered").waitFor();
      expect(await page.title()).toBe("Sandi · phone simulator");
      await page.getByRole("button", { name: "+6281234567890" }).getByText("730415 is your").waitFor();
    });
  });

  it("shows what it contains, never runs it", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      await sendSms("<img src=x> 4829");
      await chat(page).getByText("<img src=x>").waitFor();
      expect(await page.locator("img").count()).toBe(0);
    });
  });

  it.each([
    ["phone", "light", PHONE],
    ["phone", "dark", PHONE],
    ["desktop", "light", DESKTOP],
    ["desktop", "dark", DESKTOP],
  ] as const)("fits a %s in %s, without scrolling the page", async (name, colorScheme, viewport) => {
    await withPage({ viewport, colorScheme }, async (page) => {
      await send();
      await send({ to: "14155550123" });
      await page.getByText("Delivered").waitFor();
      await page.getByRole("button", { name: "+6281234567890" }).click();
      await page.getByRole("switch", { name: "Not on WhatsApp" }).click();
      await page.getByRole("switch", { checked: true }).waitFor();
      await send({ code: "730415" });
      await page.getByText("Message undeliverable (131026)").waitFor();
      await sendSms(`${SMS}\n@example.com #730415`);
      await sms(page).getByText("Delivered").waitFor();
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(SCREENSHOTS, `sms-${name}-${colorScheme}.png`) });
      const { scrollWidth, scrollHeight } = await page.evaluate(() => ({
        scrollWidth: document.documentElement.scrollWidth,
        scrollHeight: document.documentElement.scrollHeight,
      }));
      expect(scrollWidth).toBeLessThanOrEqual(viewport.width);
      expect(scrollHeight).toBeLessThanOrEqual(viewport.height);
    });
  });
});

describe("the phone", () => {
  it("says what to do first, and shows a message as soon as it arrives", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      await page.getByText(CURL).waitFor();
      await send({ code: "482913" });
      const message = chat(page)
        .getByRole("listitem")
        .filter({ hasText: "482913 is your verification code." });
      await message.getByText("For your security, do not share this code.").waitFor();
      await message.getByText("This code expires in 5 minutes.").waitFor();
      await message.getByText("Delivered").waitFor();
      expect(await page.getByText(CURL).isVisible()).toBe(false);
    });
  });

  it("copies the code, and opening it that way reads the message", async () => {
    await withPage({ viewport: PHONE, permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
      await send({ code: "730415", language: "id" });
      await page.getByRole("button", { name: "Salin kode" }).click();
      await page.getByText("Code 730415 copied").waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("730415");
      await page.getByText("Read", { exact: true }).waitFor();
    });
  });

  it("reports read when the message is tapped", async () => {
    await withPage({ viewport: PHONE, hasTouch: true }, async (page) => {
      await send();
      await page.getByText("Delivered").waitFor();
      await chat(page).getByText("is your verification code.").tap();
      await page.getByText("Read", { exact: true }).waitFor();
      expect(webhooks.at(-1)).toContain('"status":"read"');
    });
  });

  it("can be worked by keyboard alone", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      await send();
      await page.getByText("Delivered").waitFor();
      await page.getByRole("button", { name: "Mark as read" }).focus();
      await page.keyboard.press("Enter");
      await page.getByText("Read", { exact: true }).waitFor();
      const focused = page.locator(":focus");
      expect(await focused.textContent()).toBe("Copy code");
    });
  });

  it("shows a failed message as a line, when the number is switched to be not on WhatsApp", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      await send({ code: "111111" });
      const toggle = page.getByRole("switch", { name: "Not on WhatsApp" });
      await toggle.click();
      await page.getByRole("switch", { checked: true }).waitFor();
      await send({ code: "222222" });
      await page.getByText("Message undeliverable (131026)").waitFor();
      expect(await chat(page).getByText("222222", { exact: true }).count()).toBe(0);
    });
  });

  it("turns to the number that got the newest message, and back on request", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      await send({ to: "14155550123", code: "111111" });
      await page.getByText("to +14155550123").waitFor();
      await send({ to: "33612345678", code: "222222", language: "fr" });
      await page.getByText("to +33612345678").waitFor();
      await page.getByRole("button", { name: "+14155550123" }).click();
      await page.getByRole("button", { name: "Copy code" }).waitFor();
      expect(await chat(page).getByText("222222", { exact: true }).count()).toBe(0);
    });
  });

  it("shows what a message contains, never runs it", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      await send({ code: "<img src=x>" });
      await chat(page).getByText("<img src=x>", { exact: true }).waitFor();
      expect(await page.locator("img").count()).toBe(0);
    });
  });

  it.each([
    ["phone", "light", PHONE],
    ["phone", "dark", PHONE],
    ["desktop", "light", DESKTOP],
    ["desktop", "dark", DESKTOP],
  ] as const)("fits a %s in %s, without scrolling the page", async (name, colorScheme, viewport) => {
    await withPage({ viewport, colorScheme }, async (page) => {
      await send();
      await page.getByText("Delivered").waitFor();
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${colorScheme}.png`) });
      const { background, scrollWidth, scrollHeight } = await page.evaluate(() => ({
        background: getComputedStyle(document.body).backgroundColor,
        scrollWidth: document.documentElement.scrollWidth,
        scrollHeight: document.documentElement.scrollHeight,
      }));
      const [red = 0] = background.match(/\d+/g)?.map(Number) ?? [];
      expect(red > 127 ? "light" : "dark").toBe(colorScheme);
      expect(scrollWidth).toBeLessThanOrEqual(viewport.width);
      expect(scrollHeight).toBeLessThanOrEqual(viewport.height);
    });
  });
});
