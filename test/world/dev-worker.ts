import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { getPlatformProxy } from "wrangler";
import { type Journal, migrate } from "./migrations.ts";
import { ROOT, SETTINGS } from "./project.ts";
import { ACCOUNT } from "./settings.ts";

const WRANGLER = fileURLToPath(new URL("../../node_modules/wrangler/wrangler-dist/cli.js", import.meta.url));
const LEAVE_WITH_PARENT = new URL("../simulator/leave-with-parent.ts", import.meta.url).href;

/** In the repository: these secrets only ever reach a simulator. */
const SECRETS_FILE = ".dev.vars.example";

/** The values of `.dev.vars.example`. */
export const SECRETS = {
  adminKey: "local-development-only-admin-key",
  accessToken: "local-development-only-access-token",
  appSecret: "local-development-only-app-secret",
};

/** `wrangler dev` in its own process group, so that the stand-in for WhatsApp survives its death. */
export interface DevWorker {
  readonly api: string;
  /** Everything printed so far, standard output and error together. */
  output(): string;
  /** Signals wrangler and workerd. Resolves when wrangler has exited. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Writes the state that the Worker finds at its first start: the journal's tables, and templates in KV. */
export async function prepareState(state: string, templates: Readonly<Record<string, object>>) {
  const configPath = join(state, "storage.json");
  // Only the storage of wrangler.toml: no Worker runs here that could export its Durable Objects.
  const storage = {
    name: "sandi",
    compatibility_date: SETTINGS.compatibility_date,
    kv_namespaces: [{ binding: "TEMPLATES" }],
    d1_databases: [{ binding: "JOURNAL", database_name: "sandi-journal" }],
  };
  await writeFile(configPath, JSON.stringify(storage));
  const { env, dispose } = await getPlatformProxy<Storage>({ configPath, persist: { path: `${state}/v3` } });
  await migrate(env.JOURNAL);
  for (const [name, template] of Object.entries(templates))
    await env.TEMPLATES.put(`template/${name}`, JSON.stringify(template));
  await dispose();
}

interface Storage {
  readonly JOURNAL: Journal;
  readonly TEMPLATES: { put(key: string, value: string): Promise<void> };
}

/** Starts `wrangler dev` and waits until the Worker responds. */
export async function startDevWorker(port: number, state: string, whatsapp: string): Promise<DevWorker> {
  const vars = {
    WHATSAPP_BASE_URL: whatsapp,
    WHATSAPP_PHONE_NUMBER_ID: ACCOUNT.phoneNumberId,
    WHATSAPP_BUSINESS_ACCOUNT_ID: ACCOUNT.businessAccountId,
  };
  const args = [
    "dev",
    "--ip",
    "127.0.0.1",
    "--port",
    String(port),
    "--persist-to",
    state,
    "--env-file",
    SECRETS_FILE,
    "--show-interactive-dev-session",
    "false",
    // See `SANDI_INSPECTOR_PORT`.
    "--inspector-port",
    "0",
    ...Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
  ];
  const child = fork(WRANGLER, args, {
    cwd: ROOT,
    execArgv: ["--no-warnings", "--import", LEAVE_WITH_PARENT],
    env: { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" },
    detached: true,
    silent: true,
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (text += chunk));
  const exited = once(child, "exit");
  const worker = {
    api: `http://127.0.0.1:${port}`,
    output: () => text,
    async end(signal: NodeJS.Signals): Promise<void> {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      process.kill(-child.pid, signal);
      await exited;
    },
  };
  while (!(await fetch(`${worker.api}/health`).catch(() => null))?.ok) {
    if (child.exitCode !== null) throw new Error(`wrangler dev exited:\n${text}`);
    await pause(50);
  }
  return worker;
}
