/** The accepted sends over WhatsApp, of a template or of all, as `GET /_sim/rate` returns them. */
export interface Rate {
  accepted: number;
  /** The most that were accepted within any second, by the simulator's clock. */
  max_per_second: number;
  recipients: number;
  /** The recipients with more than one message. */
  recipients_repeated: number;
}

const SECOND_MS = 1_000;

/** Counts sends without keeping them, for tests of any size. */
class Tally {
  #accepted = 0;
  #maxPerSecond = 0;
  /** When the sends of the last second were accepted, oldest first. */
  readonly #second: number[] = [];
  readonly #byRecipient = new Map<string, number>();

  count(to: string, nowMs: number): void {
    this.#accepted += 1;
    this.#byRecipient.set(to, (this.#byRecipient.get(to) ?? 0) + 1);
    this.#maxPerSecond = Math.max(this.#maxPerSecond, this.withinSecond(nowMs) + 1);
    this.#second.push(nowMs);
  }

  /** How many were accepted less than a second ago. */
  withinSecond(nowMs: number): number {
    while ((this.#second[0] ?? nowMs) <= nowMs - SECOND_MS) this.#second.shift();
    return this.#second.length;
  }

  rate(): Rate {
    return {
      accepted: this.#accepted,
      max_per_second: this.#maxPerSecond,
      recipients: this.#byRecipient.size,
      recipients_repeated: [...this.#byRecipient.values()].filter((count) => count > 1).length,
    };
  }
}

/** How fast a business sends over WhatsApp, and to whom. Inbound messages, which Meta counts too, are left out. */
export class Traffic {
  #all = new Tally();
  readonly #byTemplate = new Map<string, Tally>();

  /** @param template null for a free-form reply */
  count(to: string, template: string | null, nowMs: number): void {
    this.#all.count(to, nowMs);
    if (template === null) return;
    const tally = this.#byTemplate.get(template) ?? new Tally();
    this.#byTemplate.set(template, tally);
    tally.count(to, nowMs);
  }

  /** Whether another send would exceed a rate per second. */
  isFull(messagesPerSecond: number, nowMs: number): boolean {
    return this.#all.withinSecond(nowMs) >= messagesPerSecond;
  }

  /** Of all sends, or of one template's. */
  rate(template?: string): Rate {
    const tally = template === undefined ? this.#all : this.#byTemplate.get(template);
    return (tally ?? new Tally()).rate();
  }

  forget(): void {
    this.#all = new Tally();
    this.#byTemplate.clear();
  }
}
