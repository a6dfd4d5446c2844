import * as z from "zod";
import { log } from "./log.ts";
import { isLoopbackUrl } from "./secure-url.ts";

const JURISDICTIONS = ["eu", "us", "fedramp"] as const;

/** `[vars.LOCATION]`: where the objects, which hold all numbers, live ("Durable Objects, Data location"). */
export const placementSettings = z.object({
  LOCATION: z.strictObject({ jurisdiction: z.enum(JURISDICTIONS).optional() }).optional(),
});

/** Every namespace of objects. A list, because a service binding answers to any property. */
const NAMESPACES = [
  "PHONE_NUMBERS",
  "WHATSAPP_HEALTH",
  "SENDER_PACE",
  "CONTACTS",
  "MESSAGE_TOKENS",
  "NOTIFICATION_BATCHES",
  "TEMPLATE_REGISTRY",
  "LIMIT_COUNTERS",
  "CLIENT_NETWORKS",
  "RANGES",
  "TALLIES",
  "ISSUER",
  "ENDPOINT_LANES",
] as const;

interface Namespace {
  jurisdiction(name: (typeof JURISDICTIONS)[number]): unknown;
}

type Bindings = Readonly<Record<(typeof NAMESPACES)[number], Namespace>> & {
  readonly WHATSAPP_BASE_URL: string;
};

/**
 * The bindings with every namespace in the jurisdiction of the settings, if they have one. An object of a jurisdiction is
 * another one than that of the same name outside it, so that all who call an object take its namespace from here.
 */
export function placed<Own extends Bindings>(env: Own): Own {
  const jurisdiction = placementSettings.safeParse(env).data?.LOCATION?.jurisdiction;
  if (jurisdiction === undefined) return env;
  if (isLoopbackUrl(env.WHATSAPP_BASE_URL)) {
    log("warn", `The local runtime has no jurisdictions: the objects of ${jurisdiction} are left out`, {});
    return env;
  }
  const namespaces = NAMESPACES.map((name) => [name, env[name].jurisdiction(jurisdiction)]);
  return Object.assign({}, env, Object.fromEntries(namespaces)) as Own;
}
