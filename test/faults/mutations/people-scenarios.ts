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

/** Every scenario of this file once. */
export const PEOPLE_SCENARIOS: readonly Scenario[] = [twoSpellings, denialsByFormerIds];
