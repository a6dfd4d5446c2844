/**
 * `npm run fuzz [-- --quick] [-- --seed N]`: requests made of the API's own description, and such requests spoilt
 * in all kinds of ways, against every door of the built Worker. None may be answered by a 5xx, too late or not at
 * all, without a request id, or with a problem that is not in the catalogue. Prints what was found, each as the
 * smallest request that shows it; the last line is JSON.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildWorker } from "../world/project.ts";
import { Random } from "../world/random.ts";
import { deploy } from "./deployment.ts";
import { ApiDocument } from "./document.ts";
import { Pool } from "./pool.ts";
import { show } from "./report.ts";
import { Line } from "./request.ts";
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
const beganAt = performance.now();
console.log(`Seed ${seed}`);

const directory = await mkdtemp(join(tmpdir(), "sandi-fuzz-"));
const random = new Random(seed);
const pool = new Pool(random);
const deployment = await deploy(await buildWorker(directory), (message) => pool.sent(message));
pool.spare(deployment.endpoint);
const line = new Line(deployment.port);
try {
  const document = await ApiDocument.of(deployment.port);
  const requests = new Requests(document, random, pool);
  const { requests: sent, byStatus, findings } = await run({ line, document, pool, requests }, count);
  await show(findings, line, document, deployment.errors);
  const result = {
    requests: sent,
    responses_5xx: findings.filter(({ answer }) => typeof answer !== "string" && answer.status >= 500).length,
    violations: findings.length,
    seed,
    seconds: Math.round((performance.now() - beganAt) / 1000),
    by_status: byStatus,
  };
  console.log(JSON.stringify(result));
  if (findings.length > 0) process.exitCode = 1;
} finally {
  line.close();
  await deployment.close();
  await rm(directory, { recursive: true, force: true });
}
