import type { Answer, Graph } from "../graph.ts";
import type { Account, App, NumberNode, SubscribedApp, Subscription, Token } from "../meta-nodes.ts";
import {
  ACCOUNT_FIELDS,
  NUMBER_FIELDS,
  readAccount,
  readApp,
  readNumber,
  readSubscribedApps,
  readSubscriptions,
  readToken,
} from "../read-nodes.ts";

/** The calls by which setup reads Meta, before settings name an account. */

export const MANAGEMENT = "whatsapp_business_management";
export const MESSAGING = "whatsapp_business_messaging";

/** Unlike the doctor's findings it has the whole number, for the link to it. It never leaves this process. */
export type OwnNumber = NumberNode & {
  /** As a `wa.me` link takes them. */
  readonly digits: string;
};

export function fetchToken(graph: Graph): Promise<Answer<Token>> {
  return graph.debugToken(readToken);
}

/** The app of the token that asks. */
export function fetchApp(graph: Graph): Promise<Answer<App>> {
  return graph.get("app", { fields: "id,name" }, readApp);
}

/** The app, read with its own token, which holds the app secret. */
export function fetchAppByItself(graph: Graph, appId: string): Promise<Answer<App>> {
  return graph.asApp(appId).get(appId, { fields: "id,name" }, readApp);
}

export function fetchAccount(graph: Graph, id: string): Promise<Answer<Account>> {
  return graph.get(id, { fields: ["id", ...ACCOUNT_FIELDS].join(",") }, readAccount);
}

export function fetchNumber(graph: Graph, id: string): Promise<Answer<OwnNumber>> {
  return graph.get(id, { fields: ["id", ...NUMBER_FIELDS].join(",") }, readOwnNumber);
}

export function fetchNumbers(graph: Graph, accountId: string): Promise<Answer<readonly OwnNumber[]>> {
  const query = { fields: ["id", ...NUMBER_FIELDS].join(","), limit: "100" };
  return graph.get(`${accountId}/phone_numbers`, query, readOwnNumbers);
}

export function fetchSubscriptions(graph: Graph, appId: string): Promise<Answer<readonly Subscription[]>> {
  return graph.asApp(appId).get(`${appId}/subscriptions`, {}, readSubscriptions);
}

export function fetchSubscribedApps(
  graph: Graph,
  accountId: string,
): Promise<Answer<readonly SubscribedApp[]>> {
  return graph.get(`${accountId}/subscribed_apps`, {}, readSubscribedApps);
}

function readOwnNumber(body: unknown): OwnNumber | null {
  const node = readNumber(body);
  const { display_phone_number: shown } = (body ?? {}) as { display_phone_number?: unknown };
  return node && Object.assign(node, { digits: String(shown ?? "").replaceAll(/\D/g, "") });
}

function readOwnNumbers(body: unknown): readonly OwnNumber[] | null {
  const { data } = (body ?? {}) as { data?: unknown };
  return Array.isArray(data) ? data.map(readOwnNumber).filter((number) => number !== null) : null;
}

/** What a person calls the account. */
export function nameOf({ id, name }: Account): string {
  return name ?? `account ${id}`;
}
