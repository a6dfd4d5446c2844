import type { History } from "../history.ts";
import { sixDigitsIn } from "../secrets.ts";
import type { Traces } from "./traces.ts";
import type { Violation } from "./violation.ts";

/** Invariants 4 and 5: no plaintext codes, and no full numbers in the log, the journal or file names. */
export function checkLeaks(history: History, { codes }: Traces): Violation[] {
  const found: Violation[] = history.leaks.map(({ what, where, excerpt }) => ({
    invariant: what === "code" ? 4 : 5,
    number: "",
    id: "",
    description: `A ${what === "code" ? "code" : "full number"} in ${where}: ${excerpt}`,
  }));
  const leaked = (number: string, digits: readonly string[], where: string) => {
    const code = digits.find((run) => codes.get(number)?.has(run));
    if (code !== undefined)
      found.push({ invariant: 4, description: `The code ${code} in ${where}`, number, id: "" });
  };
  for (const { number, operation, sixDigits } of history.calls)
    leaked(number, sixDigits, `the answer to a ${operation}`);
  for (const { id, body } of history.events.values()) {
    const { data } = JSON.parse(body) as { data: { to?: string } };
    leaked(data.to ?? "", sixDigitsIn(body), `the event ${id}`);
  }
  const numbers = new Map(history.messages.map(({ number, reference }) => [reference.split(".")[0], number]));
  for (const row of history.journal) {
    leaked(numbers.get(row.id) ?? "", sixDigitsIn(JSON.stringify(row)), `the journal's row ${row.id}`);
  }
  const everyCode = new Set([...codes.values()].flatMap((known) => [...known]));
  const logged = [...history.logged].filter((run) => everyCode.has(run));
  found.push(
    ...logged.map((code) => ({
      invariant: 4,
      description: `The code ${code} in the log`,
      number: "",
      id: "",
    })),
  );
  return found;
}
