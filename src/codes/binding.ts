/** What a code is good for, and nothing else: a payment's amount and payee (PSD2 RTS article 5). */
export interface Binding {
  readonly amount: string;
  readonly currency: string;
  readonly payee: string;
}
