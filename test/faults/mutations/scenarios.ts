import { setTimeout as pause } from "node:timers/promises";
import type { Bind } from "../clients/api.ts";
import { guessCodes } from "../clients/guessing.ts";
import type { Pending, User } from "../clients/user.ts";
import type { Environment } from "../environment/environment.ts";
import { type FaultRates, NO_FAULTS } from "../environment/fault-rates.ts";
import type { Purpose } from "../environment/settings.ts";
import type { App } from "../history.ts";

/** A short sequence of requests without random decisions, except for what users type. */
export type Scenario = (user: User, environment: Environment) => Promise<void>;

const QUEUE_DOWN: FaultRates = { ...NO_FAULTS, queue: { refuse: 1, drop: 0, delay: 0 } };
const QUEUE_DROPS_RESPONSES: FaultRates = { ...NO_FAULTS, queue: { refuse: 0, drop: 1, delay: 0 } };
/** Enough requests to draw every kind of forged, unauthorized or invalid one. */
const MANY = 80;
const CONCURRENCY = 8;
const PAYMENT = { currency: "IDR", payee: "Toko Maju" };
/** The largest metadata that the API accepts. */
const BULKY = Object.fromEntries(Array.from({ length: 16 }, (_, at) => [`field_${at}`, "中".repeat(256)]));

/** Checks the right code four times at once, and again afterwards. */
export const concurrentChecks: Scenario = async (user) => {
  const pending = await begin(user);
  const code = user.codeOf(pending) ?? "";
  await Promise.all(Array.from({ length: 4 }, () => user.check(pending, code)));
  await user.check(pending, code);
};

/** Checks wrong codes, with a crash after each. */
export const crashBetweenFailures: Scenario = async (user, environment) => {
  const pending = await begin(user);
  for (let tries = 0; tries < 3; tries += 1) {
    await user.check(pending, user.newCode());
    await environment.killAndRestart();
    await user.api().read(pending.id);
  }
};

/** Checks wrong codes until the number is locked. */
export const guessCodesOfNumber: Scenario = (user, environment) =>
  guessCodes(user, { environment, waitsForExpiry: false, isRunning: () => true });

/** Checks wrong codes on three verifications, of which the caller approves the second. */
export const approveBetweenGuesses: Scenario = async (user) => {
  const exhausted = await begin(user, { purpose: "login" });
  for (let tries = 0; tries < 5; tries += 1) await user.check(exhausted, user.newCode());
  const approved = await begin(user, { purpose: "signup" });
  for (let tries = 0; tries < 4; tries += 1) await user.check(approved, user.newCode());
  await user.api(approved.app).approve(approved.id);
  const last = await begin(user, { purpose: "recovery" });
  for (let tries = 0; tries < 4; tries += 1) await user.check(last, user.newCode());
};

/** Starts for a second payment, then checks the code of the first. */
export const supersededCode: Scenario = async (user) => {
  const purpose = "transaction";
  const first = await begin(user, { purpose, bind: { ...PAYMENT, amount: "150000.00" } });
  await begin(user, { purpose, bind: { ...PAYMENT, amount: "950000.00" } });
  const { id, app, bind, customCode } = first;
  await user.api(app).check({ id, purpose, bind, code: customCode ?? "" });
  await user.api(app).read(id);
};

/** Leaves a verification with a custom code pending, for the search for leaks. */
export const pendingCode: Scenario = async (user) => {
  const pending = await begin(user);
  await user.check(pending, user.newCode());
};

/** Verifies a code that the Worker generates. */
export const generatedCode: Scenario = async (user, environment) => {
  const pending = await begin(user, { customCode: null });
  await waitForReadReceipt(user, pending, environment);
  await user.check(pending, user.codeOf(pending) ?? "");
};

/** Crashes the Worker after it acknowledged a read receipt. */
export const crashAfterReadReceipt: Scenario = async (user, environment) => {
  const pending = await begin(user);
  await waitForReadReceipt(user, pending, environment);
  await environment.killAndRestart();
  await user.api().read(pending.id);
};

/** Posts the webhooks of a message again in reverse order. */
export const repeatOldWebhooks: Scenario = async (user, environment) => {
  const { webhooks: delivery } = environment.services;
  const pending = await begin(user);
  await waitForReadReceipt(user, pending, environment);
  for (const webhook of delivery.knownOf(user.number).toReversed()) await delivery.post(webhook);
  await user.api().read(pending.id);
};

