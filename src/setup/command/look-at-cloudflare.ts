import { readJson } from "../../platform/json.ts";
import type { CloudflareFindings, QueueFound, UsageFound, WebAnswer } from "../cloudflare-findings.ts";
import type { Fetch } from "../graph.ts";
import { isDenied, jsonIn, secretNamesIn } from "../steps/wrangler-output.ts";
import { WEBHOOK_PATH } from "../webhook-address.ts";

/** One run of wrangler without a terminal; neither stream has color. */
export type RunWrangler = (args: readonly string[]) => Promise<{
  readonly code: number;
  readonly stdout: string;
  readonly output: string;
}>;

export interface LookAtCloudflare {
  readonly run: RunWrangler;
  readonly fetch: Fetch;
  /** The deployment's origin; null where it is not known. */
  readonly url: string | null;
  readonly usage: UsageFound | null;
}

/** Asks wrangler and the deployment's address, side by side. Nothing is changed. */
export async function lookAtCloudflare(look: LookAtCloudflare): Promise<CloudflareFindings> {
  const { run, url, usage } = look;
  const [account, health, webhook] = await Promise.all([
    lookAtAccount(run),
    url === null ? null : healthOf(look, url),
    url === null ? null : webhookOf(look, url),
  ]);
  return Object.assign(account, { usage, health, webhook });
}

type AccountFindings = Omit<CloudflareFindings, "usage" | "health" | "webhook">;

async function lookAtAccount(run: RunWrangler): Promise<AccountFindings> {
  const { code, stdout } = await run(["whoami", "--json"]);
  const { loggedIn } = (jsonIn(stdout) ?? {}) as { readonly loggedIn?: boolean };
  const nothing = { hasSubdomain: null, secretNames: null, pendingMigrations: null, queues: null };
  if (code !== 0 || loggedIn !== true) {
    return Object.assign({ isLoggedIn: false, missingPermissions: [] }, nothing);
  }
  const [secrets, migrations, queues] = await Promise.all([
    run(["secret", "list"]),
    run(["d1", "migrations", "list", "JOURNAL", "--remote"]),
    run(["queues", "list"]),
  ]);
  const denied = [
    { run: secrets, permission: "Workers Scripts: edit" },
    { run: migrations, permission: "D1: edit" },
    { run: queues, permission: "Queues: edit" },
  ];
  return {
    isLoggedIn: true,
    missingPermissions: denied
      .filter(({ run: { code, output } }) => code !== 0 && isDenied(output))
      .map(({ permission }) => permission),
    hasSubdomain: null,
    secretNames: secrets.code === 0 ? secretNamesIn(secrets.stdout) : null,
    pendingMigrations: migrations.code === 0 ? pendingIn(migrations.stdout) : null,
    queues: queues.code === 0 ? queuesIn(queues.stdout) : null,
  };
}

function pendingIn(stdout: string): readonly string[] {
  return [...new Set(stdout.match(/\d{4}_\w+\.sql/g) ?? [])];
}

/** The rows of wrangler's table: id, name, two times, producers, consumers. */
function queuesIn(stdout: string): readonly QueueFound[] {
  return stdout.split("\n").flatMap((line) => {
    const cells = line.split("│").map((cell) => cell.trim());
    const [, , name, , , , consumers] = cells;
    if (name === undefined || name === "name" || cells.length < 7) return [];
    return [{ name, consumers: /^\d+$/.test(consumers ?? "") ? Number(consumers) : null }];
  });
}

function healthOf({ fetch }: LookAtCloudflare, url: string): Promise<WebAnswer> {
  return ask(fetch, `${url}/health`, (response, text) => {
    const { status } = (readJson(text) ?? {}) as { readonly status?: unknown };
    return response.status === 200 && status === "ok";
  });
}

/** Without a token it is no handshake, so the deployment does not take it for one of Meta's. */
function webhookOf({ fetch }: LookAtCloudflare, url: string): Promise<WebAnswer> {
  return ask(
    fetch,
    `${url}${WEBHOOK_PATH}`,
    (response) => response.headers.get("content-type")?.startsWith("application/problem+json") === true,
  );
}

const TIMEOUT_MS = 10_000;

async function ask(
  fetch: Fetch,
  url: string,
  isOurs: (response: Response, text: string) => boolean,
): Promise<WebAnswer> {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    const location = response.headers.get("location");
    return {
      kind: "answered",
      status: response.status,
      redirectHost: location === null ? null : (URL.parse(location, url)?.host ?? null),
      isOurs: isOurs(response, await response.text()),
    };
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    return { kind: "unreachable", reason: isLate ? "it does not answer in time" : "it cannot be reached" };
  }
}
