import { convertV4MiniflareOptions, Miniflare, NoOpLog, type Request, type Response } from "miniflare";
import { CONSUMERS, SETTINGS, type Values } from "./project.ts";

type Options = Parameters<typeof convertV4MiniflareOptions>[0];

/** The modules to run and the services around them. */
export interface MiniflareSetup {
  /** The first is the main module. */
  readonly modules: readonly { readonly path: string; readonly contents: string }[];
  /** Added to the variables of wrangler.toml, or in their place. */
  readonly values: Values;
  /** Answers the Worker's own requests. */
  readonly outside?: (request: Request) => Promise<Response>;
  readonly onLog?: (line: string) => void;
}

/** The Worker's name in miniflare, for `unsafeGetDirectURL`. */
export const WORKER_NAME = "sandi";

/**
 * Starts the Worker in miniflare, with every binding of wrangler.toml except the rate limits: real D1, KV, queues
 * and Durable Objects, in memory.
 */
export function startMiniflare(setup: MiniflareSetup): Miniflare {
  return new Miniflare(miniflareOptions(setup));
}

/** What `setOptions` takes to run another build or other values on the same storage. */
export function miniflareOptions({ modules, values, outside, onLog = () => {} }: MiniflareSetup) {
  const { vars, durable_objects, kv_namespaces, d1_databases, assets } = SETTINGS;
  const options: Options = {
    name: WORKER_NAME,
    log: new NoOpLog(),
    cf: false,
    handleStructuredLogs: ({ message }) => onLog(message),
    modules: modules.map((module) => ({ type: "ESModule", ...module })),
    compatibilityDate: SETTINGS.compatibility_date,
    compatibilityFlags: [...SETTINGS.compatibility_flags],
    bindings: JSON.parse(JSON.stringify({ ...vars, ...values })),
    durableObjects: Object.fromEntries(
      durable_objects.bindings.map(({ name, class_name: className }) => [
        name,
        { className, useSQLite: true },
      ]),
    ),
    kvNamespaces: kv_namespaces.map(({ binding }) => binding),
    d1Databases: d1_databases.map(({ binding }) => binding),
    queueProducers: Object.fromEntries(CONSUMERS.map(({ binding, name }) => [binding, name])),
    queueConsumers: Object.fromEntries(
      CONSUMERS.map(({ name, batchSize, batchTimeoutMs }) => [
        name,
        { maxBatchSize: batchSize, maxBatchTimeout: batchTimeoutMs / 1000, maxRetries: 2 },
      ]),
    ),
    assets: {
      directory: assets.directory,
      binding: assets.binding ?? "ASSETS",
      // As `run_worker_first` in wrangler.toml says.
      routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: true },
    },
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  };
  if (outside !== undefined) options.outboundService = outside;
  return convertV4MiniflareOptions(options);
}
