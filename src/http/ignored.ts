/** Keeps the header short, however many parameters a request has. */
const MOST_NAMED = 20;

/**
 * The header that names the parameters which a compatible API accepted and which have no effect; no header without any.
 *
 * @param names Without control characters and commas.
 */
export function ignoredHeader(names: readonly string[]): Readonly<Record<string, string>> {
  return names.length === 0 ? {} : { "sandi-ignored": names.slice(0, MOST_NAMED).join(", ") };
}
