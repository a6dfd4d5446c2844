import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { parseAst } from "vitest/node";

/** Reading this path answers `{ "src/file.ts": calls }` since the last read. */
export const CALLS_PATH = "/__calls";

/** Files that no request runs: build scripts, commands and types. */
const LEFT_ALONE = /^build\/|\.d\.ts$|\/generate\.ts$|starter-set\/(run|command)\.ts$/;

const FUNCTION = /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/;

/** Collects calls in the isolate, and answers them to {@link CALLS_PATH}. */
const COLLECTOR = `
globalThis.__calls = new Map();
globalThis.__called = (file) => globalThis.__calls.set(file, (globalThis.__calls.get(file) ?? 0) + 1);
function readCalls() {
  const calls = Object.fromEntries(globalThis.__calls);
  globalThis.__calls.clear();
  return Response.json(calls);
}
`;

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly body?: unknown;
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** Rewrites every file of a copy of `src/` so that each function reports its file when it is called. */
export function instrument(src: string): void {
  for (const file of readdirSync(src, { recursive: true, encoding: "utf8" })) {
    if (!/\.tsx?$/.test(file) || LEFT_ALONE.test(file)) continue;
    const path = join(src, file);
    const { code } = transformSync(readFileSync(path, "utf8"), {
      loader: file.endsWith("x") ? "tsx" : "ts",
      target: "es2024",
      // Node imports JSON with them only.
      supported: { "import-attributes": true },
      jsx: "automatic",
      jsxImportSource: "hono/jsx",
      tsconfigRaw: "{}",
    });
    writeFileSync(path, `// @ts-nocheck\n${withReports(code, `src/${file}`)}`);
  }
  const index = join(src, "index.ts");
  const text = readFileSync(index, "utf8");
  const handler = "fetch(request, env, context) {";
  if (!text.includes(handler)) throw new Error("The fetch handler of src/index.ts was not found");
  const answering = `${handler} if (request.url.endsWith("${CALLS_PATH}")) return readCalls();`;
  writeFileSync(index, text.replace(handler, answering) + COLLECTOR);
}

function withReports(code: string, file: string): string {
  const report = `globalThis.__called?.(${JSON.stringify(file)})`;
  const insertions: Insertion[] = [];
  for (const body of functionBodies(parseAst(code))) {
    if (code[body.start] === "{" && /Block|FunctionBody/.test(body.type)) {
      insertions.push({ at: body.start + 1, text: `${report};` });
    } else {
      insertions.push({ at: body.start, text: `(${report},(` }, { at: body.end, text: "))" });
    }
  }
  insertions.sort((a, b) => b.at - a.at);
  let result = code;
  for (const { at, text } of insertions) result = result.slice(0, at) + text + result.slice(at);
  return result;
}

function functionBodies(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(functionBodies);
  if (typeof value !== "object" || value === null) return [];
  const inside = Object.values(value).flatMap(functionBodies);
  return isNode(value) && FUNCTION.test(value.type) && isNode(value.body) ? [value.body, ...inside] : inside;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}
