import type { Closing } from "../guard/rule.ts";
import { MINUTE_MS } from "../platform/time.ts";
import type { Event } from "./event.ts";

/** An end is told within seconds, or after a few retries. What is older has most likely come before. */
const NEWS_FOR_MS = 2 * MINUTE_MS;

/**
 * The verifications that events close, without those of test numbers: nothing was sent to them. Of all events
 * of a verification, the one that closes it bears the name of its status. The guard's counts cannot tell one
 * that comes again, as an object's alarm may have it, so age has to.
 */
export function closingsOf(events: readonly Event[], now: number): readonly Closing[] {
  return events.flatMap((event) => {
    if (event.kind !== "verification" || now - event.at >= NEWS_FOR_MS) return [];
    const { type, verification } = event;
    return type === `verification.${verification.status}` && !verification.test ? verification : [];
  });
}
