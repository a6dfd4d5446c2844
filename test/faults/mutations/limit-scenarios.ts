import { guessCodes } from "../clients/guessing.ts";
import { begin, type Scenario, tryToBegin } from "./scenarios.ts";

/** Checks a few wrong codes on two verifications, then the right one. */
export const fewWrongCodes: Scenario = async (user) => {
  const first = await begin(user);
  for (let tries = 0; tries < 3; tries += 1) await user.check(first, user.newCode());
  const second = await tryToBegin(user, { app: "shop", session: "browser", purpose: "signup" });
  if (second !== null) await user.check(second, second.customCode ?? "");
  await user.check(first, first.customCode ?? "");
};

/** Checks wrong codes until the number is locked; then an operator unlocks it, and the right code is checked. */
export const unlockAfterGuesses: Scenario = (user, environment) =>
  guessCodes(user, { environment, waitsForExpiry: false, isRunning: () => true });

/** Starts and cancels in every app, purpose and session, for as long as messages are sent, and longer. */
export const cancelAndStart: Scenario = async (user) => {
  for (let round = 0; round < 14; round += 1) {
    const app = round % 2 === 0 ? "default" : "shop";
    const purpose = round % 3 === 0 ? "login" : "signup";
    const session = round % 5 === 0 ? undefined : `browser-${round}`;
    const api = user.api(app);
    const { shown } = await api.start({
      to: user.spell(),
      session,
      purpose,
      metadata: { round: `${round}` },
    });
    for (const { id } of shown) await api.cancel(id);
  }
};

/** Every scenario of this file once. */
export const LIMIT_SCENARIOS: readonly Scenario[] = [fewWrongCodes, unlockAfterGuesses, cancelAndStart];
