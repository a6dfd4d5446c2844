import type { Call, History } from "../history.ts";
import type { Violation } from "./violation.ts";

/** Invariant 13: a request that is repeated under its idempotency key, after an answer that was no refusal, is not refused. */
export function checkRepeats({ calls }: History): Violation[] {
  const keyed = calls.filter(
    ({ kind, page, idempotencyKey }) => kind === "valid" && page === null && idempotencyKey !== null,
  );
  return [...Map.groupBy(keyed, requestOf).values()].flatMap((repeats) => {
    const answered = repeats.filter(({ status }) => status !== null && status < 300);
    const first = Math.min(...answered.map(({ endedAt }) => endedAt.order));
    const refused = repeats.find((call) => call.startedAt.order > first && isRefused(call));
    if (refused === undefined) return [];
    const { operation, status, number, id } = refused;
    const description = `A ${operation} that was repeated under its idempotency key responded ${status}`;
    return [{ invariant: 13, description, number, id: id ?? "" }];
  });
}

/** What repeats have in common; with another spelling it is another request. */
function requestOf({ operation, caller, app, number, id, dialled, code, idempotencyKey }: Call): string {
  return JSON.stringify([operation, caller, app, number, id, dialled, code, idempotencyKey]);
}

function isRefused({ status }: Call): boolean {
  return status !== null && status >= 400 && status < 500;
}
