import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { getPlatformProxy } from "wrangler";
import { type Journal, migrate } from "./migrate.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WRANGLER = fileURLToPath(new URL("../../node_modules/wrangler/wrangler-dist/cli.js", import.meta.url));
const LEAVE_WITH_PARENT = new URL("../simulator/leave-with-parent.ts", import.meta.url).href;

/** Public: whoever runs this talks to a simulator. */
const SECRETS_FILE = ".dev.vars.example";

/** What `.dev.vars.example` says. */
export const SECRETS = {
  adminKey: "local-development-only-admin-key",
  accessToken: "local-development-only-access-token",
  appSecret: "local-development-only-app-secret",
};

export const ACCOUNT = { phoneNumberId: "100000000000001", businessAccountId: "200000000000002" };

/** The Worker alone, in a process group of its own: when it is killed, WhatsApp's stand-in lives on. */
export interface WorkerProcess {
  readonly api: string;
  /** All that it has printed so far. */
  output(): string;
  /** Ends wrangler and workerd; comes back when they are gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** What a Worker finds when it first starts: the journal's tables, and templates as KV holds them. */
export async function prepareState(state: string, templates: Readonly<Record<string, object>>) {
  const configPath = join(state, "storage.json");
  // As wrangler.toml has them, and nothing else, for nobody is there to play the objects.
  const storage = {
    name: "sandi",
    compatibility_date: "2026-11-17",
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

/** Starts it and waits until it answers. */
export async function startWorker(port: number, state: string, whatsapp: string): Promise<WorkerProcess> {
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
    if (child.exitCode !== null) throw new Error(`It ended:\n${text}`);
    await pause(50);
  }
  return worker;
}
