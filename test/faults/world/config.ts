import { resolve } from "node:path";
import { ROOT, SETTINGS } from "./bundle.ts";

/** Where things are that the Worker reaches, and where it is reached. Ports are of the loopback. */
export interface Places {
  /** The Worker itself. */
  readonly api: number;
  /** Whoever hands it batches and evicts its objects. */
  readonly driver: number;
  /** The services around it; each binding is told apart by a header. */
  readonly d1: number;
  readonly kv: number;
  readonly queues: number;
  /** Relative to the configuration, as is `main`. */
  readonly objects: string;
  readonly main: string;
}

/** Which namespace or queue a call is for. */
export const BINDING_HEADER = "x-binding";

/**
 * The configuration of bare workerd for the built Worker: every binding of wrangler.toml, those to KV, D1 and
 * queues over HTTP to services that outlive it, as the platform's do.
 */
export function capnp(places: Places, values: Readonly<Record<string, unknown>>): string {
  const { vars, durable_objects, kv_namespaces, queues, d1_databases, assets } = SETTINGS;
  const namespaces = kv_namespaces.map(({ binding }) => binding);
  const producers = queues.producers ?? [];
  const bindings = [
    ...Object.entries({ ...vars, ...values }).map(([name, value]) =>
      typeof value === "string"
        ? `name = "${name}", text = ${JSON.stringify(value)}`
        : `name = "${name}", json = ${JSON.stringify(JSON.stringify(value))}`,
    ),
    ...durable_objects.bindings.map(
      ({ name, class_name }) => `name = "${name}", durableObjectNamespace = "${class_name}"`,
    ),
    ...namespaces.map((name) => `name = "${name}", kvNamespace = "kv-${name}"`),
    ...producers.map(({ binding, queue }) => `name = "${binding}", queue = "queue-${queue}"`),
    ...d1_databases.map(
      ({ binding }) =>
        `name = "${binding}", wrapped = (moduleName = "cloudflare-internal:d1-api", ` +
        `innerBindings = [(name = "fetcher", service = "d1")])`,
    ),
    ...(assets?.binding === undefined ? [] : [`name = "${assets.binding}", service = "assets"`]),
  ];
  const external = (name: string, port: number, binding: string) =>
    `name = "${name}", external = (address = "127.0.0.1:${port}", ` +
    `http = (injectRequestHeaders = [(name = "${BINDING_HEADER}", value = "${binding}")]))`;
  const services = [
    `name = "main", worker = .main`,
    `name = "driver", worker = .driver`,
    `name = "objects", disk = (path = ${JSON.stringify(places.objects)}, writable = true)`,
    `name = "assets", disk = (path = ${JSON.stringify(resolve(ROOT, assets?.directory ?? "."))})`,
    `name = "internet", network = (allow = ["public", "private"])`,
    external("d1", places.d1, "d1"),
    ...namespaces.map((name) => external(`kv-${name}`, places.kv, name)),
    ...producers.map(({ queue }) => external(`queue-${queue}`, places.queues, queue)),
  ];
  const classes = durable_objects.bindings.map(
    ({ class_name: name }) => `className = "${name}", uniqueKey = "${name}", enableSql = true`,
  );
  const list = (items: readonly string[]) => items.map((item) => `\n    (${item})`).join(",");
  const socket = (name: string, port: number, service: string) =>
    `name = "${name}", address = "127.0.0.1:${port}", http = (), service = "${service}"`;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${list(services)}],
  sockets = [${list([socket("api", places.api, "main"), socket("driver", places.driver, "driver")])}]
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "${places.main}")],
  compatibilityDate = "${SETTINGS.compatibility_date}",
  compatibilityFlags = ${JSON.stringify(SETTINGS.compatibility_flags)},
  bindings = [${list(bindings)}],
  durableObjectNamespaces = [${list(classes)}],
  durableObjectStorage = (localDisk = "objects")
);
const driver :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "driver.js")],
  compatibilityDate = "${SETTINGS.compatibility_date}",
  compatibilityFlags = ["service_binding_extra_handlers", "unsafe_module"],
  bindings = [(name = "MAIN", service = "main")]
);
`;
}
