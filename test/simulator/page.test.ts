import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./browser.ts";
import { authenticationSend, SETTINGS, SHIPPING_UPDATE, shippingSend } from "./rig.ts";
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

/** A call of the Graph API that must succeed. */
async function graph(path: string, body: object): Promise<void> {
  const response = await fetch(`${simulator.url}/v26.0/${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${SETTINGS.accessToken}` },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
}

function send(choice: Parameters<typeof authenticationSend>[0] = {}): Promise<void> {
  return graph(`${SETTINGS.phoneNumberId}/messages`, authenticationSend(choice));
}

function sendText(body: string, more: object = {}): Promise<void> {
  const message = { messaging_product: "whatsapp", to: "+6281234567890", type: "text", text: { body } };
  return graph(`${SETTINGS.phoneNumberId}/messages`, { ...message, ...more });
}

async function sendShippingUpdate(): Promise<void> {
  await graph(`${SETTINGS.businessAccountId}/message_templates`, SHIPPING_UPDATE);
  await graph(`${SETTINGS.phoneNumberId}/messages`, shippingSend());
}

/** What our webhook received, reduced to the changes of one field. */
function changes(field: string) {
  return webhooks
    .flatMap((body) => JSON.parse(body).entry[0].changes)
    .filter((change) => change.field === field)
    .map(({ value }) => value);
}

