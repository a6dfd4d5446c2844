import { ADMIN_KEY } from "../../world/settings.ts";
import type { App } from "../history.ts";
import type { Connection } from "./connection.ts";
import type { EventEndpoint } from "./event-endpoint.ts";
import type { Purpose } from "./settings.ts";

/** The API keys of a deployment. */
export interface Keys {
  /** A valid key without the scope for verifications. */
  readonly unscoped: string;
  /** For each app, a key with that scope. */
  readonly of: Readonly<Record<App, string>>;
}

/** An app whose users sign in on the page, as it is registered. */
export interface RelyingParty {
  readonly id: string;
  readonly secret: string;
  readonly app: App;
  readonly purpose: Purpose;
}

/** `payer` pushes its requests, which confirm payments; `other` has no part in a sign-in of `main`. */
export type RelyingParties = Readonly<Record<"main" | "payer" | "other", RelyingParty>>;

/** Where every relying party has its users sent back to. */
export const REDIRECT_URI = "https://app.example/callback";

/** Registers an endpoint of each app and the relying parties, and creates API keys. */
export async function setUp(
  connection: Connection,
  url: string,
  endpoint: EventEndpoint,
): Promise<{ readonly keys: Keys; readonly relyingParties: RelyingParties }> {
  const post = async <Body>(app: App, path: string, body: object): Promise<Body> => {
    const authorization = `Bearer ${ADMIN_KEY}`;
    const headers = { authorization, "sandi-app": app, "content-type": "application/json" };
    const reply = await connection.send("POST", path, headers, JSON.stringify(body));
    if (reply?.status !== 201) throw new Error(`${path} responded ${reply?.status} ${reply?.text}`);
    return JSON.parse(reply.text) as Body;
  };
  for (const app of ["default", "shop"] as const) {
    const { secret } = await post<{ secret: string }>(app, "/v1/webhook-endpoints", { url: `${url}/${app}` });
    endpoint.secrets.set(app, secret);
  }
  const newKey = async (app: App, scope: string) =>
    (await post<{ key: string }>(app, "/v1/keys", { name: `${app} ${scope}`, app, scopes: [scope] })).key;
  const register = async (app: App, purpose: Purpose, more: object = {}): Promise<RelyingParty> => {
    const body = { client_name: "Example", redirect_uris: [REDIRECT_URI], app, purpose, ...more };
    const client = await post<{ client_id: string; client_secret: string }>(app, "/v1/oauth/clients", body);
    return { id: client.client_id, secret: client.client_secret, app, purpose };
  };
  return {
    keys: {
      unscoped: await newKey("default", "reports"),
      of: {
        default: await newKey("default", "verifications"),
        shop: await newKey("shop", "verifications"),
      },
    },
    relyingParties: {
      main: await register("default", "login"),
      payer: await register("shop", "transaction", { authorization_details_types: ["payment"] }),
      other: await register("default", "login"),
    },
  };
}
