import { setTimeout as pause } from "node:timers/promises";
import type { LogLine } from "./deployment.ts";
import type { ApiDocument } from "./document.ts";
import { violationOf } from "./judge.ts";
import type { Answer, Connection, FuzzRequest } from "./request.ts";
import type { Finding } from "./run.ts";
import { shrink } from "./shrink.ts";

const MAX_SHOWN = 10;
const MAX_SHOWN_CHARS = 1500;

/** The delay of the Worker's log. */
const LOG_MS = 50;

/** Prints a finding of each kind, at most ten, as the smallest request with the same fault. */
export async function show(
  findings: readonly Finding[],
  connection: Connection,
  document: ApiDocument,
  errors: ReadonlyMap<string, LogLine>,
): Promise<void> {
  const kinds = Map.groupBy(findings, (finding) => kindOf(finding, errors));
  for (const [kind, same] of [...kinds].slice(0, MAX_SHOWN)) {
    const [first] = same;
    if (first === undefined) continue;
    const hasSameFault = async (candidate: FuzzRequest) => {
      const answer = await connection.send(candidate);
      // The log line arrives after the response.
      if (typeof answer !== "string" && answer.status >= 500) await pause(LOG_MS);
      const fault = violationOf(candidate, answer, document);
      return fault !== null && kindOf({ fault, request: candidate, answer }, errors) === kind;
    };
    const smallest = await shrink(first.request, hasSameFault);
    console.log(`\n${kind}: ${same.length} times${smallest === null ? "; not reproduced" : ""}`);
    console.log([...new Set(same.map(({ request }) => nameOf(request)))].join(", "));
    console.log(asHttp(smallest ?? first.request));
    const { answer } = first;
    if (typeof answer === "string") continue;
    console.log(`responded ${answer.status} ${answer.text.slice(0, MAX_SHOWN_CHARS)}`);
    const error = errorOf(answer, errors);
    if (error !== null) console.log(error);
  }
  if (kinds.size > MAX_SHOWN) console.log(`\nand ${kinds.size - MAX_SHOWN} other kinds`);
}

/** Groups findings by fault: by the logged error, else by the problem code, else by the call. */
function kindOf({ fault, request, answer }: Finding, errors: ReadonlyMap<string, LogLine>): string {
  if (typeof answer === "string") return `${fault}, ${nameOf(request)}`;
  const code = /"code":"(\w+)"/.exec(answer.text)?.[1];
  return `${fault}, ${errorOf(answer, errors)?.split("\n")[0] ?? code ?? nameOf(request)}`;
}

function errorOf({ headers }: Answer, errors: ReadonlyMap<string, LogLine>): string | null {
  return errors.get(headers["x-request-id"] ?? "")?.error ?? null;
}

function nameOf({ operation, method, target }: FuzzRequest): string {
  if (operation !== null) return operation.operationId;
  const [, first = "", second = ""] = target.split("?")[0]?.split("/") ?? [];
  return `${method} /${first}/${second.slice(0, 30)}`;
}

/** The request as HTTP, with unprintable characters escaped. */
function asHttp({ method, target, headers, body, signer }: FuzzRequest): string {
  const lines = [
    `${method} ${target}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(signer === null ? [] : ["(signed)"]),
  ];
  const text = body === null ? "" : `\n${JSON.stringify(body.toString("latin1")).slice(1, -1)}`;
  return (
    lines.map((line) => escaped(line).slice(0, MAX_SHOWN_CHARS)).join("\n") + text.slice(0, MAX_SHOWN_CHARS)
  );
}

function escaped(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
