import { OPERATOR } from "../clients/client.ts";
import type { User } from "../clients/user.ts";
import type { Environment } from "../environment/environment.ts";
import type { LinkHistory } from "../history.ts";
import type { Scenario } from "./scenarios.ts";

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly to: string | null;
  readonly message_first: { readonly text: string } | null;
}

/** Starts a sign-up by a message, which learns its number where none is claimed. */
async function open(environment: Environment, claimed: string | null): Promise<Link> {
  const shown = await ask(environment, "POST", "/v1/verifications", {
    to: claimed ?? undefined,
    purpose: "signup",
    method: "message",
    session: crypto.randomUUID(),
  });
  const link: LinkHistory = { id: shown.id, claimed, senders: [], seen: [] };
  environment.services.history.links.push(link);
  return { environment, link, text: shown.message_first?.text ?? "" };
}

interface Link {
  readonly environment: Environment;
  readonly link: LinkHistory;
  readonly text: string;
}

/** The user of a phone sends the text, and the app looks at what came of it. */
async function send({ environment, link, text }: Link, { number }: User): Promise<void> {
  const { provider, webhooks } = environment.services;
  link.senders.push(number);
  await provider.write(number, text);
  await webhooks.settled();
  await look(environment, link);
}

async function look(environment: Environment, link: LinkHistory): Promise<void> {
  const { status, to } = await ask(environment, "GET", `/v1/verifications/${link.id}`);
  link.seen.push({ status, to });
}

async function ask(environment: Environment, method: string, path: string, body?: object): Promise<Shown> {
  const headers = { authorization: OPERATOR.authorization, "content-type": "application/json" };
  const text = body === undefined ? "" : JSON.stringify(body);
  const reply = await environment.services.connection.send(method, path, headers, text);
  if (reply === null || reply.status >= 300) throw new Error(`${path}: ${reply?.status}`);
  return JSON.parse(reply.text) as Shown;
}

/** The token of a message comes from two phones, one after the other; the first one's number is learned. */
export const tokenFromTwoPhones: Scenario = async (user, environment) => {
  const link = await open(environment, null);
  await send(link, user);
  await send(link, user.from("mexico"));
};

/** The token for a claimed number comes from another one. */
export const tokenFromOtherNumber: Scenario = async (user, environment) => {
  const link = await open(environment, user.number);
  await send(link, user.from("mexico"));
};

/** The token for a claimed number comes from it, twice. */
export const tokenTwice: Scenario = async (user, environment) => {
  const link = await open(environment, user.number);
  await send(link, user);
  await send(link, user);
};

/** The app says that it has checked a code itself, where there is none. */
export const linkApprovedByCaller: Scenario = async (user, environment) => {
  const { link } = await open(environment, user.number);
  await ask(environment, "POST", `/v1/verifications/${link.id}/approve`);
  await look(environment, link);
};

/** Every scenario of this file once. */
export const MESSAGE_SCENARIOS: readonly Scenario[] = [
  tokenFromTwoPhones,
  tokenFromOtherNumber,
  tokenTwice,
  linkApprovedByCaller,
];
