/**
 * `npm run setup:proof` runs setups with the real wrangler: at accounts of Cloudflare that refuse something, and each
 * killed after one of its steps and started again, to compare what they end in. It takes some minutes.
 */
import type { Account } from "../../world/cloudflare/account.ts";
import { FRESH, startWorld, type World } from "./world.ts";

interface EndState {
  readonly toml: string;
  readonly account: unknown;
  readonly secrets: readonly string[];
  readonly queues: readonly string[];
  readonly namespaces: readonly string[];
  readonly keys: readonly string[];
  readonly codes: number;
}

const STEPS = 14;

/** What Cloudflare refuses, and what setup says of it. */
const REFUSALS: readonly (readonly [name: string, change: Partial<Account>, sentence: string])[] = [
  ["no workers.dev name", { subdomain: null }, "https://dash.cloudflare.com/acc/workers/onboarding"],
  ["a token that is not valid", { denied: /^\/user/ }, "Set CLOUDFLARE_API_TOKEN"],
  [
    "no right to Workers",
    { denied: /\/workers\/scripts/ },
    "The Cloudflare token lacks Workers Scripts: Edit",
  ],
  ["no right to KV", { denied: /\/kv\// }, "The Cloudflare token lacks Workers KV Storage: Edit"],
  ["no right to D1", { denied: /\/d1\// }, "The Cloudflare token lacks D1: Edit"],
  ["no right to queues", { denied: /\/queues/ }, "The Cloudflare token lacks Queues: Edit"],
];

const faults: string[] = [];
for (const [name, change, sentence] of REFUSALS) {
  const world = await startWorld();
  await world.account(FRESH);
  Object.assign(world.cloudflare.account, change);
  const { exit, output } = await world.run();
  await world.close();
  const isNamed =
    exit === 1 && output.replaceAll(/\s+/g, " ").includes(sentence) && !/^ +at .*:\d+/m.test(output);
  console.log(`${isNamed ? "named" : "NOT NAMED"}: ${name}`);
  if (!isNamed) faults.push(`${name}\n${output}`);
}
const [expected] = await runKilledAfter(null);
for (let step = 1; step <= STEPS; step += 1) {
  const [found, began] = await runKilledAfter(step);
  const isSame = JSON.stringify(found) === JSON.stringify(expected);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(`${isSame ? "same" : "DIFFERENT"}: killed after step ${step}, ${seconds} s`);
  if (!isSame) faults.push(`Step ${step}\n${JSON.stringify(expected)}\n${JSON.stringify(found)}`);
}
for (const fault of faults) console.error(fault);
console.log(
  `${REFUSALS.length} refusals, ${STEPS} setups killed and started again; ${faults.length} faults.`,
);
process.exitCode = faults.length === 0 ? 0 : 1;

/** @param step null for a setup that is not killed */
async function runKilledAfter(step: number | null): Promise<readonly [EndState | string, number]> {
  const began = performance.now();
  const world = await startWorld();
  try {
    await world.account(FRESH);
    let secretKey: string | undefined;
    let adminKey: string | undefined;
    const { calls } = world.cloudflare;
    if (step !== null) {
      const killed = await world.run({ killAt: new RegExp(`^[✓!] +${step}  `, "m") });
      adminKey = /Admin key, shown this once:\n *(\S+)/.exec(killed.output)?.[1];
      secretKey = world.cloudflare.account.worker?.secrets.SECRET_KEY;
    }
    const last = await world.run({ env: { ADMIN_KEY: adminKey } });
    if (last.exit !== 0) return [last.output, began];
    const { worker } = world.cloudflare.account;
    if (secretKey !== undefined && worker?.secrets.SECRET_KEY !== secretKey)
      return ["another SECRET_KEY", began];
    const creations = calls.filter((call) => call.startsWith("POST") && call.endsWith("/namespaces"));
    if (creations.length !== 4) return [`${creations.length} namespaces were made`, began];
    return [await endState(world, adminKey ?? worker?.secrets.ADMIN_KEY ?? ""), began];
  } finally {
    await world.close();
  }
}

async function endState(world: World, adminKey: string): Promise<EndState> {
  const { worker, queues, namespaces } = world.cloudflare.account;
  const account = await json<{
    webhook: { url: string; fields: string[] };
    pin: string;
    subscribed: boolean;
  }>(`${world.meta.url}/_sim/account`);
  const keys = await json<{ data: { name: string }[] }>(`${world.url}/v1/keys`, adminKey);
  const { messages } = await json<{ messages: unknown[] }>(`${world.meta.url}/_sim/messages`);
  return {
    toml: await world.settings(),
    account: {
      path: new URL(account.webhook.url).pathname,
      fields: account.webhook.fields.toSorted(),
      subscribed: account.subscribed,
      hasPin: /^\d{6}$/.test(account.pin),
    },
    secrets: Object.keys(worker?.secrets ?? {}).toSorted(),
    queues: queues.map(({ name }) => name).toSorted(),
    namespaces: namespaces.map(({ name }) => name).toSorted(),
    keys: keys.data.map(({ name }) => name),
    codes: messages.length,
  };
}

async function json<T>(url: string, key?: string): Promise<T> {
  const response = await fetch(url, { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } });
  return (await response.json()) as T;
}
