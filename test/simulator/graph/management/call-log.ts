/** A call of the Graph API that is no send. Its path is without the query, which may hold a token. */
export interface ManagementCall {
  method: string;
  path: string;
}

const CALLS_KEPT = 1_000;

/** The last management calls, by which a test sees what a repair or a look at the account costs. */
export class CallLog {
  readonly #calls: ManagementCall[] = [];

  record(call: ManagementCall): void {
    this.#calls.push(call);
    if (this.#calls.length > CALLS_KEPT) this.#calls.shift();
  }

  /** Oldest first; of one method, or of all. */
  calls(method?: string): ManagementCall[] {
    return this.#calls.filter((call) => method === undefined || call.method === method);
  }

  forget(): void {
    this.#calls.length = 0;
  }
}
