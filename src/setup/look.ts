import type { MetaFindings, SenderAnswer, SettingsFindings } from "./findings.ts";
import { type Answer, type Graph, silent } from "./graph.ts";
import type { App, ListedTemplate, NumberNode, SubscribedApp } from "./meta-nodes.ts";
import {
  ACCOUNT_FIELDS,
  NUMBER_FIELDS,
  readAccount,
  readApp,
  readAssignedUsers,
  readBadge,
  readIdentityCheck,
  readNumber,
  readNumbers,
  readSubscribedApps,
  readSubscriptions,
  readTemplates,
  readToken,
  TEMPLATE_FIELDS,
  type TemplatePage,
} from "./read-nodes.ts";

/** A list that is longer ends in a page of its own. */
const PAGE_SIZE = 250;
const MOST_PAGES = 8;

/**
 * Asks Meta everything that the checks examine, side by side: at most eleven calls for an account with one number and
 * no more than 250 templates in all languages.
 */
export async function lookAtMeta(graph: Graph, settings: SettingsFindings): Promise<MetaFindings> {
  const { businessAccountId, phoneNumberIds } = settings;
  const [sender = ""] = phoneNumberIds;
  const edge = (name: string) => `${businessAccountId}/${name}`;

  const token = graph.debugToken(readToken);
  const app = graph.get("app", { fields: "id,name" }, readApp);
  const account = readNode(graph, businessAccountId, ACCOUNT_FIELDS, readAccount, "WhatsAppBusinessAccount");
  const numbers = readNode(graph, edge("phone_numbers"), NUMBER_FIELDS, readNumbers, NUMBER_TYPE, {
    limit: "100",
  });
  const number = readNode(graph, sender, NUMBER_FIELDS, readNumber, NUMBER_TYPE);
  const subscribedApps = graph.get(edge("subscribed_apps"), {}, readSubscribedApps);
  const templates = listTemplates(graph, edge("message_templates"));
  const badge = graph.get(`${sender}/official_business_account`, { fields: "oba_status" }, readBadge);
  const identityCheck = settings.asksIdentity
    ? graph.get(`${sender}/settings`, {}, readIdentityCheck)
    : silent("The deployment does not use it");

  const assignedUsers = then(account, ({ business }) =>
    business === null
      ? silent("Meta does not name the business")
      : graph.get(
          edge("assigned_users"),
          { business: business.id, fields: "id,name,tasks" },
          readAssignedUsers,
        ),
  );
  const secret = then(app, ({ id }) => graph.asApp(id).get(id, { fields: "id,name" }, readApp));
  const subscriptions = then(app, ({ id }) =>
    graph.asApp(id).get(`${id}/subscriptions`, {}, readSubscriptions),
  );
  return {
    token: await token,
    app: await app,
    secret: await secret,
    otherAppOfSecret: await findAppOfSecret(graph, await secret, await app, await subscribedApps),
    account: await account,
    senders: sendersIn(phoneNumberIds, await number, await numbers),
    numbers: await numbers,
    subscribedApps: await subscribedApps,
    subscriptions: await subscriptions,
    templates: await templates,
    assignedUsers: await assignedUsers,
    identityCheck: await identityCheck,
    badge: await badge,
  };
}

const NUMBER_TYPE = "WhatsAppBusinessPhoneNumber";

/**
 * Reads a node, or the nodes of an edge. Where Meta has taken a field away since, the others are asked for again without
 * it, because a single unknown field fails the whole call.
 */
async function readNode<T>(
  graph: Graph,
  path: string,
  fields: readonly string[],
  read: (body: unknown) => T | null,
  type: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Answer<T>> {
  const ask = (names: readonly string[]) =>
    graph.get(path, Object.assign({ fields: ["id", ...names].join() }, query), read);
  const answer = await ask(fields);
  const gone = answer.kind === "refused" ? unknownField(answer.error.message) : null;
  if (gone === null || gone.type !== type) return answer;
  return ask(fields.filter((name) => name !== gone.field));
}

/** The field that a kind of node does not have, as Meta's error 100 names it. */
export function unknownField(message: string): { readonly field: string; readonly type: string } | null {
  const [, field, type] = /nonexisting field \((\w+)\) on node type \((\w+)\)/.exec(message) ?? [];
  return field === undefined || type === undefined ? null : { field, type };
}

async function listTemplates(graph: Graph, path: string): Promise<Answer<readonly ListedTemplate[]>> {
  const all: ListedTemplate[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const query = { fields: ["id", ...TEMPLATE_FIELDS].join(), limit: String(PAGE_SIZE) };
    const page: Answer<TemplatePage> = await graph.get(
      path,
      after === null ? query : Object.assign(query, { after }),
      readTemplates,
    );
    if (page.kind !== "answered") return page;
    all.push(...page.value.templates);
    after = page.value.after;
    // The address of the next page is not followed: it may hold the token and another host.
    if (after === null) break;
  }
  return { kind: "answered", value: all };
}

/** What a second call answers that needs the first one's answer. */
async function then<A, B>(
  first: Promise<Answer<A>>,
  next: (value: A) => Answer<B> | Promise<Answer<B>>,
): Promise<Answer<B>> {
  const answer = await first;
  if (answer.kind === "answered") return next(answer.value);
  return silent("Not asked, because a call before it was not answered");
}

/** One number is read by itself; of several, the others come with the account's list. */
function sendersIn(
  ids: readonly string[],
  first: Answer<NumberNode>,
  numbers: Answer<readonly NumberNode[]>,
): readonly SenderAnswer[] {
  return ids.map((id, index) => {
    if (index === 0) return { id, node: first };
    if (numbers.kind !== "answered") return { id, node: silent("Meta did not list the numbers") };
    const node = numbers.value.find((number) => number.id === id);
    return {
      id,
      node:
        node === undefined ? silent("It is not a number of this account") : { kind: "answered", value: node },
    };
  });
}

/** Looks for the app that a secret belongs to, where it is not the token's, among those subscribed to the account. */
async function findAppOfSecret(
  graph: Graph,
  secret: Answer<App>,
  app: Answer<App>,
  subscribed: Answer<readonly SubscribedApp[]>,
): Promise<App | null> {
  if (secret.kind !== "refused" || app.kind !== "answered" || subscribed.kind !== "answered") return null;
  const other = subscribed.value.find(({ id }) => id !== app.value.id);
  if (other === undefined) return null;
  const answer = await graph.asApp(other.id).get(other.id, { fields: "id,name" }, readApp);
  return answer.kind === "answered" ? answer.value : null;
}
