import type { Call, History } from "../history.ts";
import type { Traces } from "./traces.ts";
import type { Violation } from "./violation.ts";

/**
 * Invariant 12: a form of the sign-in page counts from the browser that the page was shown to, and a code in the browser that
 * it was sent for. Invariant 13: a code's form that is sent again leads back to the app as it did before.
 */
export function checkPages({ calls }: History, traces: Traces): Violation[] {
  const forms = calls.filter(({ page }) => page !== null);
  const trespasses = forms.flatMap((call) => {
    const fault = faultOf(call);
    return fault === null ? [] : [toViolation(12, fault, call)];
  });
  return [...trespasses, ...lostSignIns(forms, traces)];
}

function faultOf({ kind, operation, status, page }: Call): string | null {
  const isAnswered = status !== null && status < 500;
  if (kind === "other_session" && isAnswered && status !== 403) {
    return `A ${operation} from another browser than the page's responded ${status}, not 403`;
  }
  if (page?.shows !== "approved" || page.owner === page.browser) return null;
  return "A code was accepted in another browser than it was sent for";
}

/** The first form may have approved the verification, and no other one: then it did, and the later ones repeat it. */
function lostSignIns(forms: readonly Call[], { all, codes }: Traces): Violation[] {
  const right = forms.filter(
    ({ operation, kind, number, code }) =>
      operation === "check" && kind === "valid" && (codes.get(number)?.has(code ?? "") ?? false),
  );
  const byId = Map.groupBy(right, ({ id }) => id);
  return all.flatMap(({ id, final }) => {
    const ofId = byId.get(id) ?? [];
    if (final?.status !== "approved" || ofId.length === 0) return [];
    const byKey = Map.groupBy(ofId, ({ caller, idempotencyKey }) => `${caller} ${idempotencyKey}`);
    const approving = [...byKey.values()].filter(([first]) => first !== undefined && mayHaveApproved(first));
    const [[, ...again] = []] = approving.length === 1 ? approving : [];
    const lost = again.find((call) => !mayHaveApproved(call));
    if (lost === undefined) return [];
    return [toViolation(13, "A code's form that was sent again did not lead back to the app", lost)];
  });
}

function mayHaveApproved({ status, page }: Call): boolean {
  return status === null || status >= 500 || page?.shows === "approved";
}

function toViolation(invariant: number, description: string, { number, id }: Call): Violation {
  return { invariant, description, number, id: id ?? "" };
}
