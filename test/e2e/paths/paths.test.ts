import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { documentedPath, PATH_NAMES, PATHS } from "./document.ts";

/** `npm run paths` compares the documented files with those that run. */
describe("the paths in docs/architecture.md", () => {
  it.each(PATH_NAMES)("list existing files for %s, and no more than a reader can follow", (name) => {
    const { walked, called } = documentedPath(name);
    expect(walked.length).toBeGreaterThan(5);
    expect(walked.length).toBeLessThanOrEqual(PATHS[name]);
    expect([...walked, ...called].filter((file) => !existsSync(file))).toEqual([]);
  });
});
