import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestHarness } from "wrangler";
import { launchBrowser } from "../simulator/browser.ts";
import { type Journal, migrate } from "../world/migrations.ts";

const ADMIN_KEY = "test-admin-key-0123456789-abcdefghijklmnopq";
const PATHS = ["/openapi.json", "/docs", "/docs/style.css"];
const PHONE = { width: 390, height: 844 };
const SMALL_PHONE = { width: 320, height: 640 };
const DESK = { width: 1280, height: 800 };

const worker = createTestHarness({
  workers: [
    {
      configPath: "./wrangler.toml",
      vars: {
        // No server listens there, so that a send fails at once.
        WHATSAPP_BASE_URL: "http://127.0.0.1:9",
        WHATSAPP_PHONE_NUMBER_ID: "100000000000001",
        WHATSAPP_BUSINESS_ACCOUNT_ID: "200000000000002",
      },
      secrets: {
        SECRET_KEY: "test-secret-key-0123456789-abcdefghijklmnop",
        ADMIN_KEY,
        WHATSAPP_ACCESS_TOKEN: "test-access-token",
        WHATSAPP_APP_SECRET: "test-app-secret",
        WHATSAPP_VERIFY_TOKEN: "test-verify-token",
      },
    },
  ],
});

interface Operation {
  readonly operationId: string;
  readonly summary: string;
}

interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Storage {
  readonly JOURNAL: Journal;
  readonly TEMPLATES: { put(key: string, value: string): Promise<void> };
}

/** What the documentation's example sends. */
const SHIPPING_UPDATE = {
  name: "shipping_update",
  category: "utility",
  languages: { en_US: { status: "APPROVED", body: "Hi {{name}}, order {{order}} has shipped." } },
};

let origin: string;
let browser: Browser;
let operations: readonly Operation[];

beforeAll(async () => {
  origin = (await worker.listen()).url.origin;
  const { JOURNAL, TEMPLATES } = await worker.getWorker<Storage>().getEnv();
  await migrate(JOURNAL);
  await TEMPLATES.put("template/shipping_update", JSON.stringify(SHIPPING_UPDATE));
  browser = await launchBrowser();
  const response = await fetch(`${origin}/openapi.json`);
  const { paths } = (await response.json()) as ApiDocument;
  operations = Object.values(paths).flatMap((path) => Object.values(path));
});

afterAll(async () => {
  await browser?.close();
  await worker.close();
});

async function withPage(options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext(options);
  try {
    await use(await context.newPage());
  } finally {
    await context.close();
  }
}

async function withDocs(options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
  await withPage(options, async (page) => {
    await page.goto(`${origin}/docs`);
    await use(page);
  });
}

/** The curl lines of a call, as a reader would copy them. */
async function curlOf(page: Page, { operationId, summary }: Operation): Promise<string> {
  const section = page.locator(`section#${operationId}`);
  const box = section.getByRole("region", { name: `curl: ${summary}`, exact: true });
  return (await box.textContent()) ?? "";
}

/** What a shell and curl make of the lines. */
function requestOf(curl: string): Request {
  const named = curl.replace("$TEMPLATE_NAME", "shipping_update").replace("$LIST_NAME", "block");
  const url = /https?:\/\/[^\s\\]+/.exec(named)?.[0] ?? "";
  const body = /--json '((?:[^']|'\\'')*)'/.exec(curl)?.[1]?.replaceAll("'\\''", "'");
  const method = / -X (\w+) /.exec(curl)?.[1] ?? (body === undefined ? "GET" : "POST");
  const authorization = /-H "Authorization: (.*?)"/.exec(curl)?.[1]?.replace("$SANDI_KEY", ADMIN_KEY) ?? "";
  const headers = { authorization, "content-type": "application/json" };
  return new Request(url, { method, headers, ...(body !== undefined && { body }) });
}

