import { Connection } from "./connection.ts";
import { Calls } from "./generated/calls.ts";
import type { SandiOptions } from "./options.ts";

export { type Fault, type ProviderError, SandiError, type SandiErrorCode } from "./error.ts";
export type * from "./generated/types.ts";
export type { List, Page } from "./list.ts";
export type { CallOptions, Fetch, KeyedCallOptions, SandiOptions, Sleep } from "./options.ts";

/**
 * A client of one deployment's API.
 *
 * ```ts
 * const sandi = new Sandi({ url: process.env.SANDI_URL, key: process.env.SANDI_KEY });
 * const { id } = await sandi.verifications.start({ to: "+6281234567890", locale: "id" });
 * const { valid } = await sandi.verifications.check(id, { code: typed });
 * ```
 *
 * Bodies and answers have the names of the API, in snake_case. Calls reject with a `SandiError`.
 */
export class Sandi extends Calls {
  /** @throws TypeError without `url` or `key`. */
  constructor(options: SandiOptions) {
    super(new Connection(options));
  }
}
