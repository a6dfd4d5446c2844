import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import * as z from "zod";
import { START_UP_REQUEST_ID } from "../dev-screen.ts";

const registered = z.object({ id: z.string(), secret: z.string() });
const shopClients = z.object({ signIn: registered, payment: registered });

/** A client of the deployment, with its secret. */
export type RegisteredClient = z.infer<typeof registered>;

/**
 * The shop's two clients. Payments have one of their own: its purpose needs an amount and a payee, and its requests are
 * pushed, so that neither can be changed on the way through the browser.
 */
export type ShopClients = z.infer<typeof shopClients>;

export interface Registrar {
  /** The deployment's address. */
  readonly api: string;
  readonly adminKey: string;
  readonly redirectUri: string;
  /** Keeps ids and secrets, so that every start finds the same clients. */
  readonly file: string;
}

const FIELDS = {
  signIn: { client_name: "Toko Maju" },
  payment: {
    client_name: "Toko Maju",
    purpose: "transaction",
    authorization_details_types: ["payment"],
    require_pushed_authorization_requests: true,
  },
} as const;

/**
 * Registers the shop's clients, unless they are registered already.
 * @throws an Error that says what the deployment answered, where it refuses
 */
export async function registerShop(registrar: Registrar): Promise<ShopClients> {
  const stored = await readClients(registrar.file);
  const clients = {
    signIn: (await keepClient(registrar, stored?.signIn)) ?? (await register(registrar, FIELDS.signIn)),
    payment: (await keepClient(registrar, stored?.payment)) ?? (await register(registrar, FIELDS.payment)),
  };
  await mkdir(dirname(registrar.file), { recursive: true });
  await writeFile(registrar.file, JSON.stringify(clients), { mode: 0o600 });
  return clients;
}

async function readClients(file: string): Promise<ShopClients | undefined> {
  const text = await readFile(file, "utf8").catch(() => "null");
  return shopClients.safeParse(JSON.parse(text)).data;
}

/** A stored client, with the redirect URI of this start; null where the deployment does not know it. */
async function keepClient(
  registrar: Registrar,
  client: RegisteredClient | undefined,
): Promise<RegisteredClient | null> {
  if (client === undefined) return null;
  const found = await call(registrar, "GET", `/${client.id}`);
  if (found.status === 404) return null;
  const { redirect_uris } = (await bodyOf(found)) as { redirect_uris: readonly string[] };
  if (redirect_uris.join() !== registrar.redirectUri) {
    await bodyOf(await call(registrar, "PATCH", `/${client.id}`, { redirect_uris: [registrar.redirectUri] }));
  }
  return client;
}

async function register(registrar: Registrar, fields: object): Promise<RegisteredClient> {
  const redirect_uris = [registrar.redirectUri];
  const answer = await bodyOf(await call(registrar, "POST", "", { ...fields, redirect_uris }));
  const { client_id, client_secret } = answer as { client_id: string; client_secret: string };
  return { id: client_id, secret: client_secret };
}

function call({ api, adminKey }: Registrar, method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${api}/v1/oauth/clients${path}`, {
    method,
    headers: {
      authorization: `Bearer ${adminKey}`,
      "content-type": "application/json",
      "x-request-id": START_UP_REQUEST_ID,
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
}

async function bodyOf(response: Response): Promise<unknown> {
  if (response.ok) return response.json();
  throw new Error(`The registration of its client was answered ${response.status} ${await response.text()}`);
}
