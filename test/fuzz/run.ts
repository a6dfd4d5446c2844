import type { ApiDocument } from "./document.ts";
import { violationOf } from "./judge.ts";
import type { Pool } from "./pool.ts";
import type { Answer, FuzzRequest, Line, Silence } from "./request.ts";
import type { Requests } from "./requests.ts";

/** Enough that the Worker never waits for work. */
const AT_ONCE = 24;

/** A request whose answer was not as it should be. */
export interface Finding {
  readonly fault: string;
  readonly request: FuzzRequest;
  readonly answer: Answer | Silence;
}

export interface Outcome {
  readonly requests: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

interface Parts {
  readonly line: Line;
  readonly document: ApiDocument;
  readonly pool: Pool;
  readonly requests: Requests;
}

/** Sends so many requests and judges each answer. */
export async function run({ line, document, pool, requests }: Parts, count: number): Promise<Outcome> {
  const byStatus: Record<string, number> = {};
  const findings: Finding[] = [];
  let sent = 0;
  const client = async () => {
    while (sent < count) {
      sent += 1;
      const request = requests.next();
      const answer = await line.send(request);
      const status = typeof answer === "string" ? answer : String(answer.status);
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      if (typeof answer !== "string") pool.learn(answer.text);
      const fault = violationOf(request, answer, document);
      if (fault !== null) findings.push({ fault, request, answer });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  return { requests: sent, byStatus, findings };
}
