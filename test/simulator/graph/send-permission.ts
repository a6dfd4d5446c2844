import type { AccountSettings } from "../account/settings.ts";
import { GraphError } from "./errors.ts";

/** What decides whether the account may send a message, besides its settings. */
export interface SendSubject {
  /** E.164 with the plus sign. */
  to: string;
  category: "authentication" | "utility" | "marketing" | "service";
  /** Whether the user has written, by which a test number knows its recipients. */
  hasWritten: boolean;
  isOwnNumber: boolean;
}

const CONNECTED: readonly string[] = ["CONNECTED", "FLAGGED", "RATE_LIMITED"];
const LOCKED: readonly string[] = ["BANNED", "RESTRICTED"];

/**
 * Refuses what the state of account and number does not allow.
 * @throws GraphError with the code Meta answers
 */
export async function checkMaySend(settings: AccountSettings, subject: SendSubject): Promise<void> {
  const { to, category } = subject;
  const details = "As the account is set in the simulator";
  if (LOCKED.includes(settings.status)) throw new GraphError(131031, { details });
  if (settings.platform_type !== "CLOUD_API" || !CONNECTED.includes(settings.status)) {
    throw new GraphError(133010, { details });
  }
  const isTemplate = category !== "service";
  if (isTemplate && !subject.isOwnNumber) {
    throw new GraphError(132001, { details: "The number's account has no such template" });
  }
  if (settings.account_mode === "SANDBOX") {
    if (category === "authentication") throw new GraphError(132001, { details });
    if (!subject.hasWritten) throw new GraphError(131030, { details });
  }
  if (isTemplate && !settings.payment) throw new GraphError(131042, { details });
  if (settings.blocked_countries.length > 0) {
    // Loaded at need: its numbering plans are large, and most simulators block no country.
    const { parsePhoneNumberFromString } = await import("libphonenumber-js");
    const country = parsePhoneNumberFromString(to)?.country;
    if (country !== undefined && settings.blocked_countries.includes(country)) {
      throw new GraphError(130497, { details });
    }
  }
}
