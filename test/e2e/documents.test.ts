import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { anchors, links, readPages, resolveLink } from "./documents.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PAGES = readPages();
const SCRIPTS = Object.keys(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts);

/** Pages that go with the README's table; each says in its first sentence for whom it is. */
const TOPICS = PAGES.filter(({ path }) => !["README.md", "docs/results.md", "docs/timing.md"].includes(path));

describe.each(PAGES.map((page) => [page.path, page] as const))("%s", (_, page) => {
  it("links to files and headings that exist", () => {
    const broken = links(page)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const { path, anchor } = resolveLink(page, link);
        if (!existsSync(join(ROOT, path))) return true;
        const target = PAGES.find((candidate) => candidate.path === path);
        return anchor !== "" && target !== undefined && !anchors(target).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  it("names npm scripts, source paths and tests that exist", () => {
    const scripts = [...page.text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = ""]) => name);
    expect(scripts.filter((name) => !SCRIPTS.includes(name))).toEqual([]);
    const inlineCode = [...page.text.matchAll(/`[^`\n]+`/g)].join("\n");
    const paths = [...inlineCode.matchAll(/(?<![\w./])(?:src|test|docs|\.ci)\/[\w./-]*/g)].map(
      ([path]) => path,
    );
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe("the README", () => {
  const readme = PAGES.find(({ path }) => path === "README.md");

  it("has at most 200 lines and a table of contents with every section", () => {
    const text = readme?.text ?? "";
    expect(text.split("\n").length).toBeLessThanOrEqual(201);
    for (const [, section = ""] of text.matchAll(/^## (.+)$/gm)) expect(text).toContain(`* [${section}](#`);
  });

  it("links to every page under docs", () => {
    const targets = links(readme ?? { path: "", text: "" });
    const unlinked = PAGES.filter(({ path }) => path.startsWith("docs/") && !targets.includes(path));
    expect(unlinked.map(({ path }) => path)).toEqual([]);
  });
});

it.each(TOPICS.map((page) => [page.path, page] as const))(
  "%s says in its first sentence for whom it is",
  (_, page) => {
    expect(page.text.split("\n").find((line) => line !== "" && !line.startsWith("#"))).toMatch(/^For \w/);
  },
);
