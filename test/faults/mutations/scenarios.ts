import { setTimeout as pause } from "node:timers/promises";
import { guessCodes } from "../clients/guessing.ts";
import type { Pending, User } from "../clients/user.ts";
import type { Environment } from "../environment/environment.ts";
import { type FaultRates, NO_FAULTS } from "../environment/fault-rates.ts";
import type { Purpose } from "../environment/settings.ts";

/** A short story in which nothing is left to chance but what people type. */
export type Scenario = (user: User, environment: Environment) => Promise<void>;

const QUEUE_DOWN: FaultRates = { ...NO_FAULTS, queue: { refuse: 1, drop: 0, delay: 0 } };
const QUEUE_SILENT: FaultRates = { ...NO_FAULTS, queue: { refuse: 0, drop: 1, delay: 0 } };
/** Enough that every kind of attempt, or mistake, comes up. */
const MANY = 80;
const CONCURRENCY = 8;
/** The most that the API takes (api.md). */
const BULKY = Object.fromEntries(Array.from({ length: 16 }, (_, at) => [`field_${at}`, "中".repeat(256)]));

/** The right code, from all sides at the same moment and once more afterwards. */
export const concurrentChecks: Scenario = async (user) => {
  const pending = await begin(user);
  const code = user.codeOf(pending) ?? "";
  await Promise.all(Array.from({ length: 4 }, () => user.check(pending, code)));
  await user.check(pending, code);
};

/** Wrong codes, and the Worker dies between them. */
export const crashBetweenFailures: Scenario = async (user, environment) => {
  const pending = await begin(user);
  for (let tries = 0; tries < 3; tries += 1) {
    await user.check(pending, user.newCode());
    await environment.killAndRestart();
    await user.api.read(pending.id);
  }
};

/** Wrong codes to a number until it has to be locked. */
export const guessCodesOfNumber: Scenario = (user, environment) =>
  guessCodes(user, { environment, waitsForExpiry: false, isRunning: () => true });

/** A code is on its way when the scene ends and somebody looks at what is stored and logged. */
export const pendingCode: Scenario = async (user) => {
  const pending = await begin(user);
  await user.check(pending, user.newCode());
};

/** The same with a code that the Worker draws. */
export const generatedCode: Scenario = async (user, environment) => {
  const pending = await begin(user, { customCode: null });
  await waitForReadReceipt(user, pending, environment);
  await user.check(pending, user.codeOf(pending) ?? "");
};

/** A message is read, and the Worker dies as soon as it has heard of it. */
export const crashAfterReadReceipt: Scenario = async (user, environment) => {
  const pending = await begin(user);
  await waitForReadReceipt(user, pending, environment);
  await environment.killAndRestart();
  await user.api.read(pending.id);
};

/** All that became of a message comes once more, the oldest last. */
export const repeatOldWebhooks: Scenario = async (user, environment) => {
  const { webhooks: delivery } = environment.services;
  const pending = await begin(user);
  await waitForReadReceipt(user, pending, environment);
  for (const webhook of delivery.knownOf(user.number).toReversed()) await delivery.post(webhook);
  await user.api.read(pending.id);
};

/** Webhooks of a stranger's. */
export const beForged: Scenario = async (user) => {
  const pending = await begin(user);
  await many(() => user.beForged(pending));
  await user.api.read(pending.id);
};

/** A verification closes while the queue is down. */
export const closeDuringOutage: Scenario = async (user, environment) => {
  environment.services.faults.rates = QUEUE_DOWN;
  const pending = await begin(user);
  await user.check(pending, user.codeOf(pending) ?? "");
  await user.api.read(pending.id);
  environment.services.faults.rates = NO_FAULTS;
};

/** A verification closes while the queue takes everything and says so to nobody. */
export const closeWithLostResponses: Scenario = async (user, environment) => {
  environment.services.faults.rates = QUEUE_SILENT;
  const pending = await begin(user);
  await user.check(pending, user.codeOf(pending) ?? "");
  await user.api.read(pending.id);
  environment.services.faults.rates = NO_FAULTS;
};

/** More than the queue takes at once waits for it to come back: apps may have much to remember. */
export const closeManyDuringOutage: Scenario = async (user, environment) => {
  environment.services.faults.rates = QUEUE_DOWN;
  for (const purpose of ["login", "signup", "recovery", "brief"] as const) {
    const pending = await begin(user, { purpose, metadata: BULKY });
    await waitForReadReceipt(user, pending, environment);
    await user.api.cancel(pending.id);
  }
  environment.services.faults.rates = NO_FAULTS;
};

/** Calls of people who may not. */
export const requestWithoutAccess: Scenario = async (user) => {
  const pending = await begin(user);
  await many(() => user.requestWithoutAccess(pending));
};

/** Calls of an app that says everything wrong. */
export const sendInvalidRequest: Scenario = async (user) => {
  const pending = await begin(user);
  await many(() => user.sendInvalidRequest(pending));
};

/** Each of them once. */
export const ALL: readonly Scenario[] = [
  concurrentChecks,
  crashBetweenFailures,
  guessCodesOfNumber,
  pendingCode,
  generatedCode,
  crashAfterReadReceipt,
  repeatOldWebhooks,
  beForged,
  closeDuringOutage,
  closeManyDuringOutage,
  closeWithLostResponses,
  requestWithoutAccess,
  sendInvalidRequest,
];

interface StartOptions2 {
  readonly purpose?: Purpose;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Null where the Worker is to draw the code. */
  readonly customCode?: string | null;
}

async function begin(user: User, beginning: StartOptions2 = {}): Promise<Pending> {
  const { purpose = "login", metadata = { round: btoa(user.number) } } = beginning;
  const { customCode = user.newCode() } = beginning;
  const call = await user.api.start({ purpose, metadata, ...(customCode !== null && { code: customCode }) });
  const [shown] = call.shown;
  if (shown === undefined) throw new Error(`A scene could not begin: ${call.status} ${call.problem?.code}`);
  return { id: shown.id, purpose, customCode, bind: undefined };
}

/** Waits until the Worker has heard that the message was sent, delivered and read. */
async function waitForReadReceipt(user: User, { id }: Pending, { services }: Environment): Promise<void> {
  const messages = user.newestMessage(id);
  if (messages === undefined) throw new Error("A scene's message did not arrive");
  while (services.webhooks.knownOf(user.number).length < 2) await pause(5);
  await services.provider.markRead(messages);
  await services.webhooks.settled();
}

async function many(action: () => Promise<void>): Promise<void> {
  for (let done = 0; done < MANY; done += CONCURRENCY) {
    await Promise.all(Array.from({ length: CONCURRENCY }, action));
  }
}
