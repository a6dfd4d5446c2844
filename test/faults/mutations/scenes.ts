import { setTimeout as pause } from "node:timers/promises";
import { guess } from "../clients/lock.ts";
import type { Pending, Person } from "../clients/person.ts";
import type { Purpose } from "../world/settings.ts";
import { CLEAR, type Weather } from "../world/weather.ts";
import type { World } from "../world/world.ts";

/** A short story in which nothing is left to chance but what people type. */
export type Scene = (person: Person, world: World) => Promise<void>;

const QUEUE_DOWN: Weather = { ...CLEAR, queue: { refuse: 1, forget: 0, delay: 0 } };
const QUEUE_SILENT: Weather = { ...CLEAR, queue: { refuse: 0, forget: 1, delay: 0 } };
/** Enough that every kind of attempt, or mistake, comes up. */
const MANY = 80;
const AT_ONCE = 8;
/** The most that the API takes (api.md). */
const BULKY = Object.fromEntries(Array.from({ length: 16 }, (_, at) => [`field_${at}`, "中".repeat(256)]));

/** The right code, from all sides at the same moment and once more afterwards. */
export const checkTogether: Scene = async (person) => {
  const pending = await begin(person);
  const code = person.codeOf(pending) ?? "";
  await Promise.all(Array.from({ length: 4 }, () => person.check(pending, code)));
  await person.check(pending, code);
};

/** Wrong codes, and the Worker dies between them. */
export const failAndCrash: Scene = async (person, world) => {
  const pending = await begin(person);
  for (let tries = 0; tries < 3; tries += 1) {
    await person.check(pending, person.newCode());
    await world.killAndRestart();
    await person.asks.read(pending.id);
  }
};

/** Wrong codes to a number until it has to be locked. */
export const guessAtNumber: Scene = (person, world) =>
  guess(person, { world, unhurried: false, goesOn: () => true });

/** A code is on its way when the scene ends and somebody looks at what is stored and logged. */
export const waitForCode: Scene = async (person) => {
  const pending = await begin(person);
  await person.check(pending, person.newCode());
};

/** The same with a code that the Worker draws. */
export const waitForDrawnCode: Scene = async (person, world) => {
  const pending = await begin(person, { brought: null });
  await news(person, pending, world);
  await person.check(pending, person.codeOf(pending) ?? "");
};

/** A message is read, and the Worker dies as soon as it has heard of it. */
export const readAndCrash: Scene = async (person, world) => {
  const pending = await begin(person);
  await news(person, pending, world);
  await world.killAndRestart();
  await person.asks.read(pending.id);
};

/** All that became of a message comes once more, the oldest last. */
export const repeatOldNews: Scene = async (person, world) => {
  const { courier } = world.parts;
  const pending = await begin(person);
  await news(person, pending, world);
  for (const webhook of courier.pastOf(person.number).toReversed()) await courier.post(webhook);
  await person.asks.read(pending.id);
};

/** Webhooks of a stranger's. */
export const beForged: Scene = async (person) => {
  const pending = await begin(person);
  await many(() => person.beForged(pending));
  await person.asks.read(pending.id);
};

/** A verification closes while the queue is down. */
export const closeInOutage: Scene = async (person, world) => {
  world.parts.sky.weather = QUEUE_DOWN;
  const pending = await begin(person);
  await person.check(pending, person.codeOf(pending) ?? "");
  await person.asks.read(pending.id);
  world.parts.sky.weather = CLEAR;
};

/** A verification closes while the queue takes everything and says so to nobody. */
export const closeUnheard: Scene = async (person, world) => {
  world.parts.sky.weather = QUEUE_SILENT;
  const pending = await begin(person);
  await person.check(pending, person.codeOf(pending) ?? "");
  await person.asks.read(pending.id);
  world.parts.sky.weather = CLEAR;
};

/** More than the queue takes at once waits for it to come back: apps may have much to remember. */
export const closeMuchInOutage: Scene = async (person, world) => {
  world.parts.sky.weather = QUEUE_DOWN;
  for (const purpose of ["login", "signup", "recovery", "brief"] as const) {
    const pending = await begin(person, { purpose, metadata: BULKY });
    await news(person, pending, world);
    await person.asks.cancel(pending.id);
  }
  world.parts.sky.weather = CLEAR;
};

/** Calls of people who may not. */
export const beTrespassedOn: Scene = async (person) => {
  const pending = await begin(person);
  await many(() => person.beTrespassedOn(pending));
};

/** Calls of an app that says everything wrong. */
export const beMistaken: Scene = async (person) => {
  const pending = await begin(person);
  await many(() => person.beMistaken(pending));
};

/** Each of them once. */
export const ALL: readonly Scene[] = [
  checkTogether,
  failAndCrash,
  guessAtNumber,
  waitForCode,
  waitForDrawnCode,
  readAndCrash,
  repeatOldNews,
  beForged,
  closeInOutage,
  closeMuchInOutage,
  closeUnheard,
  beTrespassedOn,
  beMistaken,
];

interface Beginning {
  readonly purpose?: Purpose;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Null where the Worker is to draw the code. */
  readonly brought?: string | null;
}

async function begin(person: Person, beginning: Beginning = {}): Promise<Pending> {
  const { purpose = "login", metadata = { round: btoa(person.number) } } = beginning;
  const { brought = person.newCode() } = beginning;
  const call = await person.asks.start({ purpose, metadata, ...(brought !== null && { code: brought }) });
  const [shown] = call.shown;
  if (shown === undefined) throw new Error(`A scene could not begin: ${call.status} ${call.problem?.code}`);
  return { id: shown.id, purpose, brought, bind: undefined };
}

/** Waits until the Worker has heard that the message was sent, delivered and read. */
async function news(person: Person, { id }: Pending, { parts }: World): Promise<void> {
  const sent = person.onPhone(id);
  if (sent === undefined) throw new Error("A scene's message did not arrive");
  while (parts.courier.pastOf(person.number).length < 2) await pause(5);
  await parts.whatsApp.read(sent);
  await parts.courier.settled();
}

async function many(act: () => Promise<void>): Promise<void> {
  for (let done = 0; done < MANY; done += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, act));
  }
}
