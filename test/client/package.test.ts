import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks, readPages } from "../e2e/documents.ts";
import { type DevProcess, freePorts, startDev } from "../world/dev.ts";
import { DEPENDENCIES, installPackage, type PackageProject } from "../world/package.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
const MODULES = join(ROOT, "node_modules");
const LARGEST_CLIENT_GZIP_BYTES = 6 * 1024;

/** By version: the project's own Node, and the machine's, which is the oldest supported one where this project is tested. */
const NODES = new Map(
  [...(process.env.PATH ?? "").split(delimiter), join(MODULES, "node/bin")].flatMap((folder) => {
    const node = join(folder, "node");
    const isNode = !folder.endsWith(join("node_modules", ".bin")) && existsSync(node);
    return isNode ? [[execFileSync(node, ["--version"], { encoding: "utf8" }).trim(), node] as const] : [];
  }),
);

const BESIDES = ["LICENSE", "README.md", "package.json"];
const BROWSER = { lib: ["ES2022", "DOM", "DOM.Iterable"], types: [] };

let project: PackageProject;

beforeAll(async () => {
  project = await installPackage();
  await cp(join(import.meta.dirname, "consumer"), project.folder, { recursive: true });
});

afterAll(() => project.remove());

describe("The npm package", () => {
  it("lists only its compiled sources, the license and the README", async () => {
    const modules = [
      "better-auth",
      "client",
      "connection",
      "error",
      "generated/calls",
      "generated/types",
      "list",
      "options",
      "retry",
      "webhooks",
    ];
    const compiled = modules.flatMap((name) => [`dist/package/${name}.d.ts`, `dist/package/${name}.js`]);
    expect([...project.packed].sort()).toEqual([...BESIDES, ...compiled].sort());
    // In the repository itself, with everything that is in it.
    const { stdout } = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: ROOT });
    const [{ files }] = JSON.parse(stdout);
    const paths: readonly string[] = files.map(({ path }: { path: string }) => path);
    expect(paths.filter((path) => !path.startsWith("dist/package/")).sort()).toEqual(BESIDES);
  });

  it("depends on standardwebhooks alone, and lets the project bring better-auth", async () => {
    const manifest = JSON.parse(
      await readFile(join(project.folder, "node_modules/sandi/package.json"), "utf8"),
    );
    expect(Object.keys(manifest.dependencies)).toEqual(["standardwebhooks"]);
    expect(Object.keys(manifest.peerDependencies)).toEqual(["better-auth"]);
    expect(manifest.peerDependenciesMeta).toEqual({ "better-auth": { optional: true } });
    const lock = JSON.parse(await readFile(join(project.folder, "package-lock.json"), "utf8"));
    const installed = Object.keys(lock.packages).filter((path) => path !== "");
    const expected = ["sandi", ...DEPENDENCIES].map((name) => `node_modules/${name}`);
    expect(installed.sort()).toEqual(expected.sort());
  });

  it("keeps sandi/client within 6 KB gzip, for any runtime and without a dependency", async () => {
    const { outputFiles, metafile } = await build({
      stdin: { contents: 'export * from "sandi/client"', resolveDir: project.folder },
      bundle: true,
      minify: true,
      format: "esm",
      platform: "neutral",
      write: false,
      metafile: true,
    });
    const modules = Object.keys(metafile.inputs).filter((path) => path !== "<stdin>");
    expect(modules.length).toBeGreaterThan(3);
    expect(modules.filter((path) => !path.includes("node_modules/sandi/dist/package/"))).toEqual([]);
    const gzipBytes = gzipSync(outputFiles[0]?.contents ?? "").byteLength;
    console.info(`sandi/client has ${gzipBytes} bytes gzip.`);
    expect(gzipBytes).toBeGreaterThan(1024);
    expect(gzipBytes).toBeLessThanOrEqual(LARGEST_CLIENT_GZIP_BYTES);
  });

  it.each([
    ["the browser's types", BROWSER],
    ["Node's types", { lib: ["ES2022"], types: ["node"] }],
    ["Workers' types", { lib: ["ES2022"], types: ["@cloudflare/workers-types"] }],
  ])(
    "type-checks in an empty project in strict mode with %s, its own declarations included",
    async (_, options) => {
      await project.compile(["app.ts"], { ...options, noEmit: true });
    },
  );

  it("compiles the snippets of docs/client.md", async () => {
    const page = readPages().find(({ path }) => path === "docs/client.md");
    const blocks = codeBlocks(page ?? { path: "", text: "" }).filter(({ language }) => language === "ts");
    const snippets = blocks.filter(({ code }) => !code.includes("better-auth"));
    expect(snippets.length).toBeGreaterThan(5);
    const names = snippets.map((_, index) => `snippet-${index}.ts`);
    for (const [index, { code }] of snippets.entries())
      await writeFile(join(project.folder, names[index] ?? ""), code);
    await project.compile(names, { lib: ["ES2022"], types: ["node"], noEmit: true });
  });

  it("type-checks with module resolution NodeNext as well", async () => {
    const nodeNext = { module: "NodeNext", moduleResolution: "NodeNext" };
    await project.compile(["app.ts"], { ...BROWSER, ...nodeNext, noEmit: true });
  });
});

describe("The npm package against npm run dev", () => {
  let dev: DevProcess;
  let state: string;

  beforeAll(async () => {
    await project.compile(["app.ts"], BROWSER);
    state = await mkdtemp(join(tmpdir(), "sandi-package-state-"));
    dev = await startDev(await freePorts(), state);
  });

  afterAll(async () => {
    await dev.signalAll("SIGTERM");
    // `npm run dev` may write a file while it stops.
    await rm(state, { recursive: true, force: true, maxRetries: 10 });
  });

  it.each([...NODES])("starts, checks, lists and receives an event in Node %s", async (version, node) => {
    const major = version.slice(1).split(".")[0];
    const to = `+62812555510${major}`;
    const { stdout } = await run(node, ["run.js", dev.api, dev.phone, to], { cwd: project.folder });
    expect(JSON.parse(stdout)).toEqual({
      node: major,
      steps: ["pending", "resend_too_soon true true", "false pending", "true approved", "false approved"],
      names: [`first ${to}`, `second ${to}`],
      received: to,
    });
  });
});
