import type { Contender } from "./contenders.ts";
import type { Response } from "./http.ts";
import type { Stage } from "./stage.ts";

/** Enough that whoever is measured never waits for work. */
const AT_ONCE = 64;

/** Verifications under way: the answer to each number's start. */
type Started = ReadonlyMap<string, Response>;

/** Starts a verification for a number, or throws what came instead. */
export async function start({ http }: Stage, contender: Contender, number: string): Promise<Response> {
  const response = await http.post(contender.port, contender.start(number));
  if (!contender.hasStarted(response)) throw unexpected(contender, response);
  return response;
}

/** A closed loop: so many clients, each of which asks again as soon as it has its answer. */
export async function startAll(
  stage: Stage,
  contender: Contender,
  numbers: readonly string[],
): Promise<Started> {
  const started = new Map<string, Response>();
  await inParallel(numbers, async (number) => {
    started.set(number, await start(stage, contender, number));
  });
  return started;
}

/** Checks everything that was started, each with the code that went to its number. */
export async function checkAll(
  { http }: Stage,
  contender: Contender,
  started: Started,
  codes: Readonly<Record<string, string>>,
): Promise<void> {
  await inParallel([...started], async ([number, response]) => {
    const check = contender.check(number, codes[number] ?? "", response);
    const checked = await http.post(contender.port, check);
    if (!contender.hasApproved(checked)) throw unexpected(contender, checked);
  });
}

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  const clients = Array.from({ length: AT_ONCE }, async () => {
    for (const item of queue) await work(item);
  });
  await Promise.all(clients);
}

/** A figure made of refusals would be a fast one. */
function unexpected({ name }: Contender, { status, body }: Response): Error {
  return new Error(`${name} answered ${status}: ${body.slice(0, 500)}`);
}
