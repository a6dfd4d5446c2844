import { setTimeout as pause } from "node:timers/promises";
import type { Response } from "./client.ts";
import type { Environment } from "./environment.ts";
import type { Service } from "./services.ts";

/** The number of clients of a closed loop: enough to keep every service busy. */
const CLIENTS = 64;

/** WhatsApp's latency in throughput measurements: not zero, and short enough not to be what is measured. */
export const THROUGHPUT_LATENCY_MS = 5;

/** The response to each number's start. */
export type Started = ReadonlyMap<string, Response>;

/** Requests a second. */
export interface Throughput {
  readonly start: number;
  readonly check: number;
  /** Verifications a second: one start and one check each. */
  readonly roundTrip: number;
}

/**
 * Verifies every number in a closed loop, as fast as the service answers: all starts, then a check of each code.
 *
 * @param passes How often each number is verified.
 */
export async function measureThroughput(
  environment: Environment,
  service: Service,
  numbers: readonly string[],
  passes: number,
): Promise<Throughput> {
  let startMs = 0;
  let checkMs = 0;
  for (let pass = 0; pass < passes; pass += 1) {
    const startedAt = performance.now();
    const started = await startAll(environment, service, numbers, CLIENTS);
    startMs += performance.now() - startedAt;

    const codes = await environment.takeCodes();
    const checkedAt = performance.now();
    await checkAll(environment, service, started, codes, CLIENTS);
    checkMs += performance.now() - checkedAt;
  }
  const perSecond = (milliseconds: number) => (passes * numbers.length * 1000) / milliseconds;
  return {
    start: perSecond(startMs),
    check: perSecond(checkMs),
    roundTrip: perSecond(startMs + checkMs),
  };
}

/**
 * Starts one verification for each number in an open loop: at a fixed rate, whether or not earlier starts have
 * been answered. Then checks all codes, so that the numbers are free for the next measurement.
 *
 * @returns for each start, the milliseconds its response took beyond those that WhatsApp's stand-in held it
 */
export async function measureAddedLatency(
  environment: Environment,
  service: Service,
  numbers: readonly string[],
  startsPerSecond: number,
): Promise<readonly number[]> {
  const started = new Map<string, Response>();
  const added: number[] = [];
  const running: Promise<void>[] = [];
  const beganAt = performance.now();
  for (const [index, number] of numbers.entries()) {
    const wait = beganAt + (index * 1000) / startsPerSecond - performance.now();
    if (wait > 0) await pause(wait);
    // Counted from here and not from the planned time: a late timer is this client's delay, not the service's.
    const sentAt = performance.now();
    const answered = start(environment, service, number).then((response) => {
      added.push(performance.now() - sentAt - heldMs(response));
      started.set(number, response);
    });
    running.push(answered);
  }
  await Promise.all(running);
  await checkAll(environment, service, started, await environment.takeCodes(), CLIENTS);
  return added;
}

/** Starts a verification for each number. @throws at the first start that fails */
export async function startAll(
  environment: Environment,
  service: Service,
  numbers: readonly string[],
  clients: number,
): Promise<Started> {
  const started = new Map<string, Response>();
  await inParallel(numbers, clients, async (number) => {
    started.set(number, await start(environment, service, number));
  });
  return started;
}

/** Checks the code of each started verification. @throws at the first code that is not approved */
export async function checkAll(
  { http }: Environment,
  service: Service,
  started: Started,
  codes: Readonly<Record<string, string>>,
  clients: number,
): Promise<void> {
  await inParallel([...started], clients, async ([number, response]) => {
    const check = service.check(number, codes[number] ?? "", response);
    const checked = await http.post(service.port, check);
    if (!service.hasApproved(checked)) throw unexpected(service, checked);
  });
}

async function start({ http }: Environment, service: Service, number: string): Promise<Response> {
  const response = await http.post(service.port, service.start(number));
  if (!service.hasStarted(response)) throw unexpected(service, response);
  return response;
}

async function inParallel<Item>(
  items: readonly Item[],
  clients: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const loops = Array.from({ length: clients }, async () => {
    for (const item of queue) await work(item);
  });
  await Promise.all(loops);
}

/** How long WhatsApp's stand-in held a message, which it appends to the message id. */
function heldMs({ body }: Response): number {
  const microseconds = /wamid\.\d+\.(\d+)/.exec(body)?.[1];
  if (microseconds === undefined) throw new Error("A response contains no message id");
  return Number(microseconds) / 1000;
}

function unexpected({ name }: Service, { status, body }: Response): Error {
  return new Error(`${name} answered ${status}: ${body.slice(0, 500)}`);
}
