import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A page of the documentation, with its path relative to the repository. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

export interface CodeBlock {
  readonly language: string;
  readonly code: string;
}

/** The README and every page under `docs/`. */
export function readPages(): Page[] {
  const docs = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", ...docs.sort().map((name) => `docs/${name}`)].map((path) => ({
    path,
    text: readFileSync(join(ROOT, path), "utf8"),
  }));
}

/** Fenced code blocks, also those indented within a list. */
export function codeBlocks({ text }: Page): CodeBlock[] {
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)].map(
    ([, indent = "", language = "", code = ""]) => ({
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }),
  );
}

/** The commands of the page's shell blocks, with continued lines joined as the shell does. */
export function commands(page: Page): string[] {
  return codeBlocks(page)
    .filter(({ language }) => language === "sh")
    .flatMap(({ code }) => splitCommands(code));
}

/** A command ends at a line end outside quotes that no backslash escapes. */
function splitCommands(code: string): string[] {
  const found: string[] = [];
  let command = "";
  for (const line of code.split("\n")) {
    command += command === "" ? line : `\n${line}`;
    const quotes = command.replaceAll(/[^'"]/g, "");
    const isOpen = line.endsWith("\\") || hasOpenQuote(quotes);
    if (isOpen) continue;
    if (command.trim() !== "") found.push(command.trim());
    command = "";
  }
  return found;
}

function hasOpenQuote(quotes: string): boolean {
  let open = "";
  for (const quote of quotes) {
    if (open === "") open = quote;
    else if (open === quote) open = "";
  }
  return open !== "";
}

/** Targets of links and images, outside code. */
export function links({ text }: Page): string[] {
  const prose = text.replaceAll(/^( *)```[\s\S]*?^ *```$/gm, "").replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
}

/** The repository path and the anchor that a relative link on a page points to. */
export function resolveLink(page: Page, link: string): { path: string; anchor: string } {
  const [target = "", anchor = ""] = link.split("#");
  const path = target === "" ? page.path : relative(ROOT, join(ROOT, dirname(page.path), target));
  return { path, anchor };
}

/** Anchors of a page's headings, as GitHub derives them. */
export function anchors({ text }: Page): string[] {
  const prose = text.replaceAll(/^( *)```[\s\S]*?^ *```$/gm, "");
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
