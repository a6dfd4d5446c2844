import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { DESK, PHONE, useReference } from "./reference.ts";

const reference = useReference();

/** The samples of a call. */
function samplesOf(page: Page, operationId: string): Locator {
  return page.locator(`section#${operationId} .samples`);
}

function shown(samples: Locator): Promise<string | null> {
  return samples.locator(".code:visible").getAttribute("aria-label");
}

function entryOf(page: Page, id: string): Locator {
  return page.locator(`#contents .parts a[href="#${id}"]`);
}

describe("The tabs of a sample", () => {
  it("the language chosen for one call is shown for all that have it, and after a reload", async () => {
    await reference.withDocs({ viewport: DESK }, async (page) => {
      const start = samplesOf(page, "startVerification");
      expect(await shown(start)).toBe("curl: Start a verification");
      await start.getByText("TypeScript", { exact: true }).click();
      expect(await shown(start)).toBe("TypeScript: Start a verification");
      expect(await shown(samplesOf(page, "createKey"))).toBe("TypeScript: Create an API key");
      await samplesOf(page, "checkVerification").getByText("Twilio SDK", { exact: true }).click();
      expect(await shown(start)).toBe("Twilio SDK: Start a verification");
      expect(await shown(samplesOf(page, "createKey"))).toBe("TypeScript: Create an API key");
      await page.reload();
      expect(await shown(samplesOf(page, "checkVerification"))).toBe("Twilio SDK: Check a code");
    });
  });

  it("a choice leaves the sample that the reader looks at where it is", async () => {
    await reference.withDocs(
      { viewport: PHONE },
      async (page) => {
        const tab = samplesOf(page, "createKey").getByText("TypeScript", { exact: true });
        const before = await tab.boundingBox();
        await tab.click();
        const after = await tab.boundingBox();
        expect(Math.abs((after?.y ?? 0) - (before?.y ?? Number.NaN))).toBeLessThan(2);
      },
      "#createKey",
    );
  });

  it("arrow keys change the tab", async () => {
    await reference.withDocs({ viewport: DESK }, async (page) => {
      const start = samplesOf(page, "startVerification");
      await start.getByRole("radio", { name: "curl" }).focus();
      await page.keyboard.press("ArrowRight");
      expect(await shown(start)).toBe("TypeScript: Start a verification");
    });
  });
});

describe("The copy button", () => {
  it("copies the lines that are shown, as they are, and says so", async () => {
    const permissions = ["clipboard-read", "clipboard-write"];
    await reference.withDocs({ viewport: PHONE, permissions }, async (page) => {
      const start = samplesOf(page, "startVerification");
      const copy = start.getByRole("button", { name: "Copy: Start a verification" });
      await copy.click();
      await expect.poll(() => copy.textContent()).toBe("Copied");
      await expect.poll(() => page.locator("main > [role=status]").textContent()).toBe("Copied");
      const read = () => page.evaluate(() => navigator.clipboard.readText());
      expect(await read()).toBe(`curl ${reference.origin}/v1/verifications \\
  -H "Authorization: Bearer $SANDI_KEY" \\
  --json '{
    "to": "+6281234567890",
    "locale": "id"
  }'
`);
      await start.getByText("TypeScript", { exact: true }).click();
      await copy.click();
      await expect.poll(read).toContain("await sandi.verifications.start({");
    });
  });
});

