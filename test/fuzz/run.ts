import type { ApiDocument } from "./document.ts";
import type { SignInRequests } from "./generate/sign-in.ts";
import { violationOf } from "./judge.ts";
import type { Pool } from "./pool.ts";
import type { Answer, Connection, FuzzRequest, NoResponse } from "./request.ts";
import type { Requests } from "./requests.ts";

/** Enough to keep the Worker busy. */
const CONCURRENCY = 24;

/** A request with a faulty response. */
export interface Finding {
  readonly fault: string;
  readonly request: FuzzRequest;
  readonly answer: Answer | NoResponse;
}

export interface Outcome {
  readonly requests: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

interface Parts {
  readonly connection: Connection;
  readonly document: ApiDocument;
  readonly pool: Pool;
  readonly requests: Requests;
  readonly signIns: SignInRequests;
}

/** Sends `count` requests and judges each response. */
export async function run(
  { connection, document, pool, requests, signIns }: Parts,
  count: number,
): Promise<Outcome> {
  const byStatus: Record<string, number> = {};
  const findings: Finding[] = [];
  let sent = 0;
  const client = async () => {
    while (sent < count) {
      sent += 1;
      const request = requests.next();
      const answer = await connection.send(request);
      const status = typeof answer === "string" ? answer : String(answer.status);
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      if (typeof answer !== "string") {
        pool.learn(answer.text);
        signIns.learn(answer);
      }
      const fault = violationOf(request, answer, document);
      if (fault !== null) findings.push({ fault, request, answer });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, client));
  return { requests: sent, byStatus, findings };
}
