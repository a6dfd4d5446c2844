import { type Account, readUpload } from "./account.ts";

export interface ApiRequest {
  readonly method: string;
  /** Without `/client/v4`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: Buffer<ArrayBuffer>;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: object;
}

/** What the stand-in does besides keeping the account. */
export interface Effects {
  onUpload(): Promise<void>;
  /** Runs SQL on the journal. */
  query(sql: string): Promise<readonly unknown[]>;
}

const PAGE_SIZE = 100;
const CREATED = "2026-11-17T00:00:00.000000Z";

/**
 * Cloudflare's API, as far as wrangler 4.164 uses it for `whoami`, `deploy`, `secret list`, `kv namespace list`,
 * `queues` and `d1 migrations apply`. What it does not know it answers with 404, so that a new wrangler shows.
 */
export async function answer(account: Account, request: ApiRequest, effects: Effects): Promise<ApiAnswer> {
  const { path } = request;
  if (account.denied?.test(path)) return fault(403, 10000, "Authentication error");
  if (account.breaks?.test(`${request.method} ${path}`))
    return fault(500, 10013, "The deploy was interrupted");
  const ofAccount = path.startsWith(`/accounts/${account.id}/`)
    ? path.slice(`/accounts/${account.id}`.length)
    : "";
  return (
    identity(account, path) ??
    (await worker(account, ofAccount, request, effects)) ??
    storage(account, ofAccount, request) ??
    queues(account, ofAccount, request) ??
    (await database(account, ofAccount, request, effects)) ??
    fault(404, 7003, `The stand-in has no route for ${request.method} ${path}`)
  );
}

function identity(account: Account, path: string): ApiAnswer | null {
  switch (path) {
    case "/user/tokens/verify":
      return ok({ id: "token", status: "active" });
    case "/user":
      return ok({ id: "user", email: "team@example.com" });
    case "/accounts":
      return page([{ id: account.id, name: "Acme" }], 1);
    case "/memberships":
      return page([{ account: { id: account.id, name: "Acme" } }], 1);
    default:
      return null;
  }
}

const MISSING_WORKER = fault(404, 10007, "This Worker does not exist on your account.");

async function worker(
  account: Account,
  path: string,
  request: ApiRequest,
  effects: Effects,
): Promise<ApiAnswer | null> {
  if (path === "/workers/subdomain") {
    const { subdomain } = account;
    return subdomain === null
      ? fault(404, 10007, "You do not have a workers.dev subdomain.")
      : ok({ subdomain });
  }
  const [, kind, name = "", rest = ""] =
    /^\/workers\/(services|scripts|workers)\/([\w-]+)\/?(.*)$/.exec(path) ?? [];
  if (kind === undefined) return null;
  const { worker: uploaded } = account;
  const route = `${kind} ${request.method} ${rest}`;
  switch (route) {
    case "scripts PUT ":
      account.worker = await readUpload(name, request.contentType, request.body, uploaded);
      account.uploads += 1;
      await effects.onUpload();
      return ok({ id: name, tag: "tag", etag: "etag", deployment_id: "deployment", startup_time_ms: 12 });
    case "scripts POST assets-upload-session":
      return ok({ jwt: "a.b.c", buckets: [] });
    case "scripts GET deployments":
      return ok({ deployments: [] });
    case "scripts POST subdomain":
      return ok({ enabled: true, previews_enabled: false });
    case "scripts PUT schedules":
      return ok({ schedules: [] });
  }
  if (uploaded === null) {
    return kind === "services"
      ? fault(404, 10090, "This service does not exist on your account.")
      : MISSING_WORKER;
  }
  switch (route) {
    case "services GET ": {
      const script = { last_deployed_from: "wrangler", tag: "tag", compatibility_date: "2026-11-17" };
      return ok({ id: name, default_environment: { environment: "production", script } });
    }
    case "scripts GET settings":
      return ok({ bindings: boundTo(account) });
    case "scripts GET secrets":
      return ok(Object.keys(uploaded.secrets).map((secret) => ({ name: secret, type: "secret_text" })));
    case "workers GET ":
    case "workers PATCH ":
      return ok({
        id: "worker",
        name,
        subdomain: { enabled: true, previews_enabled: false },
        references: {},
      });
    default:
      return null;
  }
}

/** What a later deploy inherits. */
function boundTo({ namespaces, databases, queues: all }: Account): readonly object[] {
  return [
    ...namespaces.map(({ id, name }) => ({
      type: "kv_namespace",
      name: name
        .replace(/^sandi-/, "")
        .replaceAll("-", "_")
        .toUpperCase(),
      namespace_id: id,
    })),
    ...databases.map(({ id }) => ({ type: "d1", name: "JOURNAL", id, database_id: id })),
    ...all.map(({ name }) => ({
      type: "queue",
      name: name
        .replace(/^sandi-/, "")
        .replaceAll("-", "_")
        .toUpperCase(),
      queue_name: name,
    })),
  ];
}

function storage(
  { namespaces }: Account,
  path: string,
  { method, query, body }: ApiRequest,
): ApiAnswer | null {
  if (path !== "/storage/kv/namespaces") return null;
  if (method === "GET") {
    const all = namespaces.map(({ id, name }) => ({ id, title: name, supports_url_encoding: true }));
    return page(all, Number(query.get("page") ?? 1));
  }
  const { title } = jsonOf(body);
  if (namespaces.some(({ name }) => name === title)) {
    return fault(400, 10014, "A namespace with this account ID and title already exists.");
  }
  const id = `${namespaces.length}`.padStart(32, "a");
  namespaces.push({ id, name: String(title) });
  return ok({ id, title });
}

function queues(
  { queues: all }: Account,
  path: string,
  { method, query, body }: ApiRequest,
): ApiAnswer | null {
  if (path === "/queues" && method === "GET") {
    const name = query.get("name");
    return page(
      all.filter((queue) => name === null || queue.name === name).map(toQueue),
      Number(query.get("page") ?? 1),
    );
  }
  if (path === "/queues" && method === "POST") {
    const { queue_name, settings } = jsonOf(body);
    const name = String(queue_name);
    if (all.some((queue) => queue.name === name)) return fault(409, 11009, "Queue name is already taken");
    const queue = { id: `queue${all.length}`, name, settings, consumers: [] };
    all.push(queue);
    return ok(toQueue(queue));
  }
  const [, id, rest] = /^\/queues\/(\w+)(?:\/(consumers))?(?:\/\w+)?$/.exec(path) ?? [];
  const queue = all.find((candidate) => candidate.id === id);
  if (queue === undefined) return null;
  if (rest === "consumers" && method === "POST") {
    const { script_name, type, ...settings } = jsonOf(body);
    const consumer = {
      consumer_id: `${id}consumer`,
      type: String(type),
      script: String(script_name),
      settings,
    };
    queue.consumers.push(consumer);
    return ok(consumer);
  }
  return ok(rest === "consumers" ? queue.consumers : toQueue(queue));
}

function toQueue({ id, name, consumers }: Account["queues"][number]): object {
  return {
    queue_id: id,
    queue_name: name,
    created_on: CREATED,
    modified_on: CREATED,
    consumers,
    consumers_total_count: consumers.length,
    producers: [],
    producers_total_count: 0,
  };
}

async function database(
  { databases }: Account,
  path: string,
  { method, query, body }: ApiRequest,
  effects: Effects,
): Promise<ApiAnswer | null> {
  const toDatabase = ({ id, name }: Account["databases"][number]) => ({
    uuid: id,
    name,
    version: "production",
    num_tables: 0,
  });
  if (path === "/d1/database" && method === "GET") {
    return page(databases.map(toDatabase), Number(query.get("page") ?? 1));
  }
  if (path === "/d1/database") {
    const created = { id: `database${databases.length}`, name: String(jsonOf(body).name) };
    databases.push(created);
    return ok(toDatabase(created));
  }
  const [, id, rest = ""] = /^\/d1\/database\/([\w-]+)(?:\/(\w+))?$/.exec(path) ?? [];
  const found = databases.find((candidate) => candidate.id === id || candidate.name === id);
  if (id === undefined) return null;
  if (found === undefined) return fault(404, 7404, "The database could not be found");
  if (rest !== "query") return ok(toDatabase(found));
  const results = await effects.query(String(jsonOf(body).sql));
  return ok([{ results, success: true, meta: { duration: 1 } }]);
}

function jsonOf(body: Buffer): Record<string, unknown> {
  return JSON.parse(body.toString());
}

function ok(result: unknown, more: object = {}): ApiAnswer {
  return { status: 200, body: { success: true, errors: [], messages: [], result, ...more } };
}

function fault(status: number, code: number, message: string): ApiAnswer {
  return { status, body: { success: false, errors: [{ code, message }], messages: [], result: null } };
}

function page(all: readonly unknown[], number: number): ApiAnswer {
  const items = all.slice((number - 1) * PAGE_SIZE, number * PAGE_SIZE);
  return ok(items, {
    result_info: {
      page: number,
      per_page: PAGE_SIZE,
      count: items.length,
      total_count: all.length,
      total_pages: Math.max(1, Math.ceil(all.length / PAGE_SIZE)),
    },
  });
}
