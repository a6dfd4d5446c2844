import { log } from "./log.ts";
import { Unavailable } from "./platform-fault.ts";

const RETRY_ALARM_MS = 3_600_000;

/**
 * Refuses a stored record of an unknown newer version, as it is found after a rollback: this build would lose
 * what it does not know of. The record stays as it is, and the call fails.
 *
 * @param version As stored; undefined in a record from before records had versions.
 * @param known The newest version that this build reads and writes.
 */
export function assertKnownVersion(kind: string, version: unknown, known: number): void {
  if (version === undefined || (typeof version === "number" && version <= known)) return;
  const error = `${kind}: version ${version}, newest known version ${known}`;
  log("error", "Stored record has an unknown newer version", { error });
  throw new UnknownVersionError(error);
}

/**
 * Runs an alarm. Where the record has an unknown newer version, nothing is written but the next alarm: the
 * platform gives up on an alarm that keeps failing, and the record would then never be forgotten.
 */
export async function runAlarm(storage: DurableObjectStorage, alarm: () => Promise<void>): Promise<void> {
  try {
    await alarm();
  } catch (error) {
    if (!(error instanceof UnknownVersionError)) throw error;
    await storage.setAlarm(Date.now() + RETRY_ALARM_MS);
  }
}

class UnknownVersionError extends Unavailable {}
