import { count } from "./counts.ts";
import { fault } from "./faults.ts";
import { at } from "./timeline.ts";

/** What goes on behind answers, of the Worker and of its objects. */
const works = new Set<Promise<unknown>>();

/** How many of these sleep until the timeline has got further. */
let asleep = 0;

export function waitUntil(work: Promise<unknown>): void {
  works.add(work);
  void work.catch(fault).then(() => works.delete(work));
}

/** An object that waits goes by the driver's time, and is paid for. */
scheduler.wait = (milliseconds) => {
  count("object_waited_ms", "all", milliseconds);
  asleep += 1;
  return new Promise((resume) => {
    at(Date.now() + milliseconds, () => {
      asleep -= 1;
      resume();
      return quiet();
    });
  });
};

/** Resolves when nothing goes on behind answers any more but what waits for a later time. */
export async function quiet(): Promise<void> {
  while (works.size > asleep) {
    if (asleep === 0) await Promise.allSettled(works);
    else await new Promise<void>((resume) => setTimeout(resume, 0));
  }
}