describe("the reference", () => {
  it("the reference has a section with a heading and a curl command for every operation of the OpenAPI document", async () => {
    expect(operations.length).toBeGreaterThan(0);
    await withDocs({ viewport: DESK }, async (page) => {
      for (const operation of operations) {
        const section = page.locator(`section#${operation.operationId}`);
        expect(await section.getByRole("heading", { level: 3 }).textContent()).toBe(operation.summary);
        expect(await curlOf(page, operation)).toContain("curl ");
      }
    });
  });

  it("the curl commands of the reference are accepted by this deployment", async () => {
    await withDocs({ viewport: DESK }, async (page) => {
      for (const operation of operations) {
        const curl = await curlOf(page, operation);
        expect(curl).toContain(origin);
        const response = await fetch(requestOf(curl));
        if (curl.includes("_ID")) {
          // The request is valid, but the id does not exist.
          expect(await response.json()).toMatchObject({
            code: "not_found",
            detail: "There is nothing here.",
          });
        } else {
          // WhatsApp is out of reach here, and no user has written.
          const { code = "" } = response.ok ? {} : ((await response.json()) as { code?: string });
          expect(["", "channel_unavailable", "provider_failed", "window_closed"], curl).toContain(code);
        }
      }
    });
  });

  it("the reference has no dead links and no duplicate ids", async () => {
    await withDocs({ viewport: DESK }, async (page) => {
      const dead = await page.locator('a[href^="#"]').evaluateAll((links) =>
        links
          .map((link) => link.getAttribute("href") ?? "")
          // Browsers know the top of a page without an element for it.
          .filter((href) => href !== "#top" && document.getElementById(href.slice(1)) === null),
      );
      expect(dead).toEqual([]);
      const ids = await page.locator("[id]").evaluateAll((elements) => elements.map(({ id }) => id));
      expect(ids).toHaveLength(new Set(ids).size);
    });
  });
});

describe("the built documents", () => {
  it("every built document names the origin of the deployment", async () => {
    const document = await (await fetch(`${origin}/openapi.json`)).json();
    expect(document).toMatchObject({ servers: [{ url: origin }] });
    for (const path of PATHS)
      expect(await (await fetch(origin + path)).text()).not.toContain("origin.invalid");
  });

  it("the OpenAPI document names the purposes of the deployment", async () => {
    const response = await fetch(`${origin}/v1/verifications`, {
      method: "POST",
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
      body: JSON.stringify({ to: "+6281234567890", purpose: "none" }),
    });
    const [, names] = /The purposes of this deployment are ([^.]+)\./.exec(await response.text()) ?? [];
    const document = await (await fetch(`${origin}/openapi.json`)).text();
    expect(document).toContain(`Names the policy: ${names}.`);
  });

  it.each(PATHS)("%s is sent once, and then answered with 304", async (path) => {
    const first = await fetch(origin + path);
    const etag = first.headers.get("etag") ?? "";
    expect((await first.text()).length).toBeGreaterThan(5_000);
    const second = await fetch(origin + path, { headers: { "if-none-match": etag } });
    expect([second.status, await second.text()]).toEqual([304, ""]);
    for (const { headers } of [first, second]) {
      expect(headers.get("x-request-id")).toBeTruthy();
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    }
  });

  it.each(PATHS)("%s has the same headers, and no body, for HEAD", async (path) => {
    const [get, head] = await Promise.all([fetch(origin + path), fetch(origin + path, { method: "HEAD" })]);
    expect([head.status, await head.text()]).toEqual([200, ""]);
    for (const name of ["content-type", "cache-control", "etag"]) {
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    }
    await get.text();
  });

  it.each(["/docs.html", "/docs/style", "/openapi", "/index.html"])("%s is not found", async (path) => {
    const response = await fetch(origin + path);
    expect(await response.json()).toMatchObject({ status: 404, code: "not_found" });
  });
});

