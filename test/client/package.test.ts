import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks, readPages } from "../e2e/documents.ts";
import { type DevProcess, freePorts, startDev } from "../world/dev.ts";
import { pack, type Registry, startRegistry } from "../world/registry.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
const MODULES = join(ROOT, "node_modules");
const LARGEST_CLIENT_GZIP_BYTES = 6 * 1024;

/** All that the package needs: nothing of the Worker's is among them. */
const DEPENDENCIES = ["standardwebhooks", "@stablelib/base64", "fast-sha256"];

/** By version: the project's own Node, and the machine's, which is the oldest supported one where this project is tested. */
const NODES = new Map(
  [...(process.env.PATH ?? "").split(delimiter), join(MODULES, "node/bin")].flatMap((folder) => {
    const node = join(folder, "node");
    const isNode = !folder.endsWith(join("node_modules", ".bin")) && existsSync(node);
    return isNode ? [[execFileSync(node, ["--version"], { encoding: "utf8" }).trim(), node] as const] : [];
  }),
);

let directory: string;
let project: string;
let tarball: string;
let registry: Registry;

/** Packs as `npm pack` does, and installs the tarball into an empty folder. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sandi-package-"));
  project = join(directory, "project");
  await mkdir(project);
  await run("npm", ["run", "prepack"], { cwd: ROOT });
  tarball = await pack(ROOT, directory);
  registry = await startRegistry(
    DEPENDENCIES.map((name) => join(MODULES, name)),
    join(directory, "registry"),
  );
  await writeFile(join(project, "package.json"), '{ "name": "shop", "private": true, "type": "module" }');
  const npm = ["install", tarball, "--no-audit", "--no-fund", "--registry", registry.url];
  await run("npm", [...npm, "--cache", join(directory, "cache")], { cwd: project });
  await cp(join(import.meta.dirname, "consumer"), project, { recursive: true });
});

afterAll(async () => {
  registry.close();
  await rm(directory, { recursive: true, force: true });
});

describe("The npm package", () => {
  it("lists only its compiled sources, the license and the README", async () => {
    const { stdout } = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: ROOT });
    const [{ files }] = JSON.parse(stdout);
    const paths = files.map(({ path }: { path: string }) => path);
    const modules = [
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
    expect(paths.sort()).toEqual(
      [
        "LICENSE",
        "README.md",
        "package.json",
        ...modules.flatMap((name) => [`dist/package/${name}.d.ts`, `dist/package/${name}.js`]),
      ].sort(),
    );
  });

  it("depends on standardwebhooks alone", async () => {
    const manifest = JSON.parse(await readFile(join(project, "node_modules/sandi/package.json"), "utf8"));
    expect(Object.keys(manifest.dependencies)).toEqual(["standardwebhooks"]);
    const lock = JSON.parse(await readFile(join(project, "package-lock.json"), "utf8"));
    const installed = Object.keys(lock.packages).filter((path) => path !== "");
    const expected = ["sandi", ...DEPENDENCIES].map((name) => `node_modules/${name}`);
    expect(installed.sort()).toEqual(expected.sort());
  });

  it("keeps sandi/client within 6 KB gzip, for any runtime and without a dependency", async () => {
    const { outputFiles, metafile } = await build({
      stdin: { contents: 'export * from "sandi/client"', resolveDir: project },
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
    ["the browser's types", { lib: ["ES2022", "DOM", "DOM.Iterable"], types: [] }],
    ["Node's types", { lib: ["ES2022"], types: ["node"] }],
    ["Workers' types", { lib: ["ES2022"], types: ["@cloudflare/workers-types"] }],
  ])(
    "type-checks in an empty project in strict mode with %s, its own declarations included",
    async (_, options) => {
      await compile({ ...options, noEmit: true });
    },
  );

  it("compiles the snippets of docs/client.md", async () => {
    const page = readPages().find(({ path }) => path === "docs/client.md");
    const snippets = codeBlocks(page ?? { path: "", text: "" }).filter(({ language }) => language === "ts");
    expect(snippets.length).toBeGreaterThan(5);
    const names = snippets.map((_, index) => `snippet-${index}.ts`);
    for (const [index, { code }] of snippets.entries())
      await writeFile(join(project, names[index] ?? ""), code);
    await compile({ lib: ["ES2022"], types: ["node"], noEmit: true }, names);
  });

  it("type-checks with module resolution NodeNext as well", async () => {
    await compile({ lib: ["ES2022", "DOM", "DOM.Iterable"], types: [], module: "NodeNext", noEmit: true });
  });
});

describe("The npm package against npm run dev", () => {
  let dev: DevProcess;

  beforeAll(async () => {
    await compile({ lib: ["ES2022", "DOM", "DOM.Iterable"], types: [] });
    dev = await startDev(await freePorts(), join(directory, "state"));
  });

  afterAll(async () => {
    await dev.signalAll("SIGTERM");
  });

  it.each([...NODES])("starts, checks, lists and receives an event in Node %s", async (version, node) => {
    const major = version.slice(1).split(".")[0];
    const to = `+62812555510${major}`;
    const { stdout } = await run(node, ["run.js", dev.api, dev.phone, to], { cwd: project });
    expect(JSON.parse(stdout)).toEqual({
      node: major,
      steps: ["pending", "resend_too_soon true true", "false pending", "true approved", "false approved"],
      names: [`first ${to}`, `second ${to}`],
      received: to,
    });
  });
});

/** The project's `tsc`, as strict as TypeScript can be. */
async function compile(options: object, files = ["app.ts"]): Promise<void> {
  const compilerOptions = {
    target: "ES2022",
    module: "ESNext",
    moduleResolution: "Bundler",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    skipLibCheck: false,
    typeRoots: [join(MODULES, "@types"), MODULES],
    ...options,
  };
  const isNodeNext = "module" in options;
  const config = isNodeNext ? { ...compilerOptions, moduleResolution: "NodeNext" } : compilerOptions;
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: config, files }));
  await run(join(MODULES, ".bin/tsc"), [], { cwd: project }).catch(({ stdout, stderr }) => {
    throw new Error(`${stdout}${stderr}`);
  });
}