/** Posts webhooks with invalid signatures. */
export const postForgedWebhooks: Scenario = async (user) => {
  const pending = await begin(user);
  await many(() => user.postForgedWebhook(pending));
  await user.api().read(pending.id);
};

/** Closes a verification while the queue is down. */
export const closeDuringOutage: Scenario = async (user, environment) => {
  environment.services.faults.rates = QUEUE_DOWN;
  const pending = await begin(user);
  await user.check(pending, user.codeOf(pending) ?? "");
  await user.api().read(pending.id);
  environment.services.faults.rates = NO_FAULTS;
};

/** Closes a verification while the queue accepts every message without responding. */
export const closeWithLostResponses: Scenario = async (user, environment) => {
  environment.services.faults.rates = QUEUE_DROPS_RESPONSES;
  const pending = await begin(user);
  await user.check(pending, user.codeOf(pending) ?? "");
  await user.api().read(pending.id);
  environment.services.faults.rates = NO_FAULTS;
};

/** Closes verifications while the queue is down, with more events than fit into one call afterwards. */
export const closeManyDuringOutage: Scenario = async (user, environment) => {
  environment.services.faults.rates = QUEUE_DOWN;
  for (const purpose of ["login", "signup", "recovery", "brief"] as const) {
    const pending = await begin(user, { purpose, metadata: BULKY });
    await waitForReadReceipt(user, pending, environment);
    await user.api().cancel(pending.id);
  }
  environment.services.faults.rates = NO_FAULTS;
};

/** Sends requests without a key, with an unknown key, and with a key without the scope. */
export const unauthorizedRequests: Scenario = async (user) => {
  const pending = await begin(user);
  await many(() => user.requestWithoutAccess(pending));
};

/** Sends requests with bad input. */
export const invalidRequests: Scenario = async (user) => {
  const pending = await begin(user);
  await many(() => user.sendInvalidRequest(pending));
};

/** Every scenario once. */
export const ALL: readonly Scenario[] = [
  concurrentChecks,
  crashBetweenFailures,
  guessCodesOfNumber,
  approveBetweenGuesses,
  supersededCode,
  pendingCode,
  generatedCode,
  crashAfterReadReceipt,
  repeatOldWebhooks,
  postForgedWebhooks,
  closeDuringOutage,
  closeManyDuringOutage,
  closeWithLostResponses,
  unauthorizedRequests,
  invalidRequests,
];

interface ScenarioStart {
  readonly app?: App | undefined;
  readonly session?: string | undefined;
  /** How the number is spelled. */
  readonly to?: string | undefined;
  readonly device?: string;
  readonly purpose?: Purpose;
  readonly bind?: Bind;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Null for a code that the Worker generates. */
  readonly customCode?: string | null;
}

/** Starts a verification. @throws when it does not begin */
export async function begin(user: User, start: ScenarioStart = {}): Promise<Pending> {
  const pending = await tryToBegin(user, start);
  if (pending === null) throw new Error("A scenario could not start");
  return pending;
}

/** Starts a verification. Null when the Worker refuses it. */
export async function tryToBegin(user: User, start: ScenarioStart = {}): Promise<Pending | null> {
  const { app = "default", session, to, device, bind, purpose = "login" } = start;
  const { customCode = user.newCode(), metadata = { round: btoa(user.number) } } = start;
  const code = customCode ?? undefined;
  const call = await user.api(app).start({ to, session, device, purpose, bind, metadata, code });
  const [shown] = call.shown;
  if (shown === undefined || call.problem !== null) return null;
  return { id: shown.id, app, session, purpose, customCode, bind };
}

/** Waits until the Worker has acknowledged that the message was sent, delivered and read. */
export async function waitForReadReceipt(
  user: User,
  { id }: Pending,
  { services }: Environment,
): Promise<void> {
  const messages = user.newestMessage(id);
  if (messages === undefined) throw new Error("The message of a scenario did not arrive");
  await settleWebhooks(user, { services });
  await services.provider.markRead(messages);
  await services.webhooks.settled();
}

/** Waits until the Worker has acknowledged that the user's message was sent and delivered. */
export async function settleWebhooks(user: User, { services }: Pick<Environment, "services">): Promise<void> {
  while (services.webhooks.knownOf(user.number).length < 2) await pause(5);
  await services.webhooks.settled();
}

export async function many(action: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < MANY; done += CONCURRENCY) {
    await Promise.all(Array.from({ length: CONCURRENCY }, action));
  }
}
