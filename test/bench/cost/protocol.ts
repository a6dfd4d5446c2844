/** What is counted: everything that Cloudflare has a price for. */
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

/** What is counted besides: how long objects wait for something, in milliseconds. */
export type Counted = Unit | "object_waited_ms";

/** How a verification goes. */
export type Story = "whatsapp" | "sms";

/** What the driver is told before it begins. */
export interface Setup {
  readonly story: Story;
  /** Whether each start names the user's address and an account. */
  readonly namesUser: boolean;
  /** Webhook endpoints that want every event. */
  readonly endpoints: number;
  /** How many numbers share a range. */
  readonly numbersPerRange: number;
  /** From one start to the next. */
  readonly everyMs: number;
  /** How long the journal keeps what has closed. */
  readonly retentionDays: number;
  readonly queues: readonly QueueSettings[];
  /** The statements that make the journal's tables. */
  readonly migrations: readonly string[];
}

export interface QueueSettings {
  readonly binding: string;
  readonly name: string;
  readonly batchSize: number;
  readonly batchTimeoutMs: number;
}

/** Numbers from a place among all on. */
export interface Portion {
  readonly first: number;
  readonly count: number;
  readonly ofAll: number;
}

/** Counts by unit and by where they come from: `object_rows_written` by `PhoneNumber.start put`. */
export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;
