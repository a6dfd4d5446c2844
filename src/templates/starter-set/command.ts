import { type SetUpRow, STARTER_NAMES } from "./starter-set.ts";

export interface SetUpCommand {
  /** The deployment's URL without a path. */
  readonly origin: string;
  /** An API key with the scope `templates`. */
  readonly key: string;
  readonly languages: readonly string[];
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly print: (line: string) => void;
}

/**
 * Creates the starter set through a deployment's API, one call per template, so that progress can be printed;
 * then prints a table of all results.
 *
 * @returns whether WhatsApp accepted every template that has a text
 */
export async function setUpThroughApi(command: SetUpCommand): Promise<boolean> {
  const { languages, print } = command;
  print(`Creating ${STARTER_NAMES.length} templates in ${languages.join(", ")} through ${command.origin}`);
  const rows: SetUpRow[] = [];
  let allCreated = true;
  for (const name of STARTER_NAMES) {
    const answer = await setUpTemplate(command, name);
    print(`  ${name}: ${typeof answer === "string" ? answer : summary(answer)}`);
    // A fault of the call itself would repeat for every template.
    if (typeof answer === "string") return false;
    allCreated &&= answer.every(({ status, asked }) => status !== null || !asked);
    rows.push(...answer);
  }
  print("");
  for (const line of table(rows)) print(line);
  return allCreated;
}

interface Answer {
  readonly data?: readonly SetUpRow[];
  /** From a problem body, as is `errors`. */
  readonly detail?: string;
  readonly errors?: readonly { readonly detail: string }[];
}

/** The rows of a template, or the fault of the call. */
async function setUpTemplate(command: SetUpCommand, name: string): Promise<readonly SetUpRow[] | string> {
  const { data, detail = "", errors = [] } = await post(command, { templates: [name] });
  return data ?? [detail, ...errors.map((error) => error.detail)].join(" ");
}

async function post({ origin, key, languages, fetch }: SetUpCommand, more: object): Promise<Answer> {
  try {
    const response = await fetch(`${origin}/v1/templates/setup`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ languages, ...more }),
    });
    return (await response.json()) as Answer;
  } catch {
    return { detail: `No deployment answers at ${origin}.` };
  }
}

function summary(rows: readonly SetUpRow[]): string {
  const groups = Map.groupBy(rows, ({ status, waiting }) => status ?? (waiting ? "waiting" : "not created"));
  return [...groups]
    .map(([status, rows]) => `${status} ${rows.map(({ language }) => language).join(", ")}`)
    .join("; ");
}

function table(rows: readonly SetUpRow[]): readonly string[] {
  const cells = [
    ["template", "language", "WhatsApp says"],
    ...rows.map(({ template, language, status, detail }) => [template, language, status ?? detail ?? ""]),
  ];
  const widths = [0, 1].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
