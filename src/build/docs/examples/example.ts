/** By operation and status, a body as the call answers it; null for an answer without one. */
export type Answers = Readonly<Record<string, Readonly<Record<number, object | null>>>>;
