import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { unstable_readConfig } from "wrangler";

/** The root directory of the project. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Values of a Worker's environment. */
export type Values = Readonly<Record<string, unknown>>;

/** A wrangler.toml as wrangler reads it, as far as running the Worker needs it. */
export interface WorkerSettings {
  readonly main: string;
  readonly compatibility_date: string;
  readonly compatibility_flags: readonly string[];
  readonly vars: Values;
  readonly durable_objects: {
    readonly bindings: readonly { readonly name: string; readonly class_name: string }[];
  };
  readonly kv_namespaces: readonly { readonly binding: string }[];
  readonly queues: {
    readonly producers?: readonly { readonly binding: string; readonly queue: string }[];
    readonly consumers?: readonly Consumer[];
  };
  readonly d1_databases: readonly { readonly binding: string }[];
  /** The directory as an absolute path. */
  readonly assets: { readonly binding?: string; readonly directory: string };
  readonly alias?: Readonly<Record<string, string>>;
}

interface Consumer {
  readonly queue: string;
  readonly max_batch_size?: number;
  readonly max_batch_timeout?: number;
}

/**
 * @param toml Path from the root of the source tree.
 * @param root The source tree; by default the project's.
 */
export function readSettings(toml: string, root = ROOT): WorkerSettings {
  const config = unstable_readConfig({ config: join(root, toml) }, { hideWarnings: true });
  if (config.main === undefined || config.compatibility_date === undefined) {
    throw new Error(`${toml} names no main module or no compatibility date`);
  }
  const { main, compatibility_date, assets } = config;
  const directory = resolve(root, dirname(toml), assets?.directory ?? ".");
  return Object.assign(config, { main, compatibility_date, assets: { ...assets, directory } });
}

export const SETTINGS = readSettings("wrangler.toml");

/** The queues that the Worker produces to, and how their batches are delivered to it. */
export const CONSUMERS = (SETTINGS.queues.producers ?? []).map(({ binding, queue }) => {
  const consumer = SETTINGS.queues.consumers?.find((candidate) => candidate.queue === queue);
  // Cloudflare's defaults ("Batching, Retries and Delays").
  const { max_batch_size = 10, max_batch_timeout = 5 } = consumer ?? {};
  return { binding, name: queue, batchSize: max_batch_size, batchTimeoutMs: max_batch_timeout * 1000 };
});

/**
 * Builds a Worker as a deploy does.
 *
 * @param directory For the bundle; must hold no other `.js` file.
 * @param toml Path from the root of the source tree.
 * @param root The source tree; by default the project's.
 * @returns the path of its only module
 */
export async function buildWorker(directory: string, toml = "wrangler.toml", root = ROOT): Promise<string> {
  const args = ["deploy", "--config", toml, "--dry-run", "--outdir", directory];
  const wrangler = spawn(join(root, "node_modules/.bin/wrangler"), args, {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false" },
  });
  const [code] = await once(wrangler, "exit");
  const main = (await readdir(directory)).find((file) => file.endsWith(".js"));
  if (code !== 0 || main === undefined) throw new Error(`${toml} did not build`);
  return join(directory, main);
}
