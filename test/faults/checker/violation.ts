/** An invariant of the architecture that did not hold, and what shows it. */
export interface Violation {
  readonly invariant: number;
  readonly description: string;
  /** The number and the verification that it is about; empty where it is about neither, or about all of a number. */
  readonly number: string;
  readonly id: string;
}
