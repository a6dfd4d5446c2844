import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MUTATIONS } from "./faults/mutations/mutations.ts";

/** A row of the table in docs/invariants.md. */
interface Invariant {
  readonly number: number;
  readonly tests: readonly { readonly file: string; readonly title: string }[];
  readonly brokenBuilds: readonly string[];
  readonly note: string;
}

const TEST = import.meta.dirname;
const ROOT = join(TEST, "..");
const INVARIANTS = readFileSync(join(ROOT, "docs/invariants.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| \d/.test(line))
  .map(readRow);

describe("docs/invariants.md", () => {
  it("has a row for each of the 13 invariants", () => {
    expect(INVARIANTS.map(({ number }) => number)).toEqual(Array.from({ length: 13 }, (_, row) => row + 1));
  });

  it.each(INVARIANTS)(
    "names only tests that exist for invariant $number, or says that there are none",
    ({ tests, note }) => {
      expect(tests.filter(({ file, title }) => !hasTest(file, title))).toEqual([]);
      if (tests.length === 0) expect(note).toBe("No test yet.");
    },
  );

  it("names exactly the broken builds of `npm run faults`, each with its invariant", () => {
    const named = INVARIANTS.flatMap(({ number, brokenBuilds }) =>
      brokenBuilds.map((description) => `${number} ${description}`),
    );
    const built = MUTATIONS.map(({ invariant, description }) => `${invariant} ${description}`);
    expect(named.toSorted()).toEqual(built.toSorted());
  });
});

describe("a broken build of `npm run faults`", () => {
  it.each(MUTATIONS)("changes lines that the source has exactly once: $description", ({ patches }) => {
    const matches = patches.map(({ file, find }) => ({ file, find, times: timesIn(file, find) }));
    expect(matches.filter(({ times }) => times !== 1)).toEqual([]);
  });
});

function timesIn(file: string, text: string): number {
  return readFileSync(join(ROOT, file), "utf8").split(text).length - 1;
}

function readRow(line: string): Invariant {
  const [number = "", , tests = "", brokenBuilds = "", note = ""] = line
    .split("|")
    .slice(1)
    .map((cell) => cell.trim());
  return {
    number: Number(number),
    tests: items(tests).map((item) => {
      const [, file = "", title = item] = /^`([^`]+)`: (.+)$/.exec(item) ?? [];
      return { file, title };
    }),
    brokenBuilds: items(brokenBuilds),
    note,
  };
}

function items(cell: string): readonly string[] {
  return cell === "" ? [] : cell.split("<br>");
}

function hasTest(file: string, title: string): boolean {
  const path = join(TEST, file);
  return existsSync(path) && readFileSync(path, "utf8").includes(`"${title}"`);
}
