import { OPERATOR } from "../clients/client.ts";
import type { User } from "../clients/user.ts";
import { begin, type Scenario, settleWebhooks } from "./scenarios.ts";

/** Starts and checks under both spellings of a number. */
export const twoSpellings: Scenario = async (user) => {
  const brazilian = user.from("brazil");
  const [current, former] = brazilian.spellings;
  const pending = await begin(brazilian, { to: current });
  const api = brazilian.api(pending.app);
  await api.read(pending.id);
  await api.start({ to: former, purpose: pending.purpose, metadata: { round: "second" } });
  await api.check({ id: null, to: former, purpose: pending.purpose, code: brazilian.newCode() });
  await api.read(pending.id);
};

/** People whose id at WhatsApp is a former spelling of their number say that they requested no code. */
export const denialsByFormerIds: Scenario = async (user, environment) => {
  for (const country of ["brazil", "mexico"] as const) await deny(user.from(country));

  async function deny(person: User): Promise<void> {
    const pending = await begin(person);
    await settleWebhooks(person, environment);
    await person.deny(pending);
    await environment.services.webhooks.settled();
    await person.api(pending.app).read(pending.id);
  }
};

/** People whose id at WhatsApp is a former spelling of their number opt out of notifications. */
export const stopByFormerId: Scenario = async (user, environment) => {
  const { provider, webhooks, connection } = environment.services;
  const template = { category: "utility", languages: { en_US: { body: "Your order has been sent." } } };
  const headers = { authorization: OPERATOR.authorization, "content-type": "application/json" };
  await connection.send("PUT", "/v1/templates/order_sent", headers, JSON.stringify(template));
  for (const country of ["brazil", "mexico"] as const) {
    const person = user.from(country);
    await provider.write(person.number, "STOP");
    await webhooks.settled();
    for (const spelling of person.spellings) await person.operator.notify("order_sent", spelling);
  }
};

/** WhatsApp's answer to a send says that a number dialled without its 9 is the person of another number. */
export const learnedNumber: Scenario = async (user, environment) => {
  const argentine = user.from("argentina");
  const [number = "", dialled = ""] = argentine.spellings;
  await environment.services.provider.setAccount(dialled, number);
  const pending = await begin(argentine, { to: dialled });
  await settleWebhooks(argentine, environment);
  const api = argentine.api(pending.app);
  await api.start({ to: number, purpose: pending.purpose, metadata: { round: "second" } });
  await api.check({ id: null, to: number, purpose: pending.purpose, code: argentine.newCode() });
  await api.read(pending.id);
};

/** Every scenario of this file once. */
export const PEOPLE_SCENARIOS: readonly Scenario[] = [
  twoSpellings,
  denialsByFormerIds,
  stopByFormerId,
  learnedNumber,
];
