import { readFileSync } from "node:fs";

const ARCHITECTURE = new URL("../../../docs/architecture.md", import.meta.url);

/** The paths that docs/architecture.md describes, with the greatest number of files of each. */
export const PATHS = {
  "A start": 45,
  "A check": 25,
  "A WhatsApp status": 25,
  "An event": 25,
} as const;

export type PathName = keyof typeof PATHS;

export const PATH_NAMES = Object.keys(PATHS) as readonly PathName[];

export interface DocumentedPath {
  /** The files that control passes through. */
  readonly walked: readonly string[];
  /** The files that are called on the way. */
  readonly called: readonly string[];
}

/** The files of a path's section: those before the words "Called on the way", and those after them. */
export function documentedPath(name: PathName): DocumentedPath {
  const text = readFileSync(ARCHITECTURE, "utf8");
  const section = text.split(`### ${name}\n`)[1]?.split(/^##/m)[0] ?? "";
  const [walk = "", calls = ""] = section.split("Called on the way");
  return { walked: filesIn(walk), called: filesIn(calls) };
}

/** Paths below `src/`: `guard/{guard,fence}.ts` means two of them. */
function filesIn(text: string): string[] {
  const found = [...text.matchAll(/[\w-]+(?:\/[\w-]+)*(?:\/?\{[\w\-,/]+\})?\.tsx?/g)].flatMap(([pattern]) =>
    expand(pattern),
  );
  return [...new Set(found)].map((file) => `src/${file}`);
}

function expand(pattern: string): string[] {
  const [, before = "", names, after = ""] = /^(.*)\{(.*)\}(.*)$/.exec(pattern) ?? [];
  return names === undefined ? [pattern] : names.split(",").map((name) => before + name + after);
}
