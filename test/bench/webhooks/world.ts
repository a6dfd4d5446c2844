import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Miniflare, Response } from "miniflare";
import type { Event } from "../../../src/events/event.ts";
import { Keyring } from "../../../src/platform/keyring.ts";
import { migrate } from "../../world/migrations.ts";
import { startMiniflare, WORKER_NAME } from "../../world/miniflare.ts";
import { buildWorker } from "../../world/project.ts";
import { CREDENTIALS, SECRET_KEY } from "../../world/settings.ts";
import { AUTHORIZATION } from "../harness/services.ts";

/** How a receiver answers a webhook. */
export type Receiver = (body: string, headers: Headers) => Promise<{ readonly status: number }>;

/** Waits until it is ended. */
export const HANGS: Receiver = () => new Promise(() => {});

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
      modules: [{ path: "worker.js", contents: await readFile(main, "utf8") }],
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
    const { id } = await this.#call("POST", "/v1/webhook-endpoints", {
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

  /** Runs a statement on the journal's database. */
  async query(sql: string): Promise<readonly Record<string, unknown>[]> {
    const journal = await this.#journal();
    return (await journal.prepare(sql).run<Record<string, unknown>>()).results;
  }

  async close(): Promise<void> {
    await this.#miniflare?.dispose();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #call(method: string, path: string, body: object): Promise<{ readonly id: string }> {
    const url = new URL(path, await this.#running().unsafeGetDirectURL(WORKER_NAME));
    const headers = { ...AUTHORIZATION, "content-type": "application/json" };
    const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path} responded ${response.status}`);
    return (await response.json()) as { readonly id: string };
  }

  #running(): Miniflare {
    if (this.#miniflare === null) throw new Error("The Worker is not running");
    return this.#miniflare;
  }

  #journal(): ReturnType<Miniflare["getD1Database"]> {
    return this.#running().getD1Database("JOURNAL");
  }
}
