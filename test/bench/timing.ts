/**
 * `npm run timing [-- --quick]`: whether the time of a check by number reveals the state of the number. Checks
 * unknown numbers, known ones (pending, a wrong code), unreachable ones and verified ones in turns, one request
 * at a time. Prints a table; the last line is JSON.
 */
import { createHmac } from "node:crypto";
import { ACCOUNT, APP_SECRET } from "../world/settings.ts";
import { Environment } from "./harness/environment.ts";
import { AUTHORIZATION, sandi, sandiValues } from "./harness/services.ts";
import { median, percentile, round, table } from "./harness/statistics.ts";

const KINDS = ["unknown", "known", "unreachable", "verified"] as const;
type Kind = (typeof KINDS)[number];
const NUMBERS = process.argv.includes("--quick") ? 60 : 250;
/** One fewer than the attempts of a verification, so that known numbers stay pending. */
const CHECKS = 4;

type Times = Readonly<Record<Kind, number[]>>;

const environment = await Environment.open();
try {
  const built = await environment.buildWorker("wrangler.toml");
  const { port } = await environment.startWorker(built, {
    ...sandiValues(environment.whatsAppBaseUrl),
    GUARD: { fence: { mode: "off" } },
  });
  const first: Times = { unknown: [], known: [], unreachable: [], verified: [] };
  const later: Times = { unknown: [], known: [], unreachable: [], verified: [] };
  for (let index = 0; index < NUMBERS; index += 1) {
    for (const kind of KINDS) await prepare(port, kind, numberOf(kind, index));
  }
  for (let check = 0; check < CHECKS; check += 1) {
    for (let index = 0; index < NUMBERS; index += 1) {
      // The order rotates, so that no kind always comes first.
      for (let turn = 0; turn < KINDS.length; turn += 1) {
        const kind = KINDS[(index + turn) % KINDS.length] ?? "unknown";
        (check === 0 ? first : later)[kind].push(await checkWrong(port, numberOf(kind, index)));
      }
    }
  }
  report(first, later);
} finally {
  environment.close();
}

function report(first: Times, later: Times): void {
  const { unknown } = later;
  const figures = KINDS.map((kind) => ({
    kind,
    percentiles: [0.1, 0.5, 0.9, 0.99].map((share) => `${round(percentile(later[kind], share), 2)} ms`),
    firstCheck: `${round(median(first[kind]), 2)} ms`,
    p50_vs_unknown: round(median(later[kind]) / median(unknown), 3),
    ks: round(kolmogorovSmirnov(later[kind], unknown), 3),
  }));
  console.log(
    table(
      [
        "a number that is",
        "p10",
        "p50",
        "p90",
        "p99",
        "p50, ratio to unknown",
        "KS distance from unknown",
        "first check, p50",
      ],
      figures.map(({ kind, percentiles, firstCheck, p50_vs_unknown, ks }) => [
        kind,
        ...percentiles,
        p50_vs_unknown,
        ks,
        firstCheck,
      ]),
    ),
  );
  const result = {
    checks: unknown.length * KINDS.length,
    // The Smirnov test at 5 %: 19 of 20 pairs of samples of one distribution are closer than this.
    ks_limit: round(1.36 * Math.sqrt(2 / unknown.length), 3),
    ...Object.fromEntries(figures.map(({ kind, p50_vs_unknown, ks }) => [kind, { p50_vs_unknown, ks }])),
  };
  console.log(JSON.stringify(result));
}

function numberOf(kind: Kind, index: number): string {
  return `+62812${KINDS.indexOf(kind) + 1}${1_000_000 + index}`;
}

async function prepare(port: number, kind: Kind, to: string): Promise<void> {
  if (kind === "unknown") return;
  const { http } = environment;
  const service = sandi(port);
  const started = await http.post(port, service.start(to));
  if (started.status !== 201) throw new Error(started.body);
  const { id } = JSON.parse(started.body) as { id: string };
  if (kind === "verified") {
    const codes = await environment.takeCodes();
    await http.post(port, service.check(to, codes[to] ?? "", started));
  }
  if (kind === "unreachable") await reportUndeliverable(port, id, to);
}

/** Sends the webhook by which WhatsApp reports a number that is not on WhatsApp (error 131026). */
async function reportUndeliverable(port: number, id: string, to: string): Promise<void> {
  const status = {
    id: `wamid.${id}`,
    status: "failed",
    timestamp: String(Math.floor(Date.now() / 1000)),
    recipient_id: to.slice(1),
    biz_opaque_callback_data: `${id}.0`,
    errors: [{ code: 131026 }],
  };
  const value = {
    messaging_product: "whatsapp",
    metadata: { phone_number_id: ACCOUNT.phoneNumberId },
    statuses: [status],
  };
  const body = {
    object: "whatsapp_business_account",
    entry: [{ id: ACCOUNT.businessAccountId, changes: [{ field: "messages", value }] }],
  };
  const hex = createHmac("sha256", APP_SECRET).update(JSON.stringify(body)).digest("hex");
  const headers = { "x-hub-signature-256": `sha256=${hex}` };
  const { status: answer } = await environment.http.post(port, { path: "/webhooks/whatsapp", headers, body });
  if (answer !== 200) throw new Error(`The webhook answered ${answer}`);
}

/** Checks a wrong code. @returns its time in milliseconds */
async function checkWrong(port: number, to: string): Promise<number> {
  const beganAt = performance.now();
  const response = await environment.http.post(port, {
    path: "/v1/verifications/check",
    headers: AUTHORIZATION,
    body: { to, code: "0000" },
  });
  const time = performance.now() - beganAt;
  if (response.status !== 200) throw new Error(response.body);
  return time;
}

/** The two-sample Kolmogorov-Smirnov distance: the largest difference of the distributions, from 0 to 1. */
function kolmogorovSmirnov(a: readonly number[], b: readonly number[]): number {
  const share = (times: readonly number[], at: number) =>
    times.filter((time) => time <= at).length / times.length;
  return Math.max(...[...a, ...b].map((at) => Math.abs(share(a, at) - share(b, at))));
}
