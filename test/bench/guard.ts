/**
 * `npm run bench:guard`: how long a start takes with every rule of the guard on and enforced, beside one with
 * all of them off: two Workers in turns, start by start, in front of the same WhatsApp, which takes 50 ms.
 * Prints a table; the last line is JSON.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ADMIN_KEY, sandi } from "./bench/contenders.ts";
import { median, round } from "./bench/figures.ts";
import { Http } from "./bench/http.ts";
import type { WhatsAppAddress } from "./bench/whatsapp.ts";
import { startWorker } from "./bench/workerd.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const STARTS = process.argv.includes("--quick") ? 100 : 500;
const WHATSAPP_MS = 50;
/** The first ones find everything cold: accounts and ranges are new, and a file system makes their databases. */
const COLD = 40;
const ACCOUNTS = 20;

const LARGE = { floor: 1_000_000 };

/** Every rule that a configuration can turn on, but the team's own check, which takes as long as the team does. */
const ON = {
  destinations: { mode: "enforce", mobile_only: false, countries_denied: ["KP"] },
  // Nobody here types a code, which the budget would not let pass for long.
  budget: { mode: "enforce", hour: LARGE, day: LARGE, country_hour: LARGE, country_day: LARGE },
  named_limits: { mode: "enforce", windows: { account: "1000 per h, 1000 per day" } },
  caps: { mode: "enforce", sends_per_day: 1_000_000 },
};
const OFF = {
  fence: { mode: "off" },
  destinations: { mode: "off" },
  number_owner: { mode: "off" },
  budget: { mode: "off" },
  named_limits: { mode: "off" },
  caps: { mode: "off" },
};

const children: ChildProcess[] = [];
await mkdir(join(ROOT, ".wrangler"), { recursive: true });
const directory = await mkdtemp(join(ROOT, ".wrangler", "guard-"));
const http = new Http();
try {
  const whatsApp = fork(fileURLToPath(new URL("./bench/whatsapp.ts", import.meta.url)));
  children.push(whatsApp);
  const [address] = (await once(whatsApp, "message")) as [WhatsAppAddress];
  await http.put(address.control, `/latency/${WHATSAPP_MS}`);
  const baseUrl = `http://127.0.0.1:${address.api}`;
  const [on, off] = [await worker("on", ON, baseUrl), await worker("off", OFF, baseUrl)];

  const times = { on: [] as number[], off: [] as number[] };
  for (let index = 0; index < STARTS + COLD; index += 1) {
    const number = `+62812${10_000_000 + index}`;
    for (const name of index % 2 === 0 ? (["on", "off"] as const) : (["off", "on"] as const)) {
      const took = await start(name === "on" ? on : off, number);
      if (index >= COLD) times[name].push(took);
    }
  }
  const [withGuard, without] = [median(times.on), median(times.off)];
  console.log(
    `| guard | median start, WhatsApp's ${WHATSAPP_MS} ms included | of it without |\n|---|---|---|`,
  );
  console.log(`| off | ${round(without, 1)} ms | 1 |`);
  console.log(`| every rule enforced | ${round(withGuard, 1)} ms | ${round(withGuard / without, 3)} |`);
  console.log(JSON.stringify({ starts: STARTS, guard_on_vs_off: round(withGuard / without, 3) }));
} finally {
  http.close();
  for (const child of children) child.kill("SIGKILL");
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

async function worker(name: string, GUARD: object, baseUrl: string): Promise<number> {
  const itsOwn = join(directory, name);
  await mkdir(itsOwn);
  const id = "100000000000001";
  const { port, child } = await startWorker("wrangler.toml", itsOwn, {
    GUARD,
    WHATSAPP_BASE_URL: baseUrl,
    WHATSAPP_PHONE_NUMBER_ID: id,
    WHATSAPP_BUSINESS_ACCOUNT_ID: "200000000000002",
    WHATSAPP_SENDERS: [{ phone_number_id: id, messages_per_second: 1000 }],
    SECRET_KEY: "benchmark-secret-key-0123456789abcdef",
    ADMIN_KEY,
    WHATSAPP_ACCESS_TOKEN: "t",
    WHATSAPP_APP_SECRET: "s",
    WHATSAPP_VERIFY_TOKEN: "v",
  });
  children.push(child);
  return port;
}

/** One start by one client, for one of a few accounts that others ask for too. */
async function start(port: number, to: string): Promise<number> {
  const contender = sandi(port);
  const { headers, path } = contender.start(to);
  const body = {
    to,
    limits: { account: `u_${Number(to.slice(-6)) % ACCOUNTS}` },
    client: { ip: "203.0.113.9" },
  };
  const beganAt = performance.now();
  const answer = await http.post(port, { path, headers, body });
  const took = performance.now() - beganAt;
  if (answer.status !== 201) throw new Error(`${answer.status}: ${answer.body.slice(0, 300)}`);
  return took;
}
