import { KEPT_FOR_KNOWN, SENDS_PER_DAY } from "../environment/settings.ts";
import type { Call, History } from "../history.ts";
import { isForbiddenNumber } from "../people.ts";
import { FAILURES_BEFORE_DELAY } from "./locks.ts";
import type { Attempt, Trace, Traces } from "./traces.ts";
import type { Violation } from "./violation.ts";

/** Invariant 13: limits refuse no request too early, none of the owner's device, and none after an operator's unlock. */
export function checkRefusals(history: History, traces: Traces): Violation[] {
  return [
    ...checkLocks(history, traces),
    ...checkUnlocked(history.calls, traces),
    ...checkKnownDevices(history, traces),
    ...checkSuperseded(history, traces),
  ];
}

/** No number is locked before ten wrong codes, nor after an operator has unlocked it. */
function checkLocks({ calls }: History, { attemptsOn }: Traces): Violation[] {
  const unlocks = Map.groupBy(
    calls.filter(({ operation, status }) => operation === "unlock" && status === 200),
    ({ number }) => number,
  );
  return calls.filter(isLocked).flatMap((call) => {
    const { number, operation, startedAt } = call;
    const unlocked = unlocks.get(number)?.findLast(({ endedAt }) => endedAt.order < startedAt.order);
    const since = unlocked?.startedAt.order ?? 0;
    const failures = (attemptsOn.get(number) ?? []).filter((attempt) => mayHaveFailed(attempt, since, call));
    if (failures.length >= FAILURES_BEFORE_DELAY) return [];
    const when = unlocked === undefined ? "" : " since an operator unlocked it";
    const description = `A ${operation} found the number locked after ${failures.length} wrong codes${when}`;
    return [{ invariant: 13, description, number, id: call.id ?? "" }];
  });
}

/** An operator's unlock gives a number all of its sends back. */
function checkUnlocked(calls: readonly Call[], { all }: Traces): Violation[] {
  const unlocks = calls.filter(({ operation, status }) => operation === "unlock" && status === 200);
  return unlocks.flatMap((unlock) => {
    const { number } = unlock;
    const messages = all.flatMap((trace) => (trace.number === number ? trace.messages : []));
    const refused = calls.find(
      (call) =>
        call.number === number &&
        isOverLimit(call) &&
        call.startedAt.order > unlock.endedAt.order &&
        messages.every(({ at }) => at.order < unlock.startedAt.order || at.order > call.endedAt.order),
    );
    if (refused === undefined) return [];
    const description = "A start was refused at the limit of a number that an operator had unlocked";
    return [{ invariant: 13, description, number, id: "" }];
  });
}

/**
 * A device whose code was approved on a number still gets one, however many others have requested. Only where
 * the number's user has denied a request does the device count no more.
 */
function checkKnownDevices(history: History, { all }: Traces): Violation[] {
  const denied = deniedNumbers(history);
  const byNumber = Map.groupBy(all, ({ number }) => number);
  return history.calls.filter(isOverLimit).flatMap((call) => {
    const { number, device, endedAt } = call;
    const traces = byNumber.get(number) ?? [];
    if (device === null || denied.has(number) || !isKnownDevice(call, device, traces)) return [];
    const sent = traces
      .filter(({ starts }) => starts.some((start) => start.device === device))
      .flatMap(({ messages }) => messages)
      .filter(({ at }) => at.order < endedAt.order);
    if (sent.length >= KEPT_FOR_KNOWN) return [];
    const description = `A start of a known device was refused after ${sent.length} messages for it`;
    return [{ invariant: 13, description, number, id: "" }];
  });
}

/** Starts of strangers supersede no verification of a known device. */
function checkSuperseded(history: History, { all }: Traces): Violation[] {
  const denied = deniedNumbers(history);
  return all.flatMap((trace) => {
    const { number, purpose, id, starts, final } = trace;
    const [first] = starts;
    const device = first?.device ?? null;
    if (final?.reason !== "superseded" || first === undefined || device === null || denied.has(number))
      return [];
    const others = all.filter(
      (other) => other.number === number && other.purpose === purpose && other.id !== id,
    );
    // Only a later start supersedes it: of the same device or session, or one without a response, it may.
    const isOfStrangers = others.every(
      ({ starts: [start] }) =>
        start !== undefined &&
        (start.endedAt.order < first.startedAt.order ||
          (start.device !== device && start.session !== first.session)),
    );
    if (!isOfStrangers || !isKnownDevice(first, device, all)) return [];
    return [
      { invariant: 13, description: "A stranger superseded a verification of a known device", number, id },
    ];
  });
}

function deniedNumbers({ webhooks }: History): ReadonlySet<string> {
  return new Set(webhooks.filter(({ status }) => status === "denied").map(({ number }) => number));
}

/** Whether a code that the device alone had requested was approved on the number before a call. */
function isKnownDevice({ number, startedAt }: Call, device: string, all: readonly Trace[]): boolean {
  return all.some(
    (trace) =>
      trace.number === number &&
      trace.starts.length > 0 &&
      trace.starts.every((start) => start.device === device) &&
      trace.attempts.some(
        ({ outcome, call }) => outcome === "approved" && call.endedAt.order < startedAt.order,
      ),
  );
}

/** Refused for the number's sends, not for those of a pending verification, which the problem would show. */
function isOverLimit({ operation, kind, problem, shown }: Call): boolean {
  const isStart = operation === "start" && kind === "valid";
  return isStart && problem?.code === "send_limit_reached" && shown.length === 0;
}

function isLocked({ kind, problem }: Call): boolean {
  return kind === "valid" && problem?.code === "number_locked";
}

function mayHaveFailed({ call, outcome }: Attempt, since: number, before: Call): boolean {
  const isCharged = outcome !== "idle" && outcome !== "approved";
  return isCharged && call.endedAt.order > since && call.startedAt.order < before.endedAt.order;
}

/**
 * Invariant 13: no number gets more messages than its limits allow, over all apps, purposes, sessions and spellings.
 * The messages of an approved verification may not count, and neither does a fallback, which is an SMS here.
 */
export function checkSends({ calls }: History, { all }: Traces): Violation[] {
  const unlocked = new Set(
    calls.filter(({ operation }) => operation === "unlock").map(({ number }) => number),
  );
  const byNumber = Map.groupBy(all.filter(isCounted), ({ number }) => number);
  return [...byNumber].flatMap(([number, traces]) => {
    const sent = traces.flatMap(({ messages }) =>
      messages.flatMap(({ channel, outcome, reference }) =>
        channel === "whatsapp" && outcome !== "refused" ? [reference] : [],
      ),
    );
    const count = new Set(sent).size;
    if (count <= SENDS_PER_DAY || unlocked.has(number)) return [];
    const description = `${count} messages were sent to a number within a day, ${SENDS_PER_DAY} are allowed`;
    return [{ invariant: 13, description, number, id: "" }];
  });
}

function isCounted({ number, final }: Trace): boolean {
  return final?.status !== "approved" && !isForbiddenNumber(number);
}
