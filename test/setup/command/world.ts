import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Miniflare } from "miniflare";
import type { AccountPatch } from "../../simulator/account/settings.ts";
import { type RunningSimulator, startSimulator } from "../../simulator/server.ts";
import { type Cloudflare, startCloudflare } from "../../world/cloudflare/cloudflare.ts";
import { miniflareOptions } from "../../world/miniflare.ts";
import { type Listening, listen, readBytes } from "../../world/network.ts";
import { ROOT } from "../../world/project.ts";
import { ACCOUNT } from "../../world/settings.ts";

/** What the team has from Meta. */
export const CREDENTIALS = {
  WHATSAPP_ACCESS_TOKEN: "EAAtest$HOME-access-token-0123456789",
  WHATSAPP_APP_SECRET: "0123456789abcdef0123456789abcdef",
};

/** The team's own phone. */
export const PHONE = "+6281234567890";

/** An account at Meta with which nothing has been done yet, and all that Meta asks for before. */
export const FRESH: AccountPatch = {
  webhook: { url: null, fields: [], verify_token: null },
  subscribed: false,
  status: "PENDING",
  platform_type: "NOT_APPLICABLE",
};

/** What `npm run setup` did. */
export interface Run {
  readonly exit: number | null;
  /** Both streams. */
  readonly output: string;
  readonly milliseconds: number;
}

export interface RunOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Kills the process as soon as its output matches. */
  readonly killAt?: RegExp;
  /** Called once the output matches. */
  readonly when?: { readonly seen: RegExp; readonly do: () => Promise<unknown> };
}

/** Meta, Cloudflare and a copy of the project: all that `npm run setup` works with. */
export interface World {
  readonly meta: RunningSimulator;
  readonly cloudflare: Cloudflare;
  /** Where the deployed Worker answers. */
  readonly url: string;
  /** The copy of the project. */
  readonly folder: string;
  run(options?: RunOptions): Promise<Run>;
  /** Sets the account at Meta. */
  account(patch: AccountPatch): Promise<void>;
  settings(): Promise<string>;
  state(): Promise<string>;
  close(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const worker = await startWorker();
  const cloudflare = await startCloudflare({ onUpload: worker.deploy, query: worker.query });
  const meta = await startSimulator({
    ...ACCOUNT,
    accessToken: CREDENTIALS.WHATSAPP_ACCESS_TOKEN,
    appSecret: CREDENTIALS.WHATSAPP_APP_SECRET,
    port: 0,
    webhookUrl: `${worker.url}/webhooks/whatsapp`,
  });
  const folder = await copyProject();
  const env = {
    ...cloudflare.env,
    ...CREDENTIALS,
    WHATSAPP_BASE_URL: meta.url,
  };
  return {
    meta,
    cloudflare,
    url: worker.url,
    folder,
    run: (options = {}) => run(folder, worker.url, { ...options, env: { ...env, ...options.env } }),
    async account(patch) {
      const init = { method: "PUT", body: JSON.stringify(patch) };
      const response = await fetch(`${meta.url}/_sim/account`, init);
      if (!response.ok) throw new Error(await response.text());
    },
    settings: () => readFile(join(folder, "wrangler.toml"), "utf8"),
    state: () => readFile(join(folder, ".wrangler/setup.json"), "utf8"),
    async close() {
      await Promise.all([meta.close(), worker.close()]);
      cloudflare.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface RunningWorker {
  readonly url: string;
  readonly deploy: (worker: NonNullable<Cloudflare["account"]["worker"]>) => Promise<void>;
  readonly query: (sql: string) => Promise<readonly unknown[]>;
  close(): Promise<void>;
}

/** Runs in miniflare what wrangler uploads, at an address that stays. Nothing answers before the first upload. */
async function startWorker(): Promise<RunningWorker> {
  let miniflare: Miniflare | null = null;
  const server: Listening = await listen(async (request, response) => {
    if (miniflare === null) return void request.destroy();
    const body = await readBytes(request);
    const { host: _host, connection: _connection, ...headers } = request.headers;
    const answer = await miniflare.dispatchFetch(`http://127.0.0.1:${server.port}${request.url}`, {
      method: request.method ?? "GET",
      headers: headers as Record<string, string>,
      redirect: "manual",
      ...(body.length === 0 ? {} : { body }),
    });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    async deploy({ modules, vars, secrets }) {
      const options = miniflareOptions({ modules, values: { ...vars, ...secrets } });
      if (miniflare === null) miniflare = new Miniflare(options);
      else await miniflare.setOptions(options);
      await miniflare.ready;
    },
    async query(sql) {
      const database = await miniflare?.getD1Database("JOURNAL");
      const results: unknown[] = [];
      for (const statement of statementsIn(sql)) {
        results.splice(0, results.length, ...((await database?.prepare(statement).all())?.results ?? []));
      }
      return results;
    },
    async close() {
      server.close();
      await miniflare?.dispose();
    },
  };
}

function statementsIn(sql: string): readonly string[] {
  return sql
    .replaceAll(/--.*$/gm, "")
    .split(";")
    .filter((statement) => statement.trim() !== "");
}

/** What setup and the build of a deploy read. */
const SOURCES = ["src", "wrangler.toml", "package.json", "package-lock.json", "tsconfig.json"];

async function copyProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sandi-project-"));
  await Promise.all(SOURCES.map((path) => cp(join(ROOT, path), join(folder, path), { recursive: true })));
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  // Made by the global set-up of the tests, so that no deploy has to build it again.
  await symlink(join(ROOT, "dist"), join(folder, "dist"));
  const path = join(folder, "wrangler.toml");
  const settings = await readFile(path, "utf8");
  await writeFile(path, settings.replace(/^command = .*$/m, 'command = "true"'));
  return folder;
}

async function run(folder: string, url: string, { args, env, killAt, when }: RunOptions): Promise<Run> {
  const began = performance.now();
  const words = args ?? ["--yes", "--url", url, "--test-to", PHONE, "--languages", "en_US"];
  const child = spawn(join(folder, "node_modules/.bin/node"), ["src/setup/command/run.ts", ...words], {
    cwd: folder,
    env: {
      ...withoutColor(process.env),
      ...env,
      PATH: `${join(folder, "node_modules/.bin")}:${process.env.PATH}`,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let isTriggered = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
      if (killAt?.test(output)) child.kill("SIGKILL");
      if (!isTriggered && when?.seen.test(output)) {
        isTriggered = true;
        void when.do();
      }
    });
  }
  const [exit] = await once(child, "close");
  return { exit, output, milliseconds: performance.now() - began };
}

function withoutColor({ FORCE_COLOR: _, ...rest }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return rest;
}
