import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { PHONE, useReference, WIDE_DESK } from "./reference.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const reference = useReference();

/**
 * What axe finds with every rule that is not experimental, best practice included: rule and element. It describes one
 * element of a rule that passes, because all of them are most of its work on a long page.
 */
async function faultsIn(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations, passes } = await page.evaluate<AxeResults>(
    "axe.run(document, { resultTypes: ['violations'] })",
  );
  expect(passes.length).toBeGreaterThan(10);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}

const LOOKS = [PHONE, WIDE_DESK].flatMap((viewport) =>
  (["light", "dark"] as const).map((colorScheme) => ({ width: viewport.width, viewport, colorScheme })),
);

describe("axe", () => {
  it.each(LOOKS)("finds nothing in the reference at $width pixels in $colorScheme", async (look) => {
    await reference.withDocs(look, async (page) => {
      expect(await faultsIn(page)).toEqual([]);
    });
  });

  it.each([
    { width: PHONE.width, viewport: PHONE, colorScheme: "light" },
    { width: WIDE_DESK.width, viewport: WIDE_DESK, colorScheme: "dark" },
  ] as const)("finds nothing in its contents and a search at $width pixels in $colorScheme", async (look) => {
    await reference.withDocs(
      look,
      async (page) => {
        await page.getByRole("searchbox", { name: "Search" }).fill("locale");
        await expect.poll(() => page.locator("#results li").count()).toBeGreaterThan(1);
        expect(await faultsIn(page)).toEqual([]);
      },
      "#contents",
    );
  });

  it("finds nothing in the page at the root", async () => {
    await reference.withPage({ viewport: PHONE }, async (page) => {
      await page.goto(`${reference.origin}/`);
      expect(await faultsIn(page)).toEqual([]);
    });
  });

  it("finds a fault that is there", async () => {
    await reference.withPage({ viewport: PHONE }, async (page) => {
      await page.goto(`${reference.origin}/`);
      await page.locator("h1").evaluate((heading) => heading.remove());
      expect(await faultsIn(page)).toContain("page-has-heading-one: html");
    });
  });
});
