import { quiet, waitUntil } from "./background.ts";
import { bindings } from "./bindings.ts";
import { count } from "./counts.ts";
import type { Batch } from "./queues.ts";
import worker from "./worker.js";

/** Asks the Worker as the platform does; over when everything is that it left to the background. */
export async function request(
  method: string,
  path: string,
  headers: HeadersInit,
  body: string,
): Promise<Response> {
  count("worker_requests", `${method} ${path.replace(/vrf_\w+/, "{id}")}`);
  const asked = new Request<unknown, IncomingRequestCfProperties>(`https://sandi.example.com${path}`, {
    method,
    headers,
    body,
  });
  const context = { waitUntil, passThroughOnException() {}, props: {} } as unknown as ExecutionContext;
  const response = await worker.fetch(asked, bindings(), context);
  await quiet();
  return response;
}

export async function consume(batch: Batch): Promise<void> {
  count("worker_requests", `queue ${batch.queue}`);
  await worker.queue(batch, bindings());
  await quiet();
}

export async function scheduled(cron: string): Promise<void> {
  count("worker_requests", `scheduled ${cron}`);
  await worker.scheduled({ cron, scheduledTime: Date.now(), noRetry() {} }, bindings());
  await quiet();
}
