import { quiet, waitUntil } from "./background.ts";
import { bindings } from "./bindings.ts";
import { count } from "./counts.ts";
import { CountedStorage } from "./storage.ts";
import { at } from "./timeline.ts";
import * as worker from "./worker.js";

/** An object that nobody asks for so long is taken out of memory ("Lifecycle of a Durable Object"). */
const EVICTED_AFTER_MS = 10_000;

/** The Worker's classes, by the namespaces that wrangler.toml binds them to. */
const CLASSES = {
  PHONE_NUMBERS: worker.PhoneNumber,
  WHATSAPP_HEALTH: worker.WhatsAppHealth,
  CONTACTS: worker.Contact,
  NOTIFICATION_BATCHES: worker.NotificationBatch,
  TEMPLATE_REGISTRY: worker.TemplateRegistry,
  LIMIT_COUNTERS: worker.LimitCounter,
  RANGES: worker.DestinationRange,
  TALLIES: worker.TallyShard,
};
export type Namespace = keyof typeof CLASSES;
export const NAMESPACES = Object.keys(CLASSES) as readonly Namespace[];

type Methods = Readonly<Record<string, ((...args: readonly unknown[]) => unknown) | undefined>>;

/** An object: what it stores, and what is in memory of it as long as it is used. */
interface Hosted {
  readonly storage: CountedStorage;
  instance: Methods;
  usedAt: number;
}

const objects = new Map<string, Hosted>();

/** A namespace as the Worker gets it: any method of an object is a call to it. */
export function namespaceOf(namespace: Namespace) {
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

/** Calls an object and counts it. */
async function call(namespace: Namespace, name: string, method: string, args: readonly unknown[]) {
  const step = `${namespace} ${method}`;
  count("object_requests", step);
  const hosted = awake(namespace, name);
  hosted.storage.step = step;
  const result = hosted.instance[method]?.(...structuredClone(args));
  hosted.storage.step = `${step}, behind the answer`;
  return structuredClone(await result);
}

function awake(namespace: Namespace, name: string): Hosted {
  const now = Date.now();
  const key = keyOf(namespace, name);
  const known = objects.get(key);
  const storage = known?.storage ?? new CountedStorage((time) => at(time, () => ring(namespace, name, time)));
  if (known === undefined || now - known.usedAt > EVICTED_AFTER_MS) {
    const ctx = { storage, waitUntil, id: { name } };
    const instance = new CLASSES[namespace](ctx as unknown as DurableObjectState, bindings());
    const hosted = { storage, instance: instance as unknown as Methods, usedAt: now };
    objects.set(key, hosted);
    return hosted;
  }
  known.usedAt = now;
  return known;
}

/** Unless the alarm has been moved, or its object is gone. */
async function ring(namespace: Namespace, name: string, time: number): Promise<void> {
  const storage = objects.get(keyOf(namespace, name))?.storage;
  if (storage?.alarmAt !== time) return;
  storage.alarmAt = null;
  await call(namespace, name, "alarm", []);
  await quiet();
  if (storage.isEmpty) objects.delete(keyOf(namespace, name));
}

function keyOf(namespace: Namespace, name: string): string {
  return `${namespace} ${name}`;
}
