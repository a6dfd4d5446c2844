import { MINUTE_MS } from "../../platform/time.ts";
import type { Observed } from "./observations.ts";

/** How far apart the times of what goes on and on are stored, at least. */
const STORED_EVERY_MS = 10 * MINUTE_MS;

/** Meta reports on a message sooner. */
const SILENT_AFTER_MS = MINUTE_MS;

/**
 * Whether what is known now says more than that all has gone on for some minutes since it was stored. Each isolate tells every
 * minute, and each write is billed.
 */
export function isNews(stored: Observed, known: Observed): boolean {
  return (
    kindOf(stored) !== kindOf(known) ||
    (stored.unreported !== null && known.unreported === null) ||
    Object.entries(timesOf(known)).some(([name, at]) => at - (timesOf(stored)[name] ?? 0) >= STORED_EVERY_MS)
  );
}

/** What is known, without when. */
function kindOf(observed: Observed): string {
  const { handshake, webhookHost, rightSignatureAt, wrongSignatureAt, accountUpdate } = observed;
  return JSON.stringify([
    handshake?.tokenWasRight,
    webhookHost?.host,
    (wrongSignatureAt ?? 0) > (rightSignatureAt ?? 0),
    accountUpdate,
    silenceSince(observed),
  ]);
}

/** Messages are accepted, and none of them has been reported on for longer than Meta takes; null where that is not so. */
function silenceSince({ unreported, acceptedAt }: Observed): number | null {
  return unreported !== null && (acceptedAt ?? 0) - unreported.since >= SILENT_AFTER_MS
    ? unreported.since
    : null;
}

function timesOf(observed: Observed): Readonly<Record<string, number>> {
  const { handshake, webhookHost, rightSignatureAt, wrongSignatureAt, acceptedAt, sentAt, reportedAt } =
    observed;
  const times = [
    ["handshake", handshake?.at],
    ["webhookHost", webhookHost?.at],
    ["rightSignature", rightSignatureAt],
    ["wrongSignature", wrongSignatureAt],
    ["accepted", acceptedAt],
    ["sent", sentAt],
    ["reported", reportedAt],
    ["standby", observed.standbyAt],
    ...observed.errors.map(({ code, country, at }) => [`error/${code}/${country}`, at] as const),
    ...Object.entries(observed.heardAt).map(([sender, at]) => [`heard/${sender}`, at] as const),
  ] as const;
  return Object.fromEntries(times.map(([name, at]) => [name, at ?? 0]));
}