describe("the page", () => {
  it("runs no script, breaks no policy and requests its own origin only", async () => {
    await withPage({ viewport: DESK }, async (page) => {
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("request", (request) => requests.push(request.url()));
      const response = await page.goto(`${origin}/docs`);
      expect(response?.headers()["content-security-policy"]).toContain("default-src 'none'");
      expect(complaints).toEqual([]);
      expect(requests.filter((url) => new URL(url).origin !== origin)).toEqual([]);
      expect(await page.locator("script, style, [style]").count()).toBe(0);
    });
  });

  it("has a style sheet with a versioned URL that browsers may cache", async () => {
    await withDocs({ viewport: DESK }, async (page) => {
      const href = await page.locator('link[rel="stylesheet"]').getAttribute("href");
      expect(href).toMatch(/^\/docs\/style\.css\?v=[\w-]+$/);
      const { headers } = await fetch(origin + href);
      expect(headers.get("content-type")).toBe("text/css; charset=utf-8");
      expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    });
  });

  it.each([SMALL_PHONE, PHONE, DESK])("does not scroll sideways at $width pixels", async (viewport) => {
    await withDocs({ viewport }, async (page) => {
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
    });
  });

  it("offers the keyboard a link to the content first, and every box that scrolls", async () => {
    await withDocs({ viewport: PHONE }, async (page) => {
      await page.keyboard.press("Tab");
      const skip = page.getByRole("link", { name: "Skip to the content" });
      expect(await skip.evaluate((link) => link === document.activeElement)).toBe(true);
      await page.keyboard.press("Enter");
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");
      const boxes = page.locator("section.code");
      const scrolling = await boxes.evaluateAll(
        (all) => all.filter((box) => box.scrollWidth > box.clientWidth).length,
      );
      expect(scrolling).toBeGreaterThan(0);
      expect(await page.locator('section.code:not([tabindex="0"])').count()).toBe(0);
    });
  });

  it.each(["light", "dark"] as const)("has text of sufficient contrast in %s", async (colorScheme) => {
    await withDocs({ viewport: DESK, colorScheme }, async (page) => {
      expect(await page.evaluate(faintTexts)).toEqual([]);
    });
  });
});

describe("the page at the root", () => {
  it("links to parts of the reference that exist, and to the phone simulator", async () => {
    await withPage({ viewport: DESK }, async (page) => {
      await page.goto(`${origin}/`);
      const links = await page
        .locator("a")
        .evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
      expect(links).toContain("http://127.0.0.1:9");
      const reference = await (await fetch(`${origin}/docs`)).text();
      for (const link of links.filter((href) => href.startsWith("/"))) {
        const [path = "", id] = link.split("#");
        expect((await fetch(origin + path)).status, link).toBe(200);
        if (id !== undefined) expect(reference, link).toContain(`id="${id}"`);
      }
    });
  });

  it.each([
    [SMALL_PHONE, "light"],
    [DESK, "dark"],
  ] as const)("fits %o and has text of enough contrast in %s", async (viewport, colorScheme) => {
    await withPage({ viewport, colorScheme }, async (page) => {
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      await page.goto(`${origin}/`);
      expect(complaints).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
      expect(await page.evaluate(faintTexts)).toEqual([]);
    });
  });
});

/** Texts below 4.5:1 (WCAG 2.2, 1.4.3). Runs in the page, whose colours are opaque or not there at all. */
function faintTexts(): string[] {
  function channels(color: string): number[] {
    return [...color.matchAll(/[\d.]+/g)].map(([number]) => Number(number));
  }
  function luminance(color: string): number {
    const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
  function background(element: Element | null): string {
    if (element === null) return "rgb(255, 255, 255)";
    const color = getComputedStyle(element).backgroundColor;
    return channels(color)[3] === 0 ? background(element.parentElement) : color;
  }
  return [...document.body.querySelectorAll("*")]
    .filter((element) => [...element.childNodes].some(({ nodeType }) => nodeType === Node.TEXT_NODE))
    .filter((element) => {
      const text = luminance(getComputedStyle(element).color);
      const behind = luminance(background(element));
      return (Math.max(text, behind) + 0.05) / (Math.min(text, behind) + 0.05) < 4.5;
    })
    .map((element) => element.outerHTML.slice(0, 120));
}