const inbound = () => changes("messages").flatMap(({ messages }) => messages ?? []);

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

  it("appears at once, marked as SMS, below the undelivered WhatsApp message", async () => {
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

  it("has a button that copies its code", async () => {
    await withPage({ viewport: PHONE, permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
      await sendSms(SMS);
      await sms(page).getByRole("button", { name: "Copy code" }).click();
      await page.getByText("Code 730415 copied").waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("730415");
    });
  });

  it("has no copy button without a code", async () => {
    await withPage({ viewport: PHONE }, async (page) => {
      await sendSms("Hello");
      await sms(page).getByText("Delivered").waitFor();
      expect(await sms(page).getByRole("button").count()).toBe(0);
    });
  });

  it("is shown as undelivered when SMS is switched off for the number", async () => {
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

  it("is never marked as unread", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      await sendSms(SMS);
      await sms(page).getByText("Delivered").waitFor();
      expect(await page.title()).toBe("Sandi · phone simulator");
      await page.getByRole("button", { name: "+6281234567890" }).getByText("730415 is your").waitFor();
    });
  });

  it("shows markup in an SMS as text", async () => {
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
      await send({ to: "+14155550123" });
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
  it("shows a first step, then each message as it arrives", async () => {
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

  it("copies the code and reports the message as read", async () => {
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
      await expect.poll(() => webhooks.at(-1)).toContain('"status":"read"');
    });
  });

  it("can be operated by keyboard", async () => {
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

  it("shows a message as undelivered when WhatsApp is switched off for the number", async () => {
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

  it("selects the number of the newest message, and another on request", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      await send({ to: "+14155550123", code: "111111" });
      await page.getByText("to +14155550123").waitFor();
      await send({ to: "+33612345678", code: "222222", language: "fr" });
      await page.getByText("to +33612345678").waitFor();
      await page.getByRole("button", { name: "+14155550123" }).click();
      await page.getByRole("button", { name: "Copy code" }).waitFor();
      expect(await chat(page).getByText("222222", { exact: true }).count()).toBe(0);
    });
  });

  it("shows markup in a message as text", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      await send({ code: "<img src=x>" });
      await chat(page).getByText("<img src=x>", { exact: true }).waitFor();
      expect(await page.locator("img").count()).toBe(0);
    });
  });

  it("shows the newest numbers, and finds the rest by search", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      for (let last = 0; last < 40; last += 1) await send({ to: `+${6281300000000 + last}` });
      await page.getByText("and 10 more").waitFor();
      const numbers = page.getByRole("navigation", { name: "Phone numbers" }).getByRole("listitem");
      expect(await numbers.count()).toBe(30);
      await page.getByRole("searchbox", { name: "Find a number" }).fill("0007");
      await expect.poll(() => numbers.count()).toBe(1);
      await numbers.getByRole("button", { name: "+6281300000007" }).click();
      await page.getByText("to +6281300000007").waitFor();
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

describe("a conversation", () => {
  const composer = (page: Page) => page.getByRole("textbox", { name: "Message to the business" });

  it("shows a utility message with inert buttons", async () => {
    await withPage({ viewport: PHONE }, async (page) => {
      await sendShippingUpdate();
      const message = chat(page).getByRole("listitem").filter({ hasText: "Order A-77" });
      await message.getByText("Hi Ana, your parcel arrives on Friday before noon.").waitFor();
      await message.getByText("Example Shop").waitFor();
      await message.getByRole("link", { name: "Track" }).click();
      await page.getByText("Would open https://example.com/t/A-77").waitFor();
      await message.getByRole("link", { name: "Call us" }).click();
      await page.getByText("Would call +12065550100").waitFor();
      expect(page.url()).toBe(`${simulator.url}/`);
      expect(page.context().pages()).toHaveLength(1);
    });
  });

  it("posts a tapped quick reply with its payload, and shows it", async () => {
    await withPage({ viewport: PHONE, hasTouch: true }, async (page) => {
      await sendShippingUpdate();
      await page.getByRole("button", { name: "Stop updates" }).tap();
      await chat(page).getByRole("listitem").filter({ hasText: "You wrote: " }).waitFor();
      await expect
        .poll(inbound)
        .toMatchObject([
          { type: "button", from: "6281234567890", button: { payload: "STOP", text: "Stop updates" } },
        ]);
      await page.getByText("Read", { exact: true }).waitFor();
    });
  });

  it("posts a typed message to the webhook and shows the reply", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      await send();
      await page.getByText("Delivered").waitFor();
      await composer(page).focus();
      await page.keyboard.type("Where is it?");
      await page.keyboard.press("Shift+Enter");
      await page.keyboard.type("<b>Thanks</b>");
      await page.keyboard.press("Enter");
      const replies = chat(page).getByRole("listitem").filter({ hasText: "You wrote: " });
      await replies.getByText("<b>Thanks</b>").waitFor();
      await expect.poll(() => composer(page).inputValue()).toBe("");
      await expect
        .poll(inbound)
        .toMatchObject([
          { type: "text", from: "6281234567890", text: { body: "Where is it?\n<b>Thanks</b>" } },
        ]);
      await sendText("On its way!", { context: { message_id: inbound()[0].id } });
      const answer = chat(page).getByRole("listitem").filter({ hasText: "On its way!" });
      await answer.getByRole("blockquote").getByText("Where is it?").waitFor();
      const { messages } = await (await fetch(`${simulator.url}/_sim/messages`)).json();
      expect(messages).toHaveLength(2);
    });
  });

  it.each([PHONE, DESKTOP])(
    "begins with a number that has none, by the draft of a link, at %o",
    async (viewport) => {
      await withPage({ viewport }, async (page) => {
        const text = "Confirm my sign-up: 7KQ4M-2XPDR-9TB.";
        await page.goto(`${simulator.url}/wa/12065550100?text=${encodeURIComponent(text)}`);
        await page.getByLabel("Write from a number").fill("+62 812 3456 7893");
        await page.getByRole("button", { name: "Open phone" }).click();
        const draft = page.getByLabel("Message to the business");
        expect(await draft.inputValue()).toBe(text);
        await page.screenshot({ path: join(SCREENSHOTS, `draft-${viewport.width}.png`) });
        await draft.press("Enter");
        await chat(page).getByText(text).waitFor();
        await expect.poll(inbound).toMatchObject([{ from: "6281234567893", text: { body: text } }]);
        await expect.poll(() => draft.inputValue()).toBe("");
      });
    },
  );

  it("keeps the selected number while the user is typing", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      await send();
      await page.getByText("to +6281234567890").waitFor();
      await composer(page).fill("Where is");
      await send({ to: "+14155550123" });
      await page.getByRole("button", { name: "+14155550123" }).waitFor();
      await page.getByText("to +6281234567890").waitFor();
      expect(await composer(page).inputValue()).toBe("Where is");
    });
  });

  it("shows an error when the webhook rejects a message", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      await send();
      await page.getByText("Delivered").waitFor();
      await page.route("**/_sim/inbound", (route) => route.fulfill({ json: { webhook_status: null } }));
      await composer(page).fill("hello");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("Sent, but the webhook's address does not respond").waitFor();
    });
  });
});

