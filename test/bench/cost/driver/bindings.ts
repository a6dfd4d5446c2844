import { DATABASE } from "./database.ts";
import { countedNamespace } from "./namespaces.ts";
import { NAMESPACES, namespaceOf } from "./objects.ts";
import { producer } from "./queues.ts";

let environment: Env | undefined;

/** Puts counted bindings in the place of the platform's. */
export function setUpBindings(env: Env): void {
  environment = {
    ...env,
    ...each(NAMESPACES, namespaceOf),
    ...each(["TEMPLATES", "API_KEYS", "GUARD_LISTS"], countedNamespace),
    ...each(["SENDS", "NOTIFICATIONS", "EVENTS", "DELIVERIES"], producer),
    JOURNAL: DATABASE,
  } as unknown as Env;
}

/** The environment as the Worker gets it. */
export function bindings(): Env {
  if (environment === undefined) throw new Error("There is no environment yet");
  return environment;
}

function each<Name extends string>(names: readonly Name[], make: (name: Name) => unknown) {
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}
