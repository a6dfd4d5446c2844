import { join, resolve } from "node:path";
import { convertV4MiniflareOptions, Miniflare, NoOpLog, type Request, type Response } from "miniflare";
import { unstable_readConfig } from "wrangler";
import { ROOT } from "../../faults/world/bundle.ts";

/** As much of wrangler.toml as this takes. */
interface Settings {
  readonly compatibility_date: string;
  readonly compatibility_flags: readonly string[];
  readonly vars: Readonly<Record<string, unknown>>;
  readonly durable_objects: {
    readonly bindings: readonly { readonly name: string; readonly class_name: string }[];
  };
  readonly kv_namespaces: readonly { readonly binding: string }[];
  readonly d1_databases: readonly { readonly binding: string }[];
  readonly queues: {
    readonly producers?: readonly { readonly binding: string; readonly queue: string }[];
    readonly consumers?: readonly Consumer[];
  };
  readonly assets?: { readonly binding?: string; readonly directory?: string };
}

interface Consumer {
  readonly queue: string;
  readonly max_batch_size?: number;
  readonly max_batch_timeout?: number;
}

const SETTINGS: Settings = unstable_readConfig(
  { config: join(ROOT, "wrangler.toml") },
  { hideWarnings: true },
);

/** The Worker's variables, as wrangler.toml has them. */
export const { vars: VARS, compatibility_date: COMPATIBILITY_DATE } = SETTINGS;

/** The queues that the Worker sends to, and how their batches come back to it. */
export const CONSUMERS = (SETTINGS.queues.producers ?? []).map(({ binding, queue }) => {
  const consumer = SETTINGS.queues.consumers?.find((one) => one.queue === queue);
  const { max_batch_size = 10, max_batch_timeout = 5 } = consumer ?? {};
  return { binding, name: queue, batchSize: max_batch_size, batchTimeoutMs: max_batch_timeout * 1000 };
});

type Options = Parameters<typeof convertV4MiniflareOptions>[0];
type Outside = (request: Request) => Promise<Response>;

/** What runs in place of the Worker's own module, and what it meets. */
export interface Guest {
  /** The first is the main one. */
  readonly modules: readonly { readonly path: string; readonly contents: string }[];
  /** For the environment, besides or instead of wrangler.toml's. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Answers what the Worker asks the world. */
  readonly outside?: Outside;
  readonly onLog?: (line: string) => void;
  /** Where the objects and databases are; a temporary directory when left out. */
  readonly directory?: string;
}

/** The platform in miniflare, with every binding of wrangler.toml but the rate limits: real D1, KV, queues and objects. */
export function platform({ modules, values, outside, onLog = () => {}, directory }: Guest): Miniflare {
  const { durable_objects, kv_namespaces, d1_databases, assets } = SETTINGS;
  const options: Options = {
    name: "sandi",
    log: new NoOpLog(),
    cf: false,
    handleStructuredLogs: ({ message }) => onLog(message),
    modules: modules.map((module) => ({ type: "ESModule", ...module })),
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: [...SETTINGS.compatibility_flags],
    bindings: JSON.parse(JSON.stringify({ ...VARS, ...values })),
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
      directory: resolve(ROOT, assets?.directory ?? "."),
      binding: assets?.binding ?? "ASSETS",
      // As `run_worker_first` in wrangler.toml says.
      routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: true },
    },
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    ...(outside && { outboundService: outside }),
    ...(directory !== undefined && { resourcePersistencePath: directory }),
  };
  return new Miniflare(convertV4MiniflareOptions(options));
}
