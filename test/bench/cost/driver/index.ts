/**
 * Runs in workerd in place of the Worker and drives it: calls its handlers as the platform does, and advances a
 * simulated clock from one event to the next. Everything runs in one real Durable Object, whose SQLite is D1.
 */
// These two replace globals that the Worker uses, so they are loaded before it.
import "./timeline.ts";
import "./providers.ts";
import { DurableObject } from "cloudflare:workers";
import type { Chunk, Setup } from "../protocol.ts";
import { allCounts, expectNoErrors, resetCounts } from "./counts.ts";
import { createTables, useSql } from "./database.ts";
import { consume, request, scheduled, setUpBindings } from "./invoke.ts";
import { openQueues } from "./queues.ts";
import { AUTHORIZATION, DAILY, Run } from "./run.ts";

interface DriverEnv {
  readonly DRIVER: DurableObjectNamespace<Driver>;
}

/** Kept outside the object, whose instance the platform may evict between requests. */
let run: Run | null = null;

export class Driver extends DurableObject<DriverEnv> {
  override async fetch(call: Request): Promise<Response> {
    useSql(this.ctx.storage.sql);
    const { pathname } = new URL(call.url);
    if (pathname === "/set-up") {
      run = await setUp(await call.json<Setup>(), this.env as unknown as Env);
      return new Response();
    }
    const current = run;
    if (current === null) throw new Error("The driver is not set up");
    if (pathname === "/run") {
      const chunk = await call.json<Chunk>();
      // One commit for all statements; one for each would take as long as the rest of the run.
      await this.ctx.storage.transaction(() => current.start(chunk));
      expectNoErrors();
      return new Response();
    }
    await current.finish();
    expectNoErrors();
    return Response.json(allCounts());
  }
}

async function setUp(setup: Setup, env: Env): Promise<Run> {
  setUpBindings(env);
  await createTables(setup.migrations);
  openQueues(setup.queues, consume);
  for (let place = 0; place < setup.endpoints; place += 1) {
    const body = JSON.stringify({ url: `https://hooks.example.com/${place}`, batch: setup.batch });
    const { status } = await request("POST", "/v1/webhook-endpoints", AUTHORIZATION, body);
    if (status !== 201) throw new Error(`The creation of a webhook endpoint was answered with ${status}`);
  }
  // What a new deployment does once, such as the journal's first tables.
  await scheduled(DAILY);
  resetCounts();
  return new Run(setup);
}

export default {
  async fetch(call, { DRIVER }) {
    try {
      return await DRIVER.getByName("driver").fetch(call);
    } catch (error) {
      return new Response(String(error instanceof Error ? error.stack : error), { status: 500 });
    }
  },
} satisfies ExportedHandler<DriverEnv>;
