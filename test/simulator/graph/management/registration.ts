import type { MetaAccount } from "../../account/account.ts";
import { GraphError } from "../errors.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Registrations and deregistrations within the time. Source: Meta, "Business phone numbers". */
const CALLS = { atMost: 10, withinMs: 3 * DAY_MS };

/** Changes of the display name within the time. */
const NAME_CHANGES = { atMost: 10, withinMs: 30 * DAY_MS };

/** Guesses of the PIN before it is locked. Meta does not publish the number. */
const WRONG_PINS = 5;

/** How long a deregistered number has to wait. Source: error 133015 of Meta's page "Error codes". */
const REST_MS = 5 * MINUTE_MS;

/**
 * Connects the number to the Cloud API, under its PIN or, where it has none, under a new one.
 * @throws GraphError with the code Meta answers
 */
export function register(meta: MetaAccount, pin: string, nowMs: number): void {
  const { settings, history } = meta;
  const { registrations, deregisteredMs, wrongPins } = history;
  const recent = within(registrations, CALLS.withinMs, nowMs);
  if (recent.length >= CALLS.atMost) throw new GraphError(133016, { details: "Try again in 72 hours" });
  meta.remember({ registrations: [...recent, nowMs] });
  if (deregisteredMs !== null && nowMs - deregisteredMs < REST_MS) {
    throw new GraphError(133015, { details: "The number was deregistered less than five minutes ago" });
  }
  const isVerified = settings.code_verification_status === "VERIFIED" || settings.status === "CONNECTED";
  if (!isVerified) throw new GraphError(133006, { details: "Request a code and verify it first" });
  if (settings.pin !== null && settings.pin !== pin) {
    meta.remember({ wrongPins: wrongPins + 1 });
    if (wrongPins >= WRONG_PINS) throw new GraphError(133008, { details: "Wait before the next try" });
    throw new GraphError(133005, { details: "The two-step verification PIN is another one" });
  }
  if (settings.pin === null) meta.record("TWO_STEP_VERIFICATION_PIN_CHANGED", nowMs);
  meta.record("PHONE_NUMBER_REGISTERED_ON_CLOUD_API", nowMs);
  meta.remember({ wrongPins: 0 });
  meta.merge({ pin, status: "CONNECTED", platform_type: "CLOUD_API" });
}

/** @throws GraphError 133016 after too many */
export function deregister(meta: MetaAccount, nowMs: number): void {
  const recent = within(meta.history.registrations, CALLS.withinMs, nowMs);
  if (recent.length >= CALLS.atMost) throw new GraphError(133016, { details: "Try again in 72 hours" });
  meta.record("PHONE_NUMBER_DEREGISTERED_FROM_CLOUD_API", nowMs);
  meta.remember({ registrations: [...recent, nowMs], deregisteredMs: nowMs });
  meta.merge({ status: "DISCONNECTED", platform_type: "NOT_APPLICABLE" });
}

/** A new PIN also ends a lock of the one before. */
export function setPin(meta: MetaAccount, pin: string, nowMs: number): void {
  meta.record("TWO_STEP_VERIFICATION_PIN_CHANGED", nowMs);
  meta.remember({ wrongPins: 0 });
  meta.merge({ pin });
}

/** @throws GraphError 4 with a subcode of its own for too many changes */
export function askForDisplayName(meta: MetaAccount, name: string, nowMs: number): void {
  const recent = within(meta.history.displayNames, NAME_CHANGES.withinMs, nowMs);
  if (recent.length >= NAME_CHANGES.atMost) throw new GraphError(4, { status: 403, subcode: 2593011 });
  meta.remember({ displayNames: [...recent, nowMs] });
  meta.merge({ new_display_name: name, new_name_status: "PENDING_REVIEW" });
}

function within(times: readonly number[], durationMs: number, nowMs: number): number[] {
  return times.filter((time) => nowMs - time < durationMs);
}
