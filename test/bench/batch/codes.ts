import { setTimeout as pause } from "node:timers/promises";
import type { Scene } from "../../e2e/scene.ts";

/** What goes on beside the codes: the batch, nothing, or a change between these, when nobody counts. */
export type Beside = "batch" | "nothing" | "change";

/** Starts verifications at an even pace, one after the other, and keeps how long each caller waited. */
export class Codes {
  readonly #scene: Scene;
  readonly #waitsMs: Record<Beside, number[]> = { batch: [], nothing: [], change: [] };
  #stopped = false;
  beside: Beside = "change";
  /** Calls that had no answer, or not the one that was wanted. */
  failed = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Goes on until it is stopped. */
  async start(everyMs: number): Promise<void> {
    for (let serial = 0; !this.#stopped; serial += 1) {
      const next = pause(everyMs);
      await this.#one(`+628141${String(serial).padStart(7, "0")}`);
      await next;
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  /** How many there were, and how long the one in the middle waited, in milliseconds. */
  waits(beside: Beside): { readonly codes: number; readonly median_ms: number } {
    const sorted = this.#waitsMs[beside].toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
    return { codes: sorted.length, median_ms: Math.round(median * 10) / 10 };
  }

  async #one(to: string): Promise<void> {
    const { beside } = this;
    const from = performance.now();
    const status = await this.#scene
      .api("POST", "/v1/verifications", { to })
      .then((answer) => answer.status)
      .catch(() => null);
    if (beside !== this.beside || beside === "change") return;
    if (status === 201) this.#waitsMs[beside].push(performance.now() - from);
    else this.failed += 1;
  }
}
