import { setTimeout as pause } from "node:timers/promises";
import type { LogLine } from "./deployment.ts";
import type { ApiDocument } from "./document.ts";
import { violationOf } from "./judge.ts";
import type { Answer, FuzzRequest, Line } from "./request.ts";
import type { Finding } from "./run.ts";
import { shrink } from "./shrink.ts";

const MOST_SHOWN = 10;
const LONGEST_SHOWN = 1500;

/** How long the Worker's log may take to get here. */
const LOG_MS = 50;

/** Shows one finding of each kind, at most ten, each as the smallest request that has the same fault. */
export async function show(
  findings: readonly Finding[],
  line: Line,
  document: ApiDocument,
  faults: ReadonlyMap<string, LogLine>,
): Promise<void> {
  const kinds = Map.groupBy(findings, (finding) => kindOf(finding, faults));
  for (const [kind, same] of [...kinds].slice(0, MOST_SHOWN)) {
    const [first] = same;
    if (first === undefined) continue;
    const hasSameFault = async (candidate: FuzzRequest) => {
      const answer = await line.send(candidate);
      // Its log comes another way.
      if (typeof answer !== "string" && answer.status >= 500) await pause(LOG_MS);
      const fault = violationOf(candidate, answer, document);
      return fault !== null && kindOf({ fault, request: candidate, answer }, faults) === kind;
    };
    const smallest = await shrink(first.request, hasSameFault);
    console.log(`\n${kind}: ${same.length} times${smallest === null ? "; it did not come again" : ""}`);
    console.log([...new Set(same.map(({ request }) => nameOf(request)))].join(", "));
    console.log(written(smallest ?? first.request));
    const { answer } = first;
    if (typeof answer === "string") continue;
    console.log(`answered ${answer.status} ${answer.text.slice(0, LONGEST_SHOWN)}`);
    const error = errorOf(answer, faults);
    if (error !== null) console.log(error);
  }
  if (kinds.size > MOST_SHOWN) console.log(`\nand ${kinds.size - MOST_SHOWN} other kinds`);
}

/** The same for the same fault of the Worker: by what its log says, else by what it answered. */
function kindOf({ fault, request, answer }: Finding, faults: ReadonlyMap<string, LogLine>): string {
  if (typeof answer === "string") return `${fault}, ${nameOf(request)}`;
  const code = /"code":"(\w+)"/.exec(answer.text)?.[1];
  return `${fault}, ${errorOf(answer, faults)?.split("\n")[0] ?? code ?? nameOf(request)}`;
}

function errorOf({ headers }: Answer, faults: ReadonlyMap<string, LogLine>): string | null {
  return faults.get(headers["x-request-id"] ?? "")?.error ?? null;
}

function nameOf({ operation, method, target }: FuzzRequest): string {
  if (operation !== null) return operation.operationId;
  const [, first = "", second = ""] = target.split("?")[0]?.split("/") ?? [];
  return `${method} /${first}/${second.slice(0, 30)}`;
}

/** As HTTP has it, with what is not printable escaped. */
function written({ method, target, headers, body, signer }: FuzzRequest): string {
  const lines = [
    `${method} ${target}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(signer === null ? [] : ["(signed)"]),
  ];
  const text = body === null ? "" : `\n${JSON.stringify(body.toString("latin1")).slice(1, -1)}`;
  return lines.map((one) => escaped(one).slice(0, LONGEST_SHOWN)).join("\n") + text.slice(0, LONGEST_SHOWN);
}

function escaped(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
