import { type Mutation, mutation } from "./mutation.ts";
import { databaseFull, deadLetters, queuesDown } from "./outage-scenarios.ts";

const CONSUMER = "queues.ts";

/** Breaks what invariants 7 and 13 ask for in an outage of the database or of a queue. */
export const OUTAGE_MUTATIONS: readonly Mutation[] = [
  mutation(
    7,
    "an event that the journal cannot store is acknowledged",
    databaseFull,
    CONSUMER,
    "if (failed.has(message)) message.retry({ delaySeconds: retrySeconds(message.attempts) });\n    else message.ack();",
    "message.ack();",
  ),
  mutation(
    7,
    "the guard learns from every attempt at an event",
    databaseFull,
    CONSUMER,
    "({ message }) => message.attempts === 1",
    "() => true",
  ),
  mutation(
    7,
    "an audit entry that the database does not take is dropped",
    databaseFull,
    "journal/audit.ts",
    'await this.#queue.send({ kind: "audit", at: entry.createdAt, entry } satisfies AuditMessage);',
    "",
  ),
  mutation(
    7,
    "a dead letter that cannot be stored is dropped",
    deadLetters,
    CONSUMER,
    "if (failed.has(message)) message.retry({ delaySeconds: DEAD_LETTER_RETRY_SECONDS });\n    else message.ack();",
    "message.ack();",
  ),
  mutation(
    7,
    "a queue that refuses is asked at a constant pause",
    queuesDown,
    "platform/queue-rest.ts",
    "Math.min(now - since + FIRST_PAUSE_MS, LONGEST_PAUSE_MS)",
    "FIRST_PAUSE_MS",
  ),
  mutation(
    7,
    "an evicted object forgets that the queue has none of its events",
    queuesDown,
    "platform/durable-record.ts",
    "const refusedSince = stored?.refusedSince ?? null;",
    "const refusedSince = null;",
  ),
];
