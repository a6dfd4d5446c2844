/** The settings of a wrangler.toml that a Worker in bare workerd needs, as wrangler reads them. */
export interface WorkerConfig {
  readonly compatibility_date?: string;
  readonly compatibility_flags?: readonly string[];
  readonly vars: Values;
  readonly durable_objects: {
    readonly bindings: readonly { readonly name: string; readonly class_name: string }[];
  };
  readonly kv_namespaces: readonly { readonly binding: string }[];
  readonly queues: { readonly producers?: readonly { readonly binding: string }[] };
  readonly d1_databases: readonly { readonly binding: string }[];
  readonly assets?: { readonly directory?: string; readonly binding?: string };
}

/** Variables and secrets by name. */
export type Values = Readonly<Record<string, unknown>>;

export interface RuntimeOptions {
  /** Flags for V8. */
  readonly v8Flags?: readonly string[];
  /** Keeps every Durable Object in memory; by default workerd evicts one ten seconds after its last call. */
  readonly preventEviction?: boolean;
}

/** Paths relative to workerd's working directory, or absolute. */
interface Files {
  readonly main: string;
  readonly bindings: string;
  readonly objects: string;
  readonly assets: string;
}

/**
 * Writes workerd's configuration (`workerd.capnp`) of a Worker: its variables, its objects on disk, its assets,
 * and a stand-in for each KV namespace, queue and database. Rate limit bindings are left out; without them one
 * API key may send any number of requests.
 */
export function toCapnp(
  config: WorkerConfig,
  port: number,
  files: Files,
  { v8Flags = [], preventEviction = false }: RuntimeOptions,
): string {
  const { vars, durable_objects, kv_namespaces, queues, d1_databases, assets } = config;
  const date = `compatibilityDate = ${JSON.stringify(config.compatibility_date)}`;
  const bindings = [
    ...Object.entries(vars).map(([name, value]) => {
      return typeof value === "string"
        ? `name = "${name}", text = ${JSON.stringify(value)}`
        : `name = "${name}", json = ${JSON.stringify(JSON.stringify(value))}`;
    }),
    ...durable_objects.bindings.map(
      (binding) => `name = "${binding.name}", durableObjectNamespace = "${binding.class_name}"`,
    ),
    ...kv_namespaces.map(({ binding }) => `name = "${binding}", kvNamespace = ${standIn("kv")}`),
    ...(queues.producers ?? []).map(({ binding }) => `name = "${binding}", queue = ${standIn("queue")}`),
    ...d1_databases.map(({ binding }) => {
      const inner = `(name = "fetcher", service = ${standIn("d1")})`;
      return `name = "${binding}", wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [${inner}])`;
    }),
    ...(assets?.binding === undefined ? [] : [`name = "${assets.binding}", service = "assets"`]),
  ];
  const objects = durable_objects.bindings.map(({ class_name: name }) => {
    return `className = "${name}", uniqueKey = "${name}", enableSql = true, preventEviction = ${preventEviction}`;
  });
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  v8Flags = ${JSON.stringify(v8Flags)},
  services = [
    (name = "main", worker = .main),
    (name = "bindings", worker = .bindings),
    (name = "objects", disk = (path = "${files.objects}", writable = true)),
    (name = "assets", disk = (path = "${files.assets}")),
    (name = "internet", network = (allow = ["public", "private"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "${files.main}")],
  ${date},
  compatibilityFlags = ${JSON.stringify(config.compatibility_flags ?? [])},
  bindings = ${list(bindings)},
  durableObjectNamespaces = ${list(objects)},
  durableObjectStorage = (localDisk = "objects")
);
const bindings :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "${files.bindings}")],
  ${date}
);
`;
}

function standIn(name: "kv" | "queue" | "d1"): string {
  return `(name = "bindings", entrypoint = "${name}")`;
}

function list(items: readonly string[]): string {
  return `[${items.map((item) => `\n    (${item})`).join(",")}\n  ]`;
}
