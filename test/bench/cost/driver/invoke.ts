import { count, runHandler } from "./counts.ts";
import { DATABASE } from "./database.ts";
import { NAMESPACES, objectNamespace, setEnvironment } from "./objects.ts";
import { type Batch, producer } from "./queues.ts";
import { countedKvNamespace } from "./storage.ts";
import worker from "./worker.js";
import { backgroundSettled, waitUntil } from "./workers.ts";

let environment: Env | undefined;

/** Replaces the platform's bindings by counted ones. */
export function setUpBindings(env: Env): void {
  environment = {
    ...env,
    ...bindingsOf(NAMESPACES, objectNamespace),
    ...bindingsOf(["TEMPLATES", "API_KEYS", "OAUTH_CLIENTS", "GUARD_LISTS"], countedKvNamespace),
    ...bindingsOf(["SENDS", "NOTIFICATIONS", "EVENTS", "DELIVERIES", "DELIVERIES_SLOW"], producer),
    JOURNAL: DATABASE,
  } as unknown as Env;
  setEnvironment(environment);
}

/** Sends a request to the Worker's `fetch`, and waits for its background work. */
export async function request(
  method: string,
  path: string,
  headers: HeadersInit,
  body: string,
): Promise<Response> {
  const name = `${method} ${path.replace(/vrf_\w+/, "{id}")}`;
  const url = `https://sandi.example.com${path}`;
  const incoming = new Request<unknown, IncomingRequestCfProperties>(url, { method, headers, body });
  const context = { waitUntil, passThroughOnException() {}, props: {} } as unknown as ExecutionContext;
  return invoke(name, () => worker.fetch(incoming, bindings(), context));
}

/** Delivers a batch to the Worker's queue handler. */
export async function consume(batch: Batch): Promise<void> {
  await invoke(`queue ${batch.queue}`, () => worker.queue(batch, bindings()));
}

/** Runs the Worker's cron handler. */
export async function scheduled(cron: string): Promise<void> {
  const controller = { cron, scheduledTime: Date.now(), noRetry() {} };
  await invoke(`scheduled ${cron}`, () => worker.scheduled(controller, bindings()));
}

/** Runs a handler of the Worker and its background work. */
function invoke<Result>(name: string, handle: () => Result | Promise<Result>): Promise<Result> {
  count("worker_requests", name);
  return runHandler(name, async () => {
    const result = await handle();
    await backgroundSettled();
    return result;
  });
}

function bindings(): Env {
  if (environment === undefined) throw new Error("The bindings are not set up");
  return environment;
}

function bindingsOf<Name extends string>(names: readonly Name[], create: (name: Name) => unknown) {
  return Object.fromEntries(names.map((name) => [name, create(name)]));
}
