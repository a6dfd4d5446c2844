import type { History } from "../history.ts";
import { checkAccess } from "./access.ts";
import { checkAcceptedOnce, checkAttemptsCharged } from "./codes.ts";
import { checkEvents } from "./events.ts";
import { checkFailuresCounted } from "./locks.ts";
import { checkLeaks } from "./secrets.ts";
import { collectTraces } from "./traces.ts";
import { checkUpdates } from "./updates.ts";
import type { Violation } from "./violation.ts";

/**
 * Holds a history against the architecture's invariants 1 to 9. Knows nothing of the Worker but what an
 * outsider sees and what api.md and the configuration promise.
 */
export function judge(history: History): readonly Violation[] {
  const traces = collectTraces(history);
  return [
    ...checkAcceptedOnce(traces),
    ...checkAttemptsCharged(history, traces),
    ...checkFailuresCounted(history, traces),
    ...checkLeaks(history, traces),
    ...checkUpdates(history, traces),
    ...checkEvents(history, traces),
    ...checkAccess(history, traces),
  ];
}
