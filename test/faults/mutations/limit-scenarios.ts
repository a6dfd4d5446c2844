import { guessCodes } from "../clients/guessing.ts";
import type { User } from "../clients/user.ts";
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

/** Starts and cancels for as long as messages are sent, and longer; then an operator unlocks the number. */
export const unlockAfterFlood: Scenario = async (user) => {
  await flood(user);
  await user.operator.unlock();
  await tryToBegin(user);
};

/** A stranger requests codes for a number until they are refused; its owner, whose device is known, needs another. */
export const floodOfStranger: Scenario = async (user) => {
  const device = "the owner's phone";
  const first = await begin(user, { device });
  await user.check(first, first.customCode ?? "");
  await flood(user);
  const second = await tryToBegin(user, { device, session: "browser", purpose: "signup" });
  if (second !== null) await user.check(second, second.customCode ?? "");
};

/** A code is pending for the owner of a number, whose device is known, when a stranger begins many more. */
export const strangersSessions: Scenario = async (user) => {
  const device = "the owner's phone";
  const first = await begin(user, { device });
  await user.check(first, first.customCode ?? "");
  const second = await begin(user, { device, session: "browser" });
  for (let session = 0; session < 4; session += 1) {
    await tryToBegin(user, { device: "a stranger's phone", session: `stranger-${session}` });
  }
  await user.api(second.app).read(second.id);
};

/** As {@link floodOfStranger}, where the stranger dials another number of the same person. */
export const floodByOtherNumber: Scenario = async (user, environment) => {
  const argentine = user.from("argentina");
  const [number = "", dialled = ""] = argentine.spellings;
  await environment.services.provider.setAccount(dialled, number);
  const device = "the owner's phone";
  const first = await begin(argentine, { to: number, device });
  await argentine.check(first, first.customCode ?? "");
  await flood(argentine, dialled);
  const second = await tryToBegin(argentine, { to: number, device, session: "browser", purpose: "signup" });
  if (second !== null) await argentine.check(second, second.customCode ?? "");
};

/** Starts and cancels in every app, purpose and session, more often than a number gets messages. */
async function flood(user: User, to?: string): Promise<void> {
  for (let round = 0; round < 14; round += 1) {
    const app = round % 2 === 0 ? "default" : "shop";
    const options = {
      to: to ?? user.spell(),
      session: round % 5 === 0 ? undefined : `browser-${round}`,
      device: `a stranger's phone ${round}`,
      purpose: round % 3 === 0 ? "login" : "signup",
      metadata: { round: `${round}` },
    } as const;
    const { shown, problem } = await user.api(app).start(options);
    for (const { id } of problem === null ? shown : []) await user.api(app).cancel(id);
  }
}

/** Every scenario of this file once. */
export const LIMIT_SCENARIOS: readonly Scenario[] = [
  fewWrongCodes,
  unlockAfterGuesses,
  unlockAfterFlood,
  floodOfStranger,
  strangersSessions,
  floodByOtherNumber,
];
