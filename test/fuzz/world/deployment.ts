import { readFile } from "node:fs/promises";
import type { Request, Response } from "miniflare";
import { type Journal, migrate } from "../../e2e/migrate.ts";
import { platform } from "./platform.ts";
import { ADMIN_KEY, VALUES } from "./settings.ts";

/** What the Worker wrote to its log. */
export interface LogLine {
  readonly level?: string;
  readonly requestId?: string;
  readonly error?: string;
}

/** The built Worker with the platform around it, reached at workerd's own socket. */
export interface Deployment {
  readonly port: number;
  /** The id of a webhook endpoint that hears of everything. */
  readonly endpoint: string;
  /** What its log said of requests that failed, by their ids. */
  readonly faults: ReadonlyMap<string, LogLine>;
  close(): Promise<void>;
}

/**
 * Starts the Worker.
 *
 * @param main Its bundle.
 * @param outside Answers what it asks the world: WhatsApp, the SMS gateway, the team's endpoints.
 */
export async function deploy(
  main: string,
  outside: (request: Request) => Promise<Response>,
): Promise<Deployment> {
  const faults = new Map<string, LogLine>();
  const miniflare = platform({
    modules: [{ path: "worker.js", contents: await readFile(main, "utf8") }],
    values: VALUES,
    outside,
    onLog: (line) => keepFault(line, faults),
  });
  const { JOURNAL } = await miniflare.getBindings<{ JOURNAL: Journal }>();
  await migrate(JOURNAL);
  const url = await miniflare.unsafeGetDirectURL("sandi");
  const endpoint = await subscribe(url);
  return { port: Number(url.port), endpoint, faults, close: () => miniflare.dispose() };
}

/** Without an endpoint that wants them, most events come nowhere near the queue. */
async function subscribe(api: URL): Promise<string> {
  const response = await fetch(new URL("/v1/webhook-endpoints", api), {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ url: "https://hooks.example.com/everything" }),
  });
  if (response.status !== 201) throw new Error(`No endpoint was made: ${response.status}`);
  return ((await response.json()) as { readonly id: string }).id;
}

const FAULTS_KEPT = 1000;

function keepFault(text: string, faults: Map<string, LogLine>): void {
  if (!text.startsWith("{") || faults.size >= FAULTS_KEPT) return;
  try {
    const line = JSON.parse(text) as LogLine;
    const isFault = line.level === "error" && line.error !== undefined;
    if (isFault && line.requestId !== undefined) faults.set(line.requestId, line);
  } catch {
    // Not one of ours.
  }
}
