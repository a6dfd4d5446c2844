import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RULE_NAMES } from "../src/guard/rule.ts";

const TEST = import.meta.dirname;
const read = (page: string) => readFileSync(join(TEST, "../docs", page), "utf8");

/** A row of a table whose last column is headed "shown by". */
interface Row {
  readonly page: string;
  readonly name: string;
  /** As the page spells them: a file in backticks, a colon, a title. */
  readonly tests: readonly string[];
}

const ROWS = ["standards.md", "guard.md"].flatMap(rowsOf);

/** What the provider of sign-in is held to; the sections of RFC 9700 and ASVS as their documents number them. */
const HELD_TO: readonly (readonly [source: string, ...sections: string[]])[] = [
  ["RFC 9700", "2.1", "2.1.1", "4.1", "4.4", "4.5", "4.8.2", "4.11", "4.12", "4.16"],
  ["RFC 9207"],
  ["RFC 6749", "4.1.2", "10.5"],
  ["ASVS", "10.3.1", "10.3.2", "10.3.3", "10.4.1", "10.4.2", "10.4.3", "10.4.4", "10.4.6", "10.4.7"],
  ["ASVS", "10.4.10", "10.4.11", "10.4.12", "10.4.15", "10.6.1", "10.7.1", "10.7.2"],
  ["ASVS", "6.3.8", "6.5.1", "6.6.2"],
  ["SP 800-63C-4", "2.3", "4.9"],
  ["OpenID Connect Core", "15.1"],
  ["PSD2 RTS art. 5"],
];

describe("docs/standards.md and docs/guard.md", () => {
  it("have rows with tests", () => {
    expect(new Set(ROWS.map(({ page }) => page))).toEqual(new Set(["standards.md", "guard.md"]));
  });

  it.each(ROWS)("name tests that exist, and at least one: $page, $name", ({ tests }) => {
    expect(tests).not.toEqual([]);
    expect(tests.filter((test) => !exists(test))).toEqual([]);
  });

  it.each(HELD_TO)("name what sign-in is held to by %s", (source, ...sections) => {
    const [, section = ""] = read("standards.md").split("## OAuth 2.0 and OpenID Connect");
    const [names = ""] = section.split("\n## ");
    const cells = names.split("\n").map((line) => line.split("|")[1] ?? "");
    const ofSource = cells.flatMap((cell) => cell.split(";")).filter((part) => part.includes(source));
    expect(ofSource).not.toEqual([]);
    const listed = ofSource.flatMap((part) => part.split(/[,;]| (?=\d)/)).map((part) => part.trim());
    expect(sections.filter((name) => !listed.includes(name))).toEqual([]);
  });

  it("name every rule that a decision can have", () => {
    // A country over its budget lowers the limits of its ranges; decisions name those.
    const named = RULE_NAMES.filter((rule) => !rule.startsWith("country_"));
    expect(named.filter((rule) => !read("guard.md").includes(`\`${rule}\``))).toEqual([]);
  });
});

function rowsOf(page: string): readonly Row[] {
  const rows: Row[] = [];
  let isShown = false;
  for (const line of read(page).split("\n")) {
    if (!line.startsWith("|")) isShown = false;
    else if (/\| shown by \|$/.test(line)) isShown = true;
    else if (isShown && !/^\|[-|]+\|$/.test(line)) {
      const cells = line.split("|").map((cell) => cell.trim());
      const tests = (cells.at(-2) ?? "").split("<br>").filter((item) => item !== "");
      rows.push({ page, name: cells.slice(1, 3).join(" ").slice(0, 60), tests });
    }
  }
  return rows;
}

function exists(test: string): boolean {
  const [, file = "", title = ""] = /^`([^`]+)`: (.+)$/.exec(test) ?? [];
  const path = join(TEST, `${file}.test.ts`);
  return title !== "" && existsSync(path) && readFileSync(path, "utf8").includes(`"${title}"`);
}
