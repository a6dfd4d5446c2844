import { listen, readBytes, respondJson } from "../network.ts";
import { type Account, emptyAccount, type UploadedWorker } from "./account.ts";
import { answer } from "./api.ts";

/** A stand-in for Cloudflare's API, for the real wrangler. */
export interface Cloudflare {
  readonly account: Account;
  /** The variables with which wrangler calls it. */
  readonly env: Readonly<Record<string, string>>;
  /** Every call, as `GET /accounts/acc/queues`. */
  readonly calls: string[];
  close(): void;
}

export interface CloudflareOptions {
  /** Runs the Worker that was uploaded. */
  readonly onUpload?: (worker: UploadedWorker) => Promise<void>;
  /** Runs SQL on the Worker's journal. */
  readonly query?: (sql: string) => Promise<readonly unknown[]>;
}

const PREFIX = "/client/v4";

export async function startCloudflare(options: CloudflareOptions = {}): Promise<Cloudflare> {
  const account = emptyAccount();
  const calls: string[] = [];
  const effects = {
    async onUpload() {
      if (account.worker !== null) await options.onUpload?.(account.worker);
    },
    query: async (sql: string) => (await options.query?.(sql)) ?? [],
  };
  const server = await listen(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://cloudflare.test");
    const path = pathname.slice(PREFIX.length);
    calls.push(`${request.method} ${path}`);
    const body = await readBytes(request);
    const contentType = request.headers["content-type"] ?? "";
    const method = request.method ?? "GET";
    const { status, body: json } = await answer(
      account,
      { method, path, query: searchParams, contentType, body },
      effects,
    );
    respondJson(response, status, json);
  });
  return {
    account,
    env: {
      CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${server.port}${PREFIX}`,
      CLOUDFLARE_API_TOKEN: "cloudflare-test-token",
      CLOUDFLARE_ACCOUNT_ID: account.id,
    },
    calls,
    close: server.close,
  };
}
