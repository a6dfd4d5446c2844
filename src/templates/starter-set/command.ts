import { type SetUpRow, STARTER_NAMES } from "./starter-set.ts";

export interface SetUpCommand {
  /** Of the deployment, without a path. */
  readonly origin: string;
  /** An API key with the scope `templates`. */
  readonly key: string;
  readonly languages: readonly string[];
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly print: (line: string) => void;
}

/**
 * Creates the starter set through a deployment's API, a call for each template, so that there is a line to
 * print as soon as WhatsApp has answered; then a table of everything.
 *
 * @returns whether WhatsApp has taken all that there are words for
 */
export async function setUpThroughApi(command: SetUpCommand): Promise<boolean> {
  const { languages, print } = command;
  print(`Creating ${STARTER_NAMES.length} templates in ${languages.join(", ")} through ${command.origin}`);
  const rows: SetUpRow[] = [];
  let allTaken = true;
  for (const name of STARTER_NAMES) {
    const answer = await setUpOne(command, name);
    print(`  ${name}: ${typeof answer === "string" ? answer : inShort(answer)}`);
    // Whatever is wrong with the call itself is wrong with the next one.
    if (typeof answer === "string") return false;
    allTaken &&= answer.every(({ status, asked }) => status !== null || !asked);
    rows.push(...answer);
  }
  print("");
  for (const line of table(rows)) print(line);
  return allTaken;
}

interface Answer {
  readonly data?: readonly SetUpRow[];
  /** Of a problem, as are the errors. */
  readonly detail?: string;
  readonly errors?: readonly { readonly detail: string }[];
}

/** What became of a template, or what is wrong with the call. */
async function setUpOne(command: SetUpCommand, name: string): Promise<readonly SetUpRow[] | string> {
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

function inShort(rows: readonly SetUpRow[]): string {
  const groups = Map.groupBy(rows, ({ status }) => status ?? "not created");
  return [...groups]
    .map(([status, those]) => `${status} ${those.map(({ language }) => language).join(", ")}`)
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
