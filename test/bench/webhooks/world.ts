import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Miniflare, Response } from "miniflare";
import type { Event } from "../../../src/events/event.ts";
import { Keyring } from "../../../src/platform/keyring.ts";
import type { BatchSettings } from "../../../src/webhook-endpoints/batch-settings.ts";
import { migrate } from "../../world/migrations.ts";
import { startMiniflare, WORKER_NAME } from "../../world/miniflare.ts";
import { buildWorker } from "../../world/project.ts";
import { CREDENTIALS, SECRET_KEY } from "../../world/settings.ts";
import { AUTHORIZATION } from "../harness/services.ts";

/** How a receiver answers a webhook. */
export type Receiver = (body: string, headers: Headers) => Promise<{ readonly status: number }>;

/**
 * The built Worker with two calls of its own for a lane: to hand over events, without the journal that takes as long in
 * the same thread, and to tell the rows that SQLite has changed for it, alarms included.
 */
const ENTRY = `import worker, { EndpointLane as Lane } from "./worker.js";
export * from "./worker.js";
export class EndpointLane extends Lane {
  rows() {
    const { kv, sql } = this.ctx.storage;
    return { changed: sql.exec("SELECT total_changes() AS count").one().count, left: [...kv.list()].length };
  }
}
export default Object.assign({}, worker, {
  async fetch(request, env, context) {
    const [, bench, call, id] = new URL(request.url).pathname.split("/");
    if (bench !== "bench") return worker.fetch(request, env, context);
    const lane = env.ENDPOINT_LANES.getByName(id + "/0");
    if (call === "rows") return Response.json(await lane.rows());
    const { events, settings } = await request.json();
    await lane.add(events, settings);
    return Response.json({});
  },
});
`;

/** Rows of a lane's storage: those written so far, and those that are there and will be deleted. */
export interface LaneRows {
  readonly changed: number;
  readonly left: number;
}

/** Waits until it is ended. */
export const HANGS: Receiver = () => new Promise(() => {});

/** Longer than any round takes. */
const TIMEOUT_MS = 120_000;
const POLL_MS = 5;

/** Resolves when events have arrived. Throws after a while, because one that is lost never does. */
export async function arrivalOf(what: string, haveArrived: () => boolean): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (!haveArrived()) {
    if (performance.now() > deadline) throw new Error(`Not all ${what} have arrived`);
    await pause(POLL_MS);
  }
}

/** The built Worker in workerd, with the D1 and the queues of miniflare, and the receivers of its webhooks. */
export class WebhookWorld {
  readonly keyring = new Keyring(SECRET_KEY);
  readonly #receivers = new Map<string, Receiver>();
  readonly #directory: string;
  #miniflare: Miniflare | null = null;
  #batches = 0;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(): Promise<WebhookWorld> {
    const world = new WebhookWorld(await mkdtemp(join(tmpdir(), "sandi-webhooks-")));
    const main = await buildWorker(world.#directory);
    world.#miniflare = startMiniflare({
      modules: [
        { path: "entry.js", contents: ENTRY },
        { path: "worker.js", contents: await readFile(main, "utf8") },
      ],
      values: CREDENTIALS,
      outside: async (request) => {
        const receiver = world.#receivers.get(new URL(request.url).hostname);
        if (receiver === undefined) return new Response(null, { status: 404 });
        const headers = new Headers([...request.headers]);
        const { status } = await receiver(await request.text(), headers);
        return new Response(null, { status });
      },
    });
    await migrate(await world.#journal());
    return world;
  }

  /** Registers an endpoint. Returns its id. */
  async register(host: string, receiver: Receiver, settings: object = {}): Promise<string> {
    this.#receivers.set(host, receiver);
    const { id } = await this.#call<{ readonly id: string }>("POST", "/v1/webhook-endpoints", {
      url: `https://${host}/hooks`,
      ...settings,
    });
    return id;
  }

  async update(id: string, changes: object): Promise<void> {
    await this.#call("PATCH", `/v1/webhook-endpoints/${id}`, changes);
  }

  /** Hands events to the consumer of their queue. Resolves when they are stored and on their way to endpoints. */
  async handOver(events: readonly Event[]): Promise<void> {
    const worker = await this.#running().getWorker(WORKER_NAME);
    this.#batches += 1;
    const messages = events.map((body, place) => ({
      id: `${this.#batches}-${place}`,
      timestamp: new Date(),
      attempts: 1,
      body,
    }));
    const { outcome, ackAll, explicitAcks } = await worker.queue("sandi-events", messages);
    if (outcome !== "ok" || !(ackAll || explicitAcks.length === events.length)) {
      throw new Error(`A batch of events was not consumed: ${outcome}`);
    }
  }

  /** Hands events to the lane of an endpoint, as the consumer does. Resolves when they are stored. */
  async handToLane(id: string, events: readonly Event[], settings: BatchSettings): Promise<void> {
    await this.#call("POST", `/bench/add/${id}`, { events, settings });
  }

  async laneRows(id: string): Promise<LaneRows> {
    return this.#call("POST", `/bench/rows/${id}`, {});
  }

  /** Runs a statement on the journal's database. */
  async query(sql: string): Promise<readonly Record<string, unknown>[]> {
    const journal = await this.#journal();
    return (await journal.prepare(sql).run<Record<string, unknown>>()).results;
  }

  async close(): Promise<void> {
    await this.#miniflare?.dispose();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #call<Answer>(method: string, path: string, body: object): Promise<Answer> {
    const url = new URL(path, await this.#running().unsafeGetDirectURL(WORKER_NAME));
    const headers = { ...AUTHORIZATION, "content-type": "application/json" };
    const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path} responded ${response.status}`);
    return (await response.json()) as Answer;
  }

  #running(): Miniflare {
    if (this.#miniflare === null) throw new Error("The Worker is not running");
    return this.#miniflare;
  }

  #journal(): ReturnType<Miniflare["getD1Database"]> {
    return this.#running().getD1Database("JOURNAL");
  }
}
