import type { Templates } from "../templates.ts";
import { starter } from "./starter-set.ts";

/** One line of the table that setting up ends in. */
export interface SetUpRow {
  readonly template: string;
  readonly language: string;
  /** False where there are no words to ask with. */
  readonly asked: boolean;
  /** WhatsApp's word; null where it did not take the template, or was not asked. */
  readonly status: string | null;
  /** Why not. */
  readonly detail: string | null;
}

/** Creates templates of the starter set. Harmless to repeat: what is there already stays. */
export async function setUp(
  templates: Templates,
  names: readonly string[],
  languages: readonly string[],
): Promise<readonly SetUpRow[]> {
  const rows: SetUpRow[] = [];
  // One after the other: WhatsApp takes a hundred creations an hour, and the first ones matter most.
  for (const name of names) rows.push(...(await setUpOne(templates, name, languages)));
  return rows;
}

async function setUpOne(
  templates: Templates,
  name: string,
  languages: readonly string[],
): Promise<SetUpRow[]> {
  const { draft, wordless } = starter(name, languages);
  const written = draft === null ? [] : await templates.put(name, draft);
  return [
    ...written.map((one) => ({
      template: name,
      language: one.language,
      asked: true,
      ...(one.kind === "refused"
        ? { status: null, detail: one.problem.extras.detail ?? null }
        : { status: one.status, detail: null }),
    })),
    ...wordless.map((language) => ({
      template: name,
      language,
      asked: false,
      status: null,
      detail: `There are no words for it in this language yet. Bring your own: PUT /v1/templates/${name}`,
    })),
  ];
}
