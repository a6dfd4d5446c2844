import { ownerOf } from "../ids/verification-id.ts";
import type { VerificationEvent } from "../phone-number/event.ts";
import { hourOf } from "./hour.ts";

/** Whether an event makes the journal write its verification down. */
export function isJournaled({ verification }: VerificationEvent): boolean {
  return verification.closedAt !== null;
}

interface Found {
  readonly id: string;
  readonly revision: number;
}

/**
 * Of journaled events, the ids of those that the journal has last heard of. The others may have come all the
 * same: of two events about one verification, the journal keeps no trace of the former.
 */
export async function findJournaled(
  db: D1Database,
  events: readonly VerificationEvent[],
): Promise<ReadonlySet<string>> {
  const keys = events.map(({ verification: { createdAt, id } }) => [hourOf(createdAt), ownerOf(id), id]);
  const { results } = await db
    .prepare(
      `SELECT v.id, v.revision FROM json_each(?1) AS event CROSS JOIN verifications AS v
       ON v.hour = event.value ->> 0 AND v.number_tag = event.value ->> 1 AND v.id = event.value ->> 2`,
    )
    .bind(JSON.stringify(keys))
    .all<Found>();
  const revisions = new Map(results.map(({ id, revision }) => [id, revision]));
  const come = events.filter(({ verification: { id, revision } }) => revisions.get(id) === revision);
  return new Set(come.map(({ id }) => id));
}
