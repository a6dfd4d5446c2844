import type { Config } from "../../config.ts";
import type { Deployment } from "../../deployment.ts";

/**
 * A deployment as far as its endpoints' definitions look at it, which is its policies. Endpoints use the rest
 * only to answer: whatever they take of it beforehand is one more stand-in, and to call one is a TypeError.
 */
export function describable(policies: Config["policies"]): Deployment {
  return standIn<Deployment>({ config: standIn<Config>({ policies }) });
}

function standIn<T extends object>(known: Partial<T>): T {
  return new Proxy(known, {
    get: (target, name) => (name in target ? Reflect.get(target, name) : standIn({})),
  }) as T;
}
