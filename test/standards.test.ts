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

describe("docs/standards.md and docs/guard.md", () => {
  it("have rows with tests", () => {
    expect(new Set(ROWS.map(({ page }) => page))).toEqual(new Set(["standards.md", "guard.md"]));
  });

  it.each(ROWS)("name tests that exist, and at least one: $page, $name", ({ tests }) => {
    expect(tests).not.toEqual([]);
    expect(tests.filter((test) => !exists(test))).toEqual([]);
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
