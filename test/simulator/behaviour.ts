import * as z from "zod";

const failure = z.strictObject({
  /** The channel of the send; WhatsApp when left out. */
  channel: z.enum(["whatsapp", "sms"]).optional(),
  http_status: z.int().min(400).max(599),
  code: z.int(),
});

/** The behaviour of sends, templates and management calls, as `PUT /_sim/behaviour` accepts it. */
export const behaviourSchema = z.strictObject({
  /** `auto`: each send is reported as sent and delivered, or failed; `manual`: only control calls report. */
  delivery: z.enum(["auto", "manual"]),
  /** `auto`: a template is approved as it is created; `manual`: it is pending until a control call decides. */
  review: z.enum(["auto", "manual"]),
  /** The delay of each response to a send. */
  latency_ms: z.int().min(0).max(60_000),
  /** Each entry fails a single send of its channel. */
  fail_next: z.array(failure).max(1_000),
  /** How many of the next sends over WhatsApp get no response; they take precedence over `fail_next`. */
  hang_next: z.int().min(0).max(1_000),
  /** Sends over WhatsApp above this rate get 130429; null for no limit. */
  messages_per_second: z.int().min(1).nullable(),
  /** Calls of the Graph API that are no sends: `hang` without a response, or `fail` with 503 and code 2. */
  management: z.enum(["work", "hang", "fail"]),
  /** How long a registration of the number takes, whether or not its client waits. */
  register_latency_ms: z.int().min(0).max(60_000),
});

export type Behaviour = z.infer<typeof behaviourSchema>;
export type Channel = NonNullable<z.infer<typeof failure>["channel"]>;

/** The failure of a send call. */
export interface Failure {
  http_status: number;
  code: number;
}

/** The behaviour of a single send call. */
export type Turn = { kind: "hang" } | ({ kind: "fail" } & Failure) | { kind: "work" };

const START: Behaviour = {
  delivery: "auto",
  review: "auto",
  latency_ms: 0,
  fail_next: [],
  hang_next: 0,
  messages_per_second: null,
  management: "work",
  register_latency_ms: 0,
};

/** The current behaviour. Settings for the next sends are consumed by them. */
export class BehaviourScript {
  #current = START;

  get current(): Behaviour {
    return this.#current;
  }

  merge(part: { [K in keyof Behaviour]?: Behaviour[K] | undefined }): void {
    this.#current = behaviourSchema.parse({ ...this.#current, ...part });
  }

  reset(): void {
    this.#current = START;
  }

  nextTurn(): Turn {
    if (this.#current.hang_next > 0) {
      this.#current = { ...this.#current, hang_next: this.#current.hang_next - 1 };
      return { kind: "hang" };
    }
    const failure = this.nextFailure("whatsapp");
    return failure === null ? { kind: "work" } : { kind: "fail", ...failure };
  }

  /** Removes and returns the next failure for a channel. */
  nextFailure(channel: Channel): Failure | null {
    const { fail_next } = this.#current;
    const at = fail_next.findIndex((entry) => (entry.channel ?? "whatsapp") === channel);
    const entry = fail_next[at];
    if (!entry) return null;
    this.#current = { ...this.#current, fail_next: fail_next.toSpliced(at, 1) };
    return { http_status: entry.http_status, code: entry.code };
  }
}
