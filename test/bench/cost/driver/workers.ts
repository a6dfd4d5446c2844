/**
 * Replaces `cloudflare:workers` in the Worker's bundle: its Durable Objects live in the driver's memory, and the
 * driver waits for its background work.
 */
import { count, recordError } from "./counts.ts";
import { at } from "./timeline.ts";

export class DurableObject {
  readonly ctx: DurableObjectState;
  readonly env: Env;

  constructor(ctx: DurableObjectState, env: Env) {
    this.ctx = ctx;
    this.env = env;
  }
}

/** Work that the Worker and its objects continue after their responses. */
const background = new Set<Promise<unknown>>();

/** How many of these wait for a later time of the timeline. */
let waiting = 0;

export function waitUntil(work: Promise<unknown>): void {
  background.add(work);
  void work.catch(recordError).then(() => background.delete(work));
}

/** Waiting takes the timeline's time. It is counted, because an object's duration is billed. */
scheduler.wait = (milliseconds) => {
  count("object_waited_ms", "all", milliseconds);
  waiting += 1;
  return new Promise((resume) => {
    at(Date.now() + milliseconds, () => {
      waiting -= 1;
      resume();
      return backgroundSettled();
    });
  });
};

/** Resolves when all background work has ended, except what waits for a later time. */
export async function backgroundSettled(): Promise<void> {
  while (background.size > waiting) {
    if (waiting === 0) await Promise.allSettled(background);
    else await new Promise<void>((resume) => setTimeout(resume, 0));
  }
}
