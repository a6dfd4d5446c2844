/** The units that Cloudflare bills. */
export const UNITS = [
  "worker_requests",
  "object_requests",
  "object_rows_read",
  "object_rows_written",
  "queue_operations",
  "kv_reads",
  "kv_writes",
  "d1_rows_read",
  "d1_rows_written",
] as const;
export type Unit = (typeof UNITS)[number];

/**
 * Also counted: how long objects wait, in milliseconds, D1's queries, lines of the log, and how long the journal keeps each
 * byte.
 */
export type Counted = Unit | "object_waited_ms" | "d1_queries" | "log_lines" | "journal_byte_days";

/** The channel that delivers the code; for `sms`, WhatsApp fails first. */
export type Story = "whatsapp" | "sms";

/** What the driver needs before its first verification. */
export interface Setup {
  readonly story: Story;
  /** Whether each start names the user's IP address and an account. */
  readonly namesUser: boolean;
  /** The number of webhook endpoints that are subscribed to every event. */
  readonly endpoints: number;
  /** How they take batches; null where each event has its own request. */
  readonly batch: { readonly max_events: number; readonly max_wait_ms: number } | null;
  /** How many phone numbers share a range of 10,000. */
  readonly numbersPerRange: number;
  /** The time from one start to the next. */
  readonly everyMs: number;
  /** How long the journal keeps a closed verification. */
  readonly retentionDays: number;
  readonly queues: readonly QueueSettings[];
  /** The SQL statements that create the journal's tables. */
  readonly migrations: readonly string[];
}

export interface QueueSettings {
  readonly binding: string;
  readonly name: string;
  readonly batchSize: number;
  readonly batchTimeoutMs: number;
}

/** A run of consecutive phone numbers. */
export interface Chunk {
  readonly first: number;
  readonly count: number;
  readonly ofAll: number;
}

/** Counts by unit and source, such as `object_rows_written` by `PHONE_NUMBERS start: put`. */
export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;
