/** A violated invariant, with what shows it. */
export interface Violation {
  readonly invariant: number;
  readonly description: string;
  /** The number and the verification concerned, or empty. */
  readonly number: string;
  readonly id: string;
}
