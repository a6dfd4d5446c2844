import { count } from "./counts.ts";
import { CountedStorage } from "./storage.ts";
import { at } from "./timeline.ts";
import * as worker from "./worker.js";
import { backgroundSettled, waitUntil } from "./workers.ts";

/** An idle object leaves memory after this time (Cloudflare, "Lifecycle of a Durable Object"). */
const EVICTED_AFTER_MS = 10_000;

/** The Worker's classes by their bindings in wrangler.toml. */
const CLASSES = {
  PHONE_NUMBERS: worker.PhoneNumber,
  WHATSAPP_HEALTH: worker.WhatsAppHealth,
  SENDER_PACE: worker.SenderPace,
  CONTACTS: worker.Contact,
  MESSAGE_TOKENS: worker.MessageToken,
  NOTIFICATION_BATCHES: worker.NotificationBatch,
  TEMPLATE_REGISTRY: worker.TemplateRegistry,
  LIMIT_COUNTERS: worker.LimitCounter,
  CLIENT_NETWORKS: worker.ClientNetwork,
  RANGES: worker.DestinationRange,
  TALLIES: worker.TallyShard,
  ISSUER: worker.Issuer,
  ENDPOINT_LANES: worker.EndpointLane,
};
export type Namespace = keyof typeof CLASSES;
export const NAMESPACES = Object.keys(CLASSES) as readonly Namespace[];

type Methods = Readonly<Record<string, ((...args: readonly unknown[]) => unknown) | undefined>>;

/** An object's storage, and its instance as long as it stays in memory. */
interface HostedObject {
  readonly storage: CountedStorage;
  instance: Methods;
  usedAt: number;
}

const objects = new Map<string, HostedObject>();

let environment: Env | undefined;

/** @param env Given to the constructor of every object. */
export function setEnvironment(env: Env): void {
  environment = env;
}

/** A namespace binding: every method of an object's stub calls the object. */
export function objectNamespace(namespace: Namespace) {
  const getByName = (name: string) =>
    new Proxy(
      {},
      {
        get:
          (_, method) =>
          (...args: readonly unknown[]) =>
            call(namespace, name, String(method), args),
      },
    );
  return { getByName };
}

/** Calls a method of an object and counts the request. */
async function call(namespace: Namespace, name: string, method: string, args: readonly unknown[]) {
  const step = `${namespace} ${method}`;
  count("object_requests", step);
  const hosted = objectInMemory(namespace, name);
  hosted.storage.step = step;
  const result = hosted.instance[method]?.(...structuredClone(args));
  hosted.storage.step = `${step}, after the response`;
  return structuredClone(await result);
}

/** The object, constructed anew when it has been out of memory. */
function objectInMemory(namespace: Namespace, name: string): HostedObject {
  if (environment === undefined) throw new Error("The environment is not set up");
  const now = Date.now();
  const key = keyOf(namespace, name);
  const known = objects.get(key);
  const storage =
    known?.storage ?? new CountedStorage((time) => at(time, () => runAlarm(namespace, name, time)));
  if (known === undefined || now - known.usedAt > EVICTED_AFTER_MS) {
    const ctx = { storage, waitUntil, id: { name } };
    const instance = new CLASSES[namespace](ctx as unknown as DurableObjectState, environment);
    const hosted = { storage, instance: instance as unknown as Methods, usedAt: now };
    objects.set(key, hosted);
    return hosted;
  }
  known.usedAt = now;
  return known;
}

/** Runs an alarm, unless it has been moved or its object no longer exists. */
async function runAlarm(namespace: Namespace, name: string, time: number): Promise<void> {
  const storage = objects.get(keyOf(namespace, name))?.storage;
  if (storage?.alarmAt !== time) return;
  storage.alarmAt = null;
  await call(namespace, name, "alarm", []);
  await backgroundSettled();
  if (storage.isEmpty) objects.delete(keyOf(namespace, name));
}

function keyOf(namespace: Namespace, name: string): string {
  return `${namespace} ${name}`;
}
