import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { type DevProcess, freePorts, startDev } from "../world/dev.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");

/** Where samples find the npm package. */
const PACKAGE = {
  "sandi/client": join(ROOT, "src/client/client.ts"),
  "sandi/webhooks": join(ROOT, "src/client/webhooks.ts"),
} as const;

const ADMIN_KEY = "local-development-only-admin-key";

/** `npm run dev`, and the samples of the reference that it serves. */
export class SampleRunner {
  #dev: DevProcess | undefined;
  #folder = "";
  #samples: ReadonlyMap<string, string> = new Map();

  /** @param packages Where programs find other packages than this one. */
  async start(packages = join(ROOT, "node_modules")): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), "sandi-samples-"));
    await symlink(packages, join(this.#folder, "node_modules"));
    this.#dev = await startDev(await freePorts(), join(this.#folder, "state"));
    const page = await (await fetch(`${this.dev.api}/docs`)).text();
    this.#samples = new Map(samplesIn(page));
  }

  async stop(): Promise<void> {
    await this.#dev?.signalAll("SIGTERM");
    await rm(this.#folder, { recursive: true, force: true });
  }

  get dev(): DevProcess {
    if (this.#dev === undefined) throw new Error("npm run dev has not been started");
    return this.#dev;
  }

  /** The code of a sample: `startVerification curl`. */
  sample(name: string): string {
    const code = this.#samples.get(name);
    if (code === undefined) throw new Error(`The reference has no sample "${name}"`);
    return code;
  }

  /** Runs a sample as a reader pastes it. Rejects when curl meets an error. */
  async shell(code: string, variables: Readonly<Record<string, string>>): Promise<CurlAnswer> {
    const command = code.replaceAll(
      /^curl /gm,
      "curl --silent --show-error --fail-with-body --write-out '\n%{http_code}' ",
    );
    const { stdout } = await run("sh", ["-c", command], { env: this.#env(variables) }).catch((error) => {
      throw new Error(`${code}\n${error.stdout}${error.stderr}`);
    });
    const end = stdout.lastIndexOf("\n");
    const text = stdout.slice(0, end);
    return { status: Number(stdout.slice(end + 1)), body: text === "" ? undefined : JSON.parse(text) };
  }

  /** Runs a program; it sees `variables` in its environment. */
  async node(code: string, variables: Readonly<Record<string, string>> = {}): Promise<string> {
    const file = await this.#bundle(code);
    const { stdout } = await run(process.execPath, [file], { env: this.#env(variables) }).catch((error) => {
      throw new Error(`${code}\n${error.stdout}${error.stderr}`);
    });
    return stdout;
  }

  /** Starts a program that goes on until `stop` is called. */
  async serve(code: string, variables: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, [await this.#bundle(code)], { env: this.#env(variables) });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (printed += chunk));
    return { printed: () => printed, stop: () => child.kill() };
  }

  /** Checks the types of programs, in strict mode. */
  async checkTypes(programs: readonly string[]): Promise<void> {
    const folder = join(this.#folder, "types");
    await mkdir(folder, { recursive: true });
    await Promise.all(programs.map((code, index) => writeFile(join(folder, `sample-${index}.ts`), code)));
    const paths = Object.fromEntries(Object.entries(PACKAGE).map(([name, file]) => [name, [file]]));
    const config = {
      extends: join(ROOT, "tsconfig.json"),
      compilerOptions: {
        types: ["node"],
        typeRoots: [join(ROOT, "node_modules/@types")],
        lib: ["ES2024", "DOM", "DOM.Iterable"],
        paths,
      },
      include: ["*.ts"],
      exclude: [],
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
    await run(join(ROOT, "node_modules/.bin/tsc"), ["-p", folder]).catch((error) => {
      throw new Error(error.stdout);
    });
  }

  /** Calls the API as the operator. */
  async call(
    method: string,
    path: string,
    body?: object | URLSearchParams,
    scheme = "Bearer",
  ): Promise<Answer> {
    const credentials = scheme === "Basic" ? btoa(`any:${ADMIN_KEY}`) : ADMIN_KEY;
    const response = await fetch(this.dev.api + path, {
      method,
      headers: { authorization: `${scheme} ${credentials}` },
      body: body instanceof URLSearchParams ? body : (JSON.stringify(body) ?? null),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    return text === "" ? {} : JSON.parse(text);
  }

  /** The code on the phone of a number. */
  async codeFor(number: string): Promise<string> {
    const response = await fetch(`${this.dev.phone}/_sim/messages?to=${encodeURIComponent(number)}`);
    const { messages } = (await response.json()) as { messages: { code?: string }[] };
    return messages.find(({ code }) => code !== undefined)?.code ?? "";
  }

  #env(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    return { ...process.env, SANDI_URL: this.dev.api, SANDI_KEY: ADMIN_KEY, ...variables };
  }

  async #bundle(code: string): Promise<string> {
    const outfile = join(this.#folder, `program-${crypto.randomUUID()}.mjs`);
    await build({
      stdin: { contents: code, loader: "ts", resolveDir: ROOT },
      alias: PACKAGE,
      external: ["twilio"],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      logLevel: "silent",
    });
    return outfile;
  }
}

export interface CurlAnswer {
  readonly status: number;
  readonly body: unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: what the API answers is the subject of the tests that read it
type Answer = any;

/** A part of the page, or a box of code in it: its tab, or its label where it has none. */
const PARTS =
  /<(?:section class="call"|li) id="([^"]+)"|<figure class="code" aria-label="([^"]*)" tabindex="0"(?: data-tab="(\w+)")?>.*?<code>(.*?)<\/code><\/pre>/gs;

/** The code of every box of the page, such as `startVerification curl`. */
function samplesIn(page: string): (readonly [name: string, code: string])[] {
  let current = "";
  return [...page.matchAll(PARTS)].flatMap(([, part, label = "", tab, code = ""]) => {
    current = part ?? current;
    if (part !== undefined) return [];
    const name = tab === undefined ? unescapeHtml(label) : `${current} ${tab}`;
    return [[name, unescapeHtml(code.replaceAll(/<[^>]*>/g, ""))] as const];
  });
}

function unescapeHtml(html: string): string {
  return html
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
