import type { History } from "../history.ts";
import { acceptedOnce, attemptsCharged } from "./codes.ts";
import { eventsTold } from "./events.ts";
import { gatesHeld } from "./gates.ts";
import { failuresCounted } from "./locks.ts";
import { secretsKept } from "./secrets.ts";
import { tellStories } from "./stories.ts";
import { updatesApplied } from "./updates.ts";
import type { Violation } from "./violation.ts";

/**
 * Holds a history against the architecture's invariants 1 to 9. Knows nothing of the Worker but what an
 * outsider sees and what api.md and the configuration promise.
 */
export function judge(history: History): readonly Violation[] {
  const stories = tellStories(history);
  return [
    ...acceptedOnce(stories),
    ...attemptsCharged(history, stories),
    ...failuresCounted(history, stories),
    ...secretsKept(history, stories),
    ...updatesApplied(history, stories),
    ...eventsTold(history, stories),
    ...gatesHeld(history, stories),
  ];
}
