import type { History } from "../history.ts";
import { checkAccess } from "./access.ts";
import { checkAcceptedOnce, checkAttemptsCharged } from "./codes.ts";
import { checkEvents } from "./events.ts";
import { checkForeign } from "./foreign.ts";
import { checkRefusals, checkSends } from "./limits.ts";
import { checkLinks } from "./links.ts";
import { checkFailuresCounted } from "./locks.ts";
import { checkOutages } from "./outages.ts";
import { checkPages } from "./pages.ts";
import { checkPeople } from "./people.ts";
import { checkRepeats } from "./repeats.ts";
import { checkLeaks } from "./secrets.ts";
import { checkSignIns } from "./sign-ins.ts";
import { checkSupersededCodes } from "./superseded.ts";
import { collectTraces } from "./traces.ts";
import { checkTrespasses } from "./trespasses.ts";
import { checkUpdates } from "./updates.ts";
import type { Violation } from "./violation.ts";

/**
 * Checks a history against the invariants that it can show. It uses only what can be observed from outside, the API's
 * documentation and the configuration.
 */
export function judge(history: History): readonly Violation[] {
  const traces = collectTraces(history);
  return [
    ...checkAcceptedOnce(history, traces),
    ...checkSupersededCodes(traces),
    ...checkAttemptsCharged(history, traces),
    ...checkFailuresCounted(history, traces),
    ...checkLeaks(history, traces),
    ...checkUpdates(history, traces),
    ...checkEvents(history, traces),
    ...checkAccess(history, traces),
    ...checkTrespasses(history, traces),
    ...checkPeople(history, traces),
    ...checkForeign(history),
    ...checkLinks(history),
    ...checkPages(history, traces),
    ...checkSignIns(history),
    ...checkRepeats(history),
    ...checkRefusals(history, traces),
    ...checkSends(history, traces),
    ...checkOutages(history),
  ];
}