describe("The search", () => {
  const results = (page: Page) => page.locator("#results a span");

  it("finds a call by its title, its path and its operation, and Enter goes there", async () => {
    await reference.withDocs({ viewport: DESK }, async (page) => {
      await page.keyboard.press("/");
      for (const words of ["cancel verif", "delete /v1/verifications", "cancelVerification"]) {
        await page.keyboard.type(words);
        await expect.poll(() => results(page).first().textContent()).toBe("Cancel a verification");
        await page.keyboard.press("Control+A");
      }
      await page.keyboard.type("cancel a verification");
      await page.keyboard.press("Enter");
      expect(new URL(page.url()).hash).toBe("#cancelVerification");
    });
  });

  it("finds problems, events and fields, with the words around a field", async () => {
    await reference.withDocs({ viewport: DESK }, async (page) => {
      const search = page.getByRole("searchbox", { name: "Search" });
      await search.fill("rate_limited");
      await expect.poll(() => results(page).first().textContent()).toBe("rate_limited");
      await search.fill("guard.blocked");
      await expect.poll(() => results(page).first().textContent()).toBe("guard.blocked");
      await search.fill("device_id");
      await expect.poll(() => page.locator("#results mark").first().textContent()).toBe("device_id");
    });
  });

  it("arrow keys walk through the results, and Escape brings the contents back", async () => {
    await reference.withDocs({ viewport: DESK }, async (page) => {
      const search = page.getByRole("searchbox", { name: "Search" });
      await search.fill("webhook");
      expect(await page.locator("#contents .parts").isVisible()).toBe(false);
      expect(await page.locator("#search-status").textContent()).toMatch(/^\d+ results\b/);
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      const second = await page.locator("#results a").nth(1).getAttribute("href");
      expect(await page.evaluate(() => document.activeElement?.getAttribute("href"))).toBe(second);
      await page.keyboard.press("Escape");
      expect(await page.locator("#contents .parts").isVisible()).toBe(true);
      expect(await search.evaluate((input) => input === document.activeElement)).toBe(true);
    });
  });

  it("says that there are no results", async () => {
    await reference.withDocs({ viewport: DESK }, async (page) => {
      await page.getByRole("searchbox", { name: "Search" }).fill("zzz");
      expect(await page.locator("#search-status").textContent()).toBe("No results");
    });
  });
});

describe("The contents", () => {
  it("mark the part that is being read, and keep its entry in view", async () => {
    await reference.withDocs({ viewport: DESK }, async (page) => {
      expect(await entryOf(page, "quick-start").getAttribute("aria-current")).toBe("location");
      for (const id of ["revokeKey", "startVerification", "health"]) {
        await page.locator(`section#${id}`).evaluate((part) => part.scrollIntoView({ block: "start" }));
        const entry = entryOf(page, id);
        await expect.poll(() => entry.getAttribute("aria-current"), { message: id }).toBe("location");
        const box = await entry.boundingBox();
        expect(box?.y).toBeGreaterThan(0);
        expect((box?.y ?? Number.NaN) + (box?.height ?? 0)).toBeLessThan(DESK.height);
      }
      expect(await page.locator("#contents [aria-current]").count()).toBe(1);
    });
  });

  it("lie over the page of a phone until an entry is chosen, or until they are closed", async () => {
    await reference.withDocs(
      { viewport: PHONE },
      async (page) => {
        const contents = page.locator("#contents");
        expect(await contents.isVisible()).toBe(false);
        const before = await page.evaluate(() => scrollY);
        await page.getByRole("link", { name: "Contents" }).click();
        expect(await contents.isVisible()).toBe(true);
        await page.getByRole("link", { name: "Close", exact: true }).click();
        await expect.poll(() => contents.isVisible()).toBe(false);
        await expect.poll(() => page.evaluate(() => scrollY)).toBe(before);

        await page.getByRole("link", { name: "Contents" }).click();
        await entryOf(page, "createKey").click();
        expect(await contents.isVisible()).toBe(false);
        const heading = page.getByRole("heading", { name: "Create an API key" });
        await expect.poll(async () => (await heading.boundingBox())?.y).toBeLessThan(PHONE.height / 2);
      },
      "#getVerification",
    );
  });
});

describe("Without script", () => {
  const bare = { javaScriptEnabled: false } as const;

  it("every sample can be chosen, and what needs a script is not shown", async () => {
    await reference.withDocs({ viewport: DESK, ...bare }, async (page) => {
      const start = samplesOf(page, "startVerification");
      expect(await start.locator(".code:visible").count()).toBe(1);
      await start.getByText("TypeScript", { exact: true }).click();
      expect(await shown(start)).toBe("TypeScript: Start a verification");
      expect(await page.locator("#search").isVisible()).toBe(false);
      expect(await page.locator("button").count()).toBe(0);
    });
  });

  it("the contents of a phone open, lead to a part and close", async () => {
    await reference.withDocs({ viewport: PHONE, ...bare }, async (page) => {
      await page.getByRole("link", { name: "Contents" }).click();
      await entryOf(page, "createKey").click();
      expect(await page.locator("#contents").isVisible()).toBe(false);
      expect(await page.getByRole("heading", { name: "Create an API key" }).isVisible()).toBe(true);
    });
  });
});
