import { readJson } from "../../platform/json.ts";
import { isLoopbackHost } from "../../platform/secure-url.ts";
import type { CheckId } from "../checks/ids.ts";
import { CHECKS } from "../checks/index.ts";
import { type CheckResult, examine } from "../examination.ts";
import type { Findings, SettingsFindings } from "../findings.ts";
import { Graph, type GraphOptions } from "../graph.ts";
import { lookAtMeta } from "../look.ts";
import { repair } from "../repairs/index.ts";
import { type RepairOutcome, sentenceOf } from "../repairs/repair.ts";

/** Where the checks are made: in a deployment, or here, with the project's own settings. */
export interface DoctorSource {
  /** What was asked, for the heading. */
  readonly name: string;
  /** The deployment's origin; null where none is known. */
  readonly url: string | null;
  /** False for a deployment or an account on this machine. */
  readonly isRemote: boolean;
  look(): Promise<readonly CheckResult[] | Trouble>;
  repair(ids: readonly CheckId[], mayTakeOver: boolean): Promise<readonly RepairRow[] | Trouble>;
  /** The codes of the last day; null where they are not counted. */
  codesToday(): Promise<number | null>;
}

/** Why nothing could be examined, in a sentence. */
export interface Trouble {
  readonly trouble: string;
  /** True where the deployment did not answer at all. */
  readonly isUnreachable: boolean;
}

/** What became of one repair, as the API spells it. */
export interface RepairRow {
  readonly check: CheckId;
  readonly outcome: RepairOutcome["kind"];
  readonly sentence: string | null;
  readonly pin: string | null;
}

export function isOnThisMachine(url: string): boolean {
  return isLoopbackHost(URL.parse(url)?.hostname ?? "");
}

export function isTrouble(value: object): value is Trouble {
  return "trouble" in value;
}

interface DeploymentAt {
  readonly url: string;
  readonly key: string;
  readonly fetch: GraphOptions["fetch"];
}

/** Longer than a registration of a number at Meta. */
const TIMEOUT_MS = 90_000;

/** Asks a deployment for its checks. */
export function deploymentSource({ url, key, fetch }: DeploymentAt): DoctorSource {
  async function call<T>(method: "GET" | "POST", path: string, body?: object): Promise<T | Trouble> {
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: "manual",
      });
      const answer = readJson(await response.text());
      if (response.status === 200 && answer !== null) return answer as T;
      return { trouble: troubleOf(response.status, url, answer), isUnreachable: false };
    } catch {
      return { trouble: `No deployment answers at ${url}.`, isUnreachable: true };
    }
  }
  return {
    name: url,
    url,
    isRemote: !isOnThisMachine(url),
    async look() {
      const answer = await call<{ readonly checks: readonly CheckResult[] }>("GET", "/v1/doctor?fresh=true");
      return isTrouble(answer) ? answer : answer.checks;
    },
    async repair(checks, mayTakeOver) {
      const body = { checks, take_over: mayTakeOver };
      const answer = await call<{ readonly data: readonly RepairRow[] }>("POST", "/v1/doctor/repairs", body);
      return isTrouble(answer) ? answer : answer.data;
    },
    async codesToday() {
      const answer = await call<{ readonly data: readonly { readonly started: number }[] }>(
        "GET",
        "/v1/stats",
      );
      if (isTrouble(answer)) return null;
      return answer.data.reduce((total, { started }) => total + started, 0);
    },
  };
}

function troubleOf(status: number, url: string, answer: unknown): string {
  if (status === 401) return `SANDI_KEY is not a key of the deployment at ${url}.`;
  if (status === 403) return "SANDI_KEY lacks the scope admin: take ADMIN_KEY, or a key with that scope.";
  if (status === 404) return `The deployment at ${url} has no doctor: deploy the present version.`;
  const { detail } = (answer ?? {}) as { readonly detail?: unknown };
  return typeof detail === "string" ? detail : `The deployment at ${url} answers ${status}.`;
}

interface LocalSettings {
  readonly settings: SettingsFindings;
  readonly graph: GraphOptions;
  readonly verifyToken: string;
  readonly newPin: () => string;
}

/** Asks Meta with the project's own settings. What only a deployment remembers is not examined. */
export function localSource({ settings, graph, verifyToken, newPin }: LocalSettings): DoctorSource {
  async function find(): Promise<Findings> {
    const meta = await lookAtMeta(new Graph(graph), settings);
    return { now: Date.now(), settings, meta, memory: null, platform: null, cloudflare: null };
  }
  return {
    name: "the settings of this project",
    url: settings.publicUrl,
    isRemote: !isOnThisMachine(graph.baseUrl),
    async look() {
      return examine(await find(), CHECKS).checks;
    },
    async repair(ids, mayTakeOver) {
      const rows: RepairRow[] = [];
      for (const id of ids) {
        const findings = await find();
        const tools = { graph: new Graph(graph), verifyToken, mayTakeOver, newPin };
        const outcome = await repair(id, examine(findings, CHECKS), findings, tools);
        rows.push(toRow(id, outcome));
      }
      return rows;
    },
    codesToday: () => Promise.resolve(null),
  };
}

function toRow(check: CheckId, outcome: RepairOutcome): RepairRow {
  return {
    check,
    outcome: outcome.kind,
    sentence: sentenceOf(outcome),
    pin: outcome.kind === "repaired" ? (outcome.secret ?? null) : null,
  };
}
