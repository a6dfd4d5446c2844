import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { PhoneNumber } from "../../src/phone-number/phone-number.ts";

/** Counts every call that reaches the object of a number, whichever it is. */
export function countObjectCalls(): () => number {
  const methods = Object.getOwnPropertyNames(PhoneNumber.prototype).filter(
    (name) => name !== "constructor" && name !== "alarm",
  ) as "start"[];
  const spies = methods.map((method) => vi.spyOn(PhoneNumber.prototype, method));
  return () => spies.reduce((calls, spy) => calls + spy.mock.calls.length, 0);
}

export function countKvReads(): () => number {
  const namespaces = [env.TEMPLATES, env.API_KEYS, env.GUARD_LISTS, env.OAUTH_CLIENTS];
  const spies = namespaces.flatMap((namespace) => [vi.spyOn(namespace, "get"), vi.spyOn(namespace, "list")]);
  return () => spies.reduce((calls, spy) => calls + spy.mock.calls.length, 0);
}
