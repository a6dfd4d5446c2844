/** Authentication templates of the starter set that Meta does not allow the account yet. */
export interface Waiting {
  /** WhatsApp's language codes by template, the most needed template first. */
  readonly templates: Readonly<Record<string, readonly string[]>>;
  /** When Meta refused the first of them, and when one was last tried, in milliseconds since the epoch. */
  readonly since: number;
  readonly triedAt: number;
}

/** Adds a template that Meta has just refused. */
export function addWaiting(
  waiting: Waiting | null,
  name: string,
  languages: readonly string[],
  now: number,
): Waiting {
  const { templates = {}, since = now } = waiting ?? {};
  const all = [...new Set([...(templates[name] ?? []), ...languages])];
  return { templates: Object.assign({}, templates, { [name]: all }), since, triedAt: now };
}

/** Leaves out the languages that WhatsApp has by now; null when nothing waits any more. */
export function stillWaiting(
  waiting: Waiting | null,
  exists: (name: string, language: string) => boolean,
): Waiting | null {
  if (waiting === null) return null;
  const rest = Object.entries(waiting.templates)
    .map(([name, languages]) => [name, languages.filter((language) => !exists(name, language))] as const)
    .filter(([, languages]) => languages.length > 0);
  return rest.length === 0 ? null : Object.assign({}, waiting, { templates: Object.fromEntries(rest) });
}
