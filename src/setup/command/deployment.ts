import { readJson } from "../../platform/json.ts";
import type { Deployment } from "../steps/outside.ts";

/** Longer than the slowest call, which makes a template at Meta. */
const TIMEOUT_MS = 30_000;

/** Calls the deployment's API. */
export const deployment: Deployment = {
  async call({ url, method, path, key, body, idempotencyKey }) {
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: "manual",
      });
      return { status: response.status, body: readJson(await response.text()) };
    } catch {
      return null;
    }
  },
};
