/**
 * Stands in the Worker's place and drives it: calls its handlers as the platform does, and goes from one thing
 * that happens to the next without waiting for the clock. All of it in one real object, whose SQLite is D1's.
 */
import "./clock.ts";
import "./faults.ts";
import "./outside.ts";
import { DurableObject } from "cloudflare:workers";
import type { Portion, Setup } from "../protocol.ts";
import { setUpBindings } from "./bindings.ts";
import { allCounts, resetCounts } from "./counts.ts";
import { createTables, useSql } from "./database.ts";
import { expectNoFaults } from "./faults.ts";
import { consume, request } from "./invoke.ts";
import { openQueues } from "./queues.ts";
import { Run } from "./run.ts";
import { AUTHORIZATION } from "./story.ts";

interface DriverEnv {
  readonly DRIVER: DurableObjectNamespace<Driver>;
}

/** Outlives the object, which the platform takes out of memory now and then; its SQLite stays. */
let run: Run | null = null;

export class Driver extends DurableObject<DriverEnv> {
  override async fetch(call: Request): Promise<Response> {
    useSql(this.ctx.storage.sql);
    const { pathname } = new URL(call.url);
    if (pathname === "/set-up") {
      run = await setUp(await call.json<Setup>(), this.env as unknown as Env);
      return new Response();
    }
    const begun = run;
    if (begun === null) throw new Error("Nothing has been set up");
    if (pathname === "/run") {
      const portion = await call.json<Portion>();
      // To commit each statement by itself would take as long as all the rest.
      await this.ctx.storage.transaction(() => begun.start(portion));
      expectNoFaults();
      return new Response();
    }
    await begun.finish();
    expectNoFaults();
    return Response.json(allCounts());
  }
}

async function setUp(setup: Setup, env: Env): Promise<Run> {
  setUpBindings(env);
  await createTables(setup.migrations);
  openQueues(setup.queues, consume);
  for (let place = 0; place < setup.endpoints; place += 1) {
    const body = JSON.stringify({ url: `https://hooks.example.com/${place}` });
    const { status } = await request("POST", "/v1/webhook-endpoints", AUTHORIZATION, body);
    if (status !== 201) throw new Error(`An endpoint was answered ${status}`);
  }
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
