/**
 * `npm run timing [-- --quick]`: does the time that a check by number takes tell what there is to know of the
 * number? Checks of unknown, known (pending, a wrong code), unreachable and verified numbers, in turns, one at
 * a time. Prints a table; the last line is JSON.
 */
import { type ChildProcess, fork } from "node:child_process";
import { createHmac } from "node:crypto";
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
const KINDS = ["unknown", "known", "unreachable", "verified"] as const;
type Kind = (typeof KINDS)[number];
const NUMBERS = process.argv.includes("--quick") ? 60 : 250;
/** One fewer than a verification has attempts, so that every known number stays pending. */
const CHECKS = 4;

const children: ChildProcess[] = [];
await mkdir(join(ROOT, ".wrangler"), { recursive: true });
const directory = await mkdtemp(join(ROOT, ".wrangler", "timing-"));
const http = new Http();
try {
  const whatsApp = fork(fileURLToPath(new URL("./bench/whatsapp.ts", import.meta.url)));
  children.push(whatsApp);
  const [address] = (await once(whatsApp, "message")) as [WhatsAppAddress];
  const id = "100000000000001";
  const { port, child } = await startWorker("wrangler.toml", directory, {
    WHATSAPP_BASE_URL: `http://127.0.0.1:${address.api}`,
    WHATSAPP_PHONE_NUMBER_ID: id,
    WHATSAPP_BUSINESS_ACCOUNT_ID: "200000000000002",
    GUARD: { fence: { mode: "off" } },
    WHATSAPP_SENDERS: [{ phone_number_id: id, messages_per_second: 1000 }],
    SECRET_KEY: "benchmark-secret-key-0123456789abcdef",
    ADMIN_KEY,
    WHATSAPP_ACCESS_TOKEN: "t",
    WHATSAPP_APP_SECRET: "s",
    WHATSAPP_VERIFY_TOKEN: "v",
  });
  children.push(child);

  const first: Record<Kind, number[]> = { unknown: [], known: [], unreachable: [], verified: [] };
  const later: Record<Kind, number[]> = { unknown: [], known: [], unreachable: [], verified: [] };
  for (let index = 0; index < NUMBERS; index += 1) {
    for (const kind of KINDS)
      await prepare(port, kind, numberOf(kind, index), () => http.get(address.control, "/codes"));
  }
  for (let check = 0; check < CHECKS; check += 1) {
    for (let index = 0; index < NUMBERS; index += 1) {
      // Another order each time: what comes first must not be the same kind for ever.
      for (let turn = 0; turn < KINDS.length; turn += 1) {
        const kind = KINDS[(index + turn) % KINDS.length] ?? "unknown";
        (check === 0 ? first : later)[kind].push(await checkWrong(port, numberOf(kind, index)));
      }
    }
  }
  console.log(
    "| a number that is | p10 | p50 | p90 | p99 | p50, of unknown's | KS distance from unknown | first check, p50 |",
  );
  console.log("|---|---|---|---|---|---|---|---|");
  const unknown = later.unknown;
  const figures = KINDS.map((kind) => {
    const at = (share: number) => round(quantile(later[kind], share), 2);
    const ratio = round(median(later[kind]) / median(unknown), 3);
    const distance = round(kolmogorovSmirnov(later[kind], unknown), 3);
    const cells = [at(0.1), at(0.5), at(0.9), at(0.99)].map((ms) => `${ms} ms`);
    console.log(
      `| ${kind} | ${cells.join(" | ")} | ${ratio} | ${distance} | ${round(median(first[kind]), 2)} ms |`,
    );
    return [kind, { p50_vs_unknown: ratio, ks: distance }];
  });
  // Below this, two samples of one distribution differ as much in 19 of 20 runs (Smirnov's limit).
  const limit = round(1.36 * Math.sqrt(2 / unknown.length), 3);
  console.log(
    JSON.stringify({
      checks: unknown.length * KINDS.length,
      ks_limit: limit,
      ...Object.fromEntries(figures),
    }),
  );
} finally {
  http.close();
  for (const child of children) child.kill("SIGKILL");
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

function numberOf(kind: Kind, index: number): string {
  return `+62812${KINDS.indexOf(kind) + 1}${1_000_000 + index}`;
}

async function prepare(port: number, kind: Kind, to: string, codes: () => Promise<Record<string, string>>) {
  if (kind === "unknown") return;
  const contender = sandi(port);
  const started = await http.post(port, contender.start(to));
  if (started.status !== 201) throw new Error(started.body);
  const { id } = JSON.parse(started.body) as { id: string };
  if (kind === "verified") await http.post(port, contender.check(to, (await codes())[to] ?? "", started));
  if (kind === "unreachable") await fail(port, id, to);
}

/** WhatsApp's word that the number is not on WhatsApp. */
async function fail(port: number, id: string, to: string): Promise<void> {
  const status = {
    id: `wamid.${id}`,
    status: "failed",
    timestamp: String(Math.floor(Date.now() / 1000)),
    recipient_id: to.slice(1),
    biz_opaque_callback_data: `${id}.0`,
    errors: [{ code: 131026 }],
  };
  const value = { messaging_product: "whatsapp", metadata: {}, statuses: [status] };
  const body = {
    object: "whatsapp_business_account",
    entry: [{ id: "1", changes: [{ field: "messages", value }] }],
  };
  const hex = createHmac("sha256", "s").update(JSON.stringify(body)).digest("hex");
  const headers = { "x-hub-signature-256": `sha256=${hex}` };
  const { status: answer } = await http.post(port, { path: "/webhooks/whatsapp", headers, body });
  if (answer !== 200) throw new Error(`The webhook answered ${answer}`);
}

async function checkWrong(port: number, to: string): Promise<number> {
  const headers = { authorization: `Bearer ${ADMIN_KEY}` };
  const beganAt = performance.now();
  const answer = await http.post(port, {
    path: "/v1/verifications/check",
    headers,
    body: { to, code: "0000" },
  });
  const took = performance.now() - beganAt;
  if (answer.status !== 200) throw new Error(answer.body);
  return took;
}

function quantile(times: readonly number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(share * (times.length - 1))] ?? 0;
}

/** The largest difference between two samples' distributions, from 0 to 1. */
function kolmogorovSmirnov(a: readonly number[], b: readonly number[]): number {
  const share = (times: readonly number[], at: number) =>
    times.filter((time) => time <= at).length / times.length;
  return Math.max(...[...a, ...b].map((at) => Math.abs(share(a, at) - share(b, at))));
}
