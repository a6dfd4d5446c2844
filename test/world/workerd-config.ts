import type { Values, WorkerSettings } from "./project.ts";

/** Stand-ins for KV, D1 and queues that run inside workerd and hold nothing: see workerd-platform.js. */
interface EmptyPlatform {
  readonly kind: "empty";
}

/**
 * KV, D1 and queues as HTTP services that outlive workerd, as Cloudflare's do. Ports are of the loopback
 * interface; the header {@link BINDING_HEADER} names the namespace or queue of a request.
 */
interface ExternalPlatform {
  readonly kind: "external";
  readonly d1: number;
  readonly kv: number;
  readonly queues: number;
  /** Where workerd-driver.js listens. */
  readonly driver: number;
}

export type Platform = EmptyPlatform | ExternalPlatform;

export interface RuntimeOptions {
  /** Flags for V8. */
  readonly v8Flags?: readonly string[];
  /** Keeps every Durable Object in memory; by default workerd evicts one ten seconds after its last call. */
  readonly preventEviction?: boolean;
}

export const BINDING_HEADER = "x-binding";

/** Names of files in the directory that workerd runs in. */
export const FILES = {
  config: "workerd.capnp",
  main: "worker.js",
  platform: "platform.js",
  driver: "driver.js",
  objects: "objects",
};

/**
 * Writes workerd's configuration for a built Worker with the bindings of its wrangler.toml. Rate limits are left
 * out: Sandi treats the absent binding as no limit, and a load test needs more than it allows.
 *
 * @param port Where the Worker listens.
 */
export function workerdConfig(
  settings: WorkerSettings,
  values: Values,
  port: number,
  platform: Platform,
  { v8Flags = [], preventEviction = false }: RuntimeOptions = {},
): string {
  const { assets, durable_objects } = settings;
  const classes = durable_objects.bindings.map(({ class_name: name }) => {
    return `className = "${name}", uniqueKey = "${name}", enableSql = true, preventEviction = ${preventEviction}`;
  });
  const services = [
    `name = "main", worker = .main`,
    `name = "objects", disk = (path = "${FILES.objects}", writable = true)`,
    `name = "assets", disk = (path = ${JSON.stringify(assets.directory)})`,
    `name = "internet", network = (allow = ["public", "private"])`,
    ...platformServices(settings, platform),
  ];
  const sockets = [socket("api", port, "main")];
  if (platform.kind === "external") sockets.push(socket("driver", platform.driver, "driver"));
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  v8Flags = ${JSON.stringify(v8Flags)},
  services = ${list(services)},
  sockets = ${list(sockets)}
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "${FILES.main}")],
  compatibilityDate = "${settings.compatibility_date}",
  compatibilityFlags = ${JSON.stringify(settings.compatibility_flags)},
  bindings = ${list(bindings(settings, values, platform))},
  durableObjectNamespaces = ${list(classes)},
  durableObjectStorage = (localDisk = "objects")
);
${platform.kind === "empty" ? emptyPlatform(settings) : driver(settings)}`;
}

function bindings(
  { vars, durable_objects, kv_namespaces, queues, d1_databases, assets }: WorkerSettings,
  values: Values,
  { kind }: Platform,
): readonly string[] {
  const standIn = (entrypoint: string) => `(name = "platform", entrypoint = "${entrypoint}")`;
  const kv = (name: string) => (kind === "empty" ? standIn("kv") : `"kv-${name}"`);
  const queue = (name: string) => (kind === "empty" ? standIn("queue") : `"queue-${name}"`);
  const d1 = kind === "empty" ? standIn("d1") : `"d1"`;
  const variables = Object.entries({ ...vars, ...values }).map(([name, value]) => {
    return typeof value === "string"
      ? `name = "${name}", text = ${JSON.stringify(value)}`
      : `name = "${name}", json = ${JSON.stringify(JSON.stringify(value))}`;
  });
  const resources = [
    ...durable_objects.bindings.map(
      ({ name, class_name }) => `name = "${name}", durableObjectNamespace = "${class_name}"`,
    ),
    ...kv_namespaces.map(({ binding }) => `name = "${binding}", kvNamespace = ${kv(binding)}`),
    ...(queues.producers ?? []).map(
      ({ binding, queue: name }) => `name = "${binding}", queue = ${queue(name)}`,
    ),
    ...d1_databases.map(({ binding }) => {
      const fetcher = `(name = "fetcher", service = ${d1})`;
      return `name = "${binding}", wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [${fetcher}])`;
    }),
  ];
  if (assets.binding !== undefined) resources.push(`name = "${assets.binding}", service = "assets"`);
  return [...variables, ...resources];
}

function platformServices({ kv_namespaces, queues }: WorkerSettings, platform: Platform): readonly string[] {
  if (platform.kind === "empty") return [`name = "platform", worker = .platform`];
  const external = (name: string, port: number, binding: string) =>
    `name = "${name}", external = (address = "127.0.0.1:${port}", ` +
    `http = (injectRequestHeaders = [(name = "${BINDING_HEADER}", value = "${binding}")]))`;
  return [
    `name = "driver", worker = .driver`,
    external("d1", platform.d1, "d1"),
    ...kv_namespaces.map(({ binding }) => external(`kv-${binding}`, platform.kv, binding)),
    ...(queues.producers ?? []).map(({ queue }) => external(`queue-${queue}`, platform.queues, queue)),
  ];
}

function emptyPlatform({ compatibility_date }: WorkerSettings): string {
  return `const platform :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "${FILES.platform}")],
  compatibilityDate = "${compatibility_date}"
);
`;
}

function driver({ compatibility_date }: WorkerSettings): string {
  return `const driver :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "${FILES.driver}")],
  compatibilityDate = "${compatibility_date}",
  compatibilityFlags = ["service_binding_extra_handlers", "unsafe_module"],
  bindings = [(name = "MAIN", service = "main")]
);
`;
}

function socket(name: string, port: number, service: string): string {
  return `name = "${name}", address = "127.0.0.1:${port}", http = (), service = "${service}"`;
}

function list(items: readonly string[]): string {
  return `[${items.map((item) => `\n    (${item})`).join(",")}\n  ]`;
}