describe("the templates", () => {
  const templates = (page: Page) => page.getByRole("region", { name: "Templates" });

  it("wait for a manual review, and each decision posts a webhook", async () => {
    await withPage({ viewport: DESKTOP }, async (page) => {
      await page.getByRole("link", { name: "Templates" }).click();
      await page.getByRole("switch", { name: "Review by hand" }).click();
      await page.getByRole("switch", { name: "Review by hand", checked: true }).waitFor();
      await graph(`${SETTINGS.businessAccountId}/message_templates`, SHIPPING_UPDATE);
      const actions = page.getByRole("group", { name: "shipping_update in en_US" });
      for (const action of ["Approve", "Pause", "Reinstate", "Disable"]) {
        await actions.getByRole("button", { name: action }).focus();
        await page.keyboard.press("Enter");
        await actions.getByRole("button", { name: action }).waitFor({ state: "detached" });
        expect(await page.locator(":focus").count()).toBe(1);
      }
      const events = () => changes("message_template_status_update").map(({ event }) => event);
      await expect.poll(events).toEqual(["APPROVED", "PAUSED", "REINSTATED", "DISABLED"]);
      await templates(page).getByText("disabled").first().waitFor();
    });
  });

  it("can be rejected in all languages at once", async () => {
    await withPage({ viewport: PHONE }, async (page) => {
      const behaviour = JSON.stringify({ review: "manual" });
      await fetch(`${simulator.url}/_sim/behaviour`, { method: "PUT", body: behaviour });
      for (const language of ["en_US", "id"]) {
        await graph(`${SETTINGS.businessAccountId}/message_templates`, { ...SHIPPING_UPDATE, language });
      }
      await page.getByRole("link", { name: "Templates" }).click();
      await templates(page).getByText("All 2 languages").waitFor();
      const all = page.getByRole("group", { name: "shipping_update", exact: true });
      await all.getByRole("button", { name: "Reject" }).click();
      await templates(page).getByText("2 rejected").waitFor();
      await expect
        .poll(() => changes("message_template_status_update"))
        .toMatchObject([
          { event: "REJECTED", reason: "INVALID_FORMAT", message_template_language: "en-US" },
          { message_template_language: "id" },
        ]);
    });
  });

  it("expand to every language", async () => {
    await withPage({ viewport: PHONE }, async (page) => {
      await page.getByRole("link", { name: "Templates" }).click();
      await templates(page).getByText("verification_code").click();
      await templates(page).getByText("Brazilian Portuguese").waitFor();
      await templates(page).getByText("adalah kode verifikasi Anda.").waitFor();
    });
  });
});

describe("conversations and templates", () => {
  it.each([
    ["phone", "light", PHONE],
    ["phone", "dark", PHONE],
    ["desktop", "light", DESKTOP],
    ["desktop", "dark", DESKTOP],
  ] as const)("fit a %s in %s, without scrolling the page", async (name, colorScheme, viewport) => {
    await withPage({ viewport, colorScheme }, async (page) => {
      await sendShippingUpdate();
      await page.getByRole("button", { name: "Stop updates" }).click();
      await chat(page).getByRole("blockquote").waitFor();
      await sendText("You will get no more updates.");
      await chat(page).getByText("You will get no more updates.").waitFor();
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(SCREENSHOTS, `conversation-${name}-${colorScheme}.png`) });
      await page.getByRole("link", { name: "Templates" }).click();
      await page.screenshot({ path: join(SCREENSHOTS, `templates-${name}-${colorScheme}.png`) });
      const { scrollWidth, scrollHeight } = await page.evaluate(() => ({
        scrollWidth: document.documentElement.scrollWidth,
        scrollHeight: document.documentElement.scrollHeight,
      }));
      expect(scrollWidth).toBeLessThanOrEqual(viewport.width);
      expect(scrollHeight).toBeLessThanOrEqual(viewport.height);
    });
  });
});
