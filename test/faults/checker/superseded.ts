import type { Call } from "../history.ts";
import type { Trace, Traces } from "./traces.ts";
import type { Violation } from "./violation.ts";

/**
 * Invariant 1: of one number, app, purpose and session a single code is accepted. Once a start has begun another
 * verification, the code of the one before it is worth nothing.
 */
export function checkSupersededCodes({ all }: Traces): Violation[] {
  const alike = Map.groupBy(all, keyOf);
  return all.flatMap((trace) => {
    const begun = beginningOf(trace);
    if (begun === null) return [];
    const earlier = (alike.get(keyOf(trace)) ?? []).filter((other) => {
      const first = beginningOf(other);
      return first !== null && first.endedAt.order < begun.startedAt.order;
    });
    return earlier
      .filter((other) => wasAcceptedAfter(other, begun))
      .map(({ number, id }) => ({
        invariant: 1,
        description: `Its code was accepted after ${trace.id} had superseded it`,
        number,
        id,
      }));
  });
}

/** What the starts of verifications have in common that cannot be pending together. */
function keyOf({ number, purpose, starts: [first] }: Trace): string {
  return JSON.stringify([number, purpose, first?.app, first?.session, first?.dialled]);
}

/** The start that began it; null where that is not sure, since a keyed start repeats an earlier answer. */
function beginningOf({ starts: [first] }: Trace): Call | null {
  return first?.status === 201 && first.idempotencyKey === null ? first : null;
}

function wasAcceptedAfter({ attempts }: Trace, { endedAt }: Call): boolean {
  return attempts.some(({ outcome, call }) => outcome === "approved" && call.startedAt.order > endedAt.order);
}
