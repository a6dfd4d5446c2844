import * as z from "zod";

/** How the simulator behaves towards sends, as `PUT /_sim/behaviour` takes it. */
export const behaviourSchema = z.strictObject({
  /** `auto`: sent and delivered (or failed) follow each send; `manual`: only what a control call asks for. */
  delivery: z.enum(["auto", "manual"]),
  /** Added before each send is answered. */
  latency_ms: z.int().min(0).max(60_000),
  /** One entry answers one send call, then is gone. */
  fail_next: z.array(z.strictObject({ http_status: z.int().min(400).max(599), code: z.int() })).max(1_000),
  /** So many sends get no answer at all; they come before `fail_next`. */
  hang_next: z.int().min(0).max(1_000),
});

export type Behaviour = z.infer<typeof behaviourSchema>;

/** What is to happen to one send call. */
export type Turn = { kind: "hang" } | { kind: "fail"; http_status: number; code: number } | { kind: "work" };

const START: Behaviour = { delivery: "auto", latency_ms: 0, fail_next: [], hang_next: 0 };

/** The current behaviour; what is meant for the next sends is used up by them. */
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
    const [failure, ...rest] = this.#current.fail_next;
    if (failure) {
      this.#current = { ...this.#current, fail_next: rest };
      return { kind: "fail", ...failure };
    }
    return { kind: "work" };
  }
}
