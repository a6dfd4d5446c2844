/**
 * `npm run fuzz [-- --quick] [-- --seed N]`: sends requests generated from the API's description, and others to the page of
 * sign-in and its endpoints, many of them mutated, to every route of the built Worker. A 5xx, a late or missing response, a
 * response without a request id, an undocumented problem and a redirect off a client's register are violations. Prints each kind of violation as the smallest request that
 * shows it. The last line is JSON.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildWorker } from "../world/project.ts";
import { Random } from "../world/random.ts";
import { deploy } from "./deployment.ts";
import { ApiDocument } from "./document.ts";
import { SignInRequests } from "./generate/sign-in.ts";
import { Pool } from "./pool.ts";
import { show } from "./report.ts";
import { Connection } from "./request.ts";
import { Requests } from "./requests.ts";
import { run } from "./run.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    seed: { type: "string" },
    requests: { type: "string" },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const count = Number(values.requests ?? (values.quick ? 5_000 : 100_000));
const startedAt = performance.now();
console.log(`Seed ${seed}`);

const directory = await mkdtemp(join(tmpdir(), "sandi-fuzz-"));
const random = new Random(seed);
const pool = new Pool(random);
const deployment = await deploy(await buildWorker(directory), (message) => pool.sent(message));
pool.protect(deployment.endpoint);
const connection = new Connection(deployment.port);
try {
  const document = await ApiDocument.of(deployment.port);
  const signIns = await SignInRequests.open(connection, random, pool);
  const requests = new Requests(document, random, pool, signIns);
  const parts = { connection, document, pool, requests, signIns };
  const { requests: sent, byStatus, findings } = await run(parts, count);
  await show(findings, connection, document, deployment.errors);
  const result = {
    requests: sent,
    responses_5xx: findings.filter(({ answer }) => typeof answer !== "string" && answer.status >= 500).length,
    violations: findings.length,
    seed,
    seconds: Math.round((performance.now() - startedAt) / 1000),
    by_status: byStatus,
  };
  console.log(JSON.stringify(result));
  if (findings.length > 0) process.exitCode = 1;
} finally {
  connection.close();
  await deployment.close();
  await rm(directory, { recursive: true, force: true });
}
