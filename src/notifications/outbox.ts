import { type ContactState, find, isWaiting, MISSED_AFTER_MS, type QueuedJob } from "./contact-state.ts";

/** Drops the jobs that somebody has come for, or nobody needs to. From then on the queue sees to them. */
export function withoutDoneJobs(state: ContactState): ContactState {
  const outbox = state.outbox.filter((item) => item.kind !== "job" || isMissing(state, item));
  return outbox.length === state.outbox.length ? state : { ...state, outbox };
}

function isMissing(state: ContactState, { job }: QueuedJob): boolean {
  const one = find(state, job.id);
  return one !== undefined && isWaiting(one) && one.takenAt === null;
}

/** The jobs that it is time to hand over once more, and the record that says when to look next. */
export function lookAgain(
  state: ContactState,
  now: number,
): { readonly state: ContactState; readonly outcome: readonly QueuedJob[] } {
  const isOverdue = ({ lookAgainAt }: QueuedJob) => lookAgainAt <= now;
  const overdue = state.outbox.filter((item) => item.kind === "job").filter(isOverdue);
  if (overdue.length === 0) return { state, outcome: overdue };
  const outbox = state.outbox.map((item) =>
    item.kind === "job" && isOverdue(item) ? { ...item, lookAgainAt: now + MISSED_AFTER_MS } : item,
  );
  return { state: { ...state, outbox }, outcome: overdue };
}
