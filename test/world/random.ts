/** A seeded source of random decisions (mulberry32): the same seed gives the same sequence. */
export class Random {
  #state: number;

  /** @param label Separates the streams of one seed, so that drawing from one stream does not shift another. */
  constructor(seed: number, label = "") {
    this.#state = seed | 0;
    for (const char of label) this.#state = Math.imul(this.#state ^ char.charCodeAt(0), 0x01000193) + 1;
  }

  /** A number from 0 to 1, excluding 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from 0 to `limit`, excluding `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  /** A function that draws indices into `weights`, each as likely as its weight. */
  weighted(weights: readonly number[]): () => number {
    const sums: number[] = [];
    for (const weight of weights) sums.push((sums.at(-1) ?? 0) + weight);
    const total = sums.at(-1) ?? 0;
    return () => {
      const drawn = this.next() * total;
      return sums.findIndex((sum) => drawn < sum);
    };
  }

  /** A shuffled copy (Fisher-Yates). */
  shuffled<T>(list: readonly T[]): T[] {
    const shuffled = [...list];
    for (let last = shuffled.length - 1; last > 0; last -= 1) {
      const index = this.below(last + 1);
      const [a, b] = [shuffled[last], shuffled[index]];
      if (a !== undefined && b !== undefined) [shuffled[last], shuffled[index]] = [b, a];
    }
    return shuffled;
  }

  text(alphabet: string, length: number): string {
    return Array.from({ length }, () => alphabet.charAt(this.below(alphabet.length))).join("");
  }
}
