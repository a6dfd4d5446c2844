import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ADMIN_KEY, DESK, PHONE, SMALL_PHONE, useReference } from "./reference.ts";

const PATHS = ["/openapi.json", "/docs", "/docs/style.css", "/docs/script.js"];

const reference = useReference();

describe("the reference", () => {
  it("the reference has a section with a heading for every operation of the OpenAPI document, and a curl command or what a platform sends", async () => {
    expect(reference.operations.length).toBeGreaterThan(0);
    await reference.withDocs({ viewport: DESK }, async (page) => {
      for (const operation of reference.operations) {
        const section = page.locator(`section#${operation.operationId}`);
        expect(await section.getByRole("heading", { level: 3 }).textContent()).toBe(operation.summary);
        const box = section.locator(".code").first();
        const label = await box.getAttribute("aria-label");
        expect([`curl: ${operation.summary}`, `Request: ${operation.summary}`]).toContain(label);
        expect(await box.textContent()).toMatch(/^(curl|\{|http)/);
      }
    });
  });

  it("the reference has no dead links and no duplicate ids", async () => {
    await reference.withDocs({ viewport: DESK }, async (page) => {
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
    const document = await (await fetch(`${reference.origin}/openapi.json`)).json();
    expect(document).toMatchObject({ servers: [{ url: reference.origin }] });
    for (const path of PATHS)
      expect(await (await fetch(reference.origin + path)).text()).not.toContain("origin.invalid");
  });

  it("the OpenAPI document names the purposes of the deployment", async () => {
    const response = await fetch(`${reference.origin}/v1/verifications`, {
      method: "POST",
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
      body: JSON.stringify({ to: "+6281234567890", purpose: "none" }),
    });
    const [, names] = /The purposes of this deployment are ([^.]+)\./.exec(await response.text()) ?? [];
    const document = await (await fetch(`${reference.origin}/openapi.json`)).text();
    expect(document).toContain(`Names the policy: ${names}.`);
  });

  it.each(PATHS)("%s is sent once, and then answered with 304", async (path) => {
    const first = await fetch(reference.origin + path);
    const etag = first.headers.get("etag") ?? "";
    expect((await first.text()).length).toBeGreaterThan(3_000);
    const second = await fetch(reference.origin + path, { headers: { "if-none-match": etag } });
    expect([second.status, await second.text()]).toEqual([304, ""]);
    for (const { headers } of [first, second]) {
      expect(headers.get("x-request-id")).toBeTruthy();
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    }
  });

  it.each(PATHS)("%s has the same headers, and no body, for HEAD", async (path) => {
    const [get, head] = await Promise.all([
      fetch(reference.origin + path),
      fetch(reference.origin + path, { method: "HEAD" }),
    ]);
    expect([head.status, await head.text()]).toEqual([200, ""]);
    for (const name of ["content-type", "cache-control", "etag"]) {
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    }
    await get.text();
  });

  it.each(["/docs.html", "/docs/style", "/openapi", "/index.html"])("%s is not found", async (path) => {
    const response = await fetch(reference.origin + path);
    expect(await response.json()).toMatchObject({ status: 404, code: "not_found" });
  });
});

describe("the page", () => {
  it("breaks no policy, has no script but its own file, and requests its own origin only", async () => {
    await reference.withPage({ viewport: DESK }, async (page) => {
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("request", (request) => requests.push(request.url()));
      const response = await page.goto(`${reference.origin}/docs`);
      const policy = response?.headers()["content-security-policy"];
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(complaints).toEqual([]);
      expect(requests.filter((url) => new URL(url).origin !== reference.origin)).toEqual([]);
      const sources = await page
        .locator("script")
        .evaluateAll((all) => all.map((script) => script.outerHTML));
      expect(sources).toEqual([
        expect.stringMatching(/^<script src="\/docs\/script\.js\?v=[\w-]+" defer=""><\/script>$/),
      ]);
      expect(await page.locator("style, [style]").count()).toBe(0);
    });
  });

  it("no other page may run a script", async () => {
    for (const path of ["/", "/openapi.json", "/health", "/v1/keys"]) {
      const { headers } = await fetch(reference.origin + path, { headers: { accept: "text/html" } });
      expect(headers.get("content-security-policy"), path).not.toContain("script-src");
    }
  });

  it.each([
    ["style sheet", 'link[rel="stylesheet"]', "href", "text/css; charset=utf-8"],
    ["script", "script", "src", "text/javascript; charset=utf-8"],
  ] as const)(
    "has a %s with a versioned URL that browsers may cache",
    async (_, selector, attribute, type) => {
      await reference.withDocs({ viewport: DESK }, async (page) => {
        const href = await page.locator(selector).getAttribute(attribute);
        expect(href).toMatch(/^\/docs\/[\w.]+\?v=[\w-]+$/);
        const { headers } = await fetch(reference.origin + href);
        expect(headers.get("content-type")).toBe(type);
        expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      });
    },
  );

  it("the page, its style sheet and its script together are smaller than 80 KB when compressed", async () => {
    const paths = ["/docs", "/docs/style.css", "/docs/script.js"];
    const texts = await Promise.all(paths.map(async (path) => (await fetch(reference.origin + path)).text()));
    const bytes = texts.reduce((total, text) => total + gzipSync(text).byteLength, 0);
    expect(bytes).toBeLessThan(80_000);
  });

  it.each([SMALL_PHONE, PHONE, DESK])("does not scroll sideways at $width pixels", async (viewport) => {
    await reference.withDocs({ viewport }, async (page) => {
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
    });
  });

  it("offers the keyboard a link to the content first, and every box that scrolls", async () => {
    await reference.withDocs({ viewport: PHONE }, async (page) => {
      await page.keyboard.press("Tab");
      const skip = page.getByRole("link", { name: "Skip to the content" });
      expect(await skip.evaluate((link) => link === document.activeElement)).toBe(true);
      await page.keyboard.press("Enter");
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");
      expect(await page.locator("figure.code").count()).toBeGreaterThan(0);
      expect(await page.locator('figure.code:not([tabindex="0"])').count()).toBe(0);
    });
  });

  it.each([SMALL_PHONE, PHONE, DESK])("wraps code within its box at $width pixels", async (viewport) => {
    await reference.withDocs({ viewport }, async (page) => {
      const cut = await page
        .locator("figure.code")
        .evaluateAll((boxes) =>
          boxes
            .filter((box) => box.scrollWidth > box.clientWidth)
            .map((box) => box.getAttribute("aria-label")),
        );
      expect(cut).toEqual([]);
    });
  });

  it("shows every method of the contents on one line", async () => {
    await reference.withDocs({ viewport: DESK }, async (page) => {
      const heights = await page
        .locator("#contents small")
        .evaluateAll((labels) => labels.map((label) => label.getClientRects().length * label.clientHeight));
      expect(heights.length).toBeGreaterThan(reference.operations.length - 1);
      expect(new Set(heights).size).toBe(1);
    });
  });

  it("shows the fields of each kind of object that a body may be", async () => {
    await reference.withDocs({ viewport: DESK }, async (page) => {
      const kinds = page.locator("#putTemplate .alternative");
      expect(await kinds.locator("h5").allTextContents()).toEqual([
        "category: authentication",
        "category: utility",
      ]);
      expect(await kinds.first().locator(".field").count()).toBeGreaterThan(5);
      expect(await kinds.last().locator(".field").count()).toBeGreaterThan(2);
    });
  });

  it("shows an example of every answer with a body, and of every event", async () => {
    const document = await (await fetch(`${reference.origin}/openapi.json`)).json();
    await reference.withDocs({ viewport: DESK }, async (page) => {
      for (const [id, label, example] of examplesIn(document)) {
        const box = page.locator(`section[id="${id}"]`).getByRole("figure", { name: label, exact: true });
        expect(JSON.parse((await box.textContent()) ?? "null"), label).toEqual(example);
      }
    });
  });

  it("says of every problem code when it occurs and what to do", async () => {
    const { components } = await (await fetch(`${reference.origin}/openapi.json`)).json();
    const codes: readonly string[] = components.schemas.Problem.properties.code.enum;
    expect(codes.length).toBeGreaterThan(20);
    await reference.withDocs({ viewport: DESK }, async (page) => {
      for (const code of codes) {
        const section = page.locator(`section#${code}`);
        expect(await section.locator("dt").allTextContents(), code).toEqual(["When", "What to do"]);
        for (const text of await section.locator("dd").allTextContents())
          expect(text.length).toBeGreaterThan(20);
      }
    });
  });

  it.each(["light", "dark"] as const)("has text of sufficient contrast in %s", async (colorScheme) => {
    await reference.withDocs({ viewport: DESK, colorScheme }, async (page) => {
      expect(await page.evaluate(faintTexts)).toEqual([]);
    });
  });
});

describe("the page at the root", () => {
  it("links to parts of the reference that exist, and to the phone simulator", async () => {
    await reference.withPage({ viewport: DESK }, async (page) => {
      await page.goto(`${reference.origin}/`);
      const links = await page
        .locator("a")
        .evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
      expect(links).toContain("http://127.0.0.1:9");
      const docs = await (await fetch(`${reference.origin}/docs`)).text();
      for (const link of links.filter((href) => href.startsWith("/"))) {
        const [path = "", id] = link.split("#");
        expect((await fetch(reference.origin + path)).status, link).toBe(200);
        if (id !== undefined) expect(docs, link).toContain(`id="${id}"`);
      }
    });
  });

  it.each([
    [SMALL_PHONE, "light"],
    [DESK, "dark"],
  ] as const)("fits %o and has text of enough contrast in %s", async (viewport, colorScheme) => {
    await reference.withPage({ viewport, colorScheme }, async (page) => {
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      await page.goto(`${reference.origin}/`);
      expect(complaints).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
      expect(await page.evaluate(faintTexts)).toEqual([]);
    });
  });
});

type Example = readonly [id: string, label: string, example: unknown];

/** Every example of an answer or an event in an OpenAPI document, by where the page shows it. */
// biome-ignore lint/suspicious/noExplicitAny: a document that another test checks
function examplesIn({ paths, webhooks }: any): Example[] {
  const answers = Object.values(paths as object).flatMap((methods) =>
    Object.values(methods as object).flatMap(({ operationId, summary, responses }) =>
      Object.entries(responses as object)
        .filter(([status, { content }]) => status.startsWith("2") && content !== undefined)
        .map(([status, { content }]): Example => {
          const [media] = Object.values(content as object);
          return [operationId, `Answer ${status}: ${summary}`, media.example];
        }),
    ),
  );
  const events = Object.entries(webhooks as object).map(([type, { post }]): Example => {
    return [type, `Body: ${type}`, post.requestBody.content["application/json"].example];
  });
  return [...answers, ...events];
}

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
