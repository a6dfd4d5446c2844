import { createHmac } from "node:crypto";
import { ACCOUNT, APP_SECRET } from "../../world/settings.ts";
import type { Environment } from "../harness/environment.ts";
import { AUTHORIZATION, sandi } from "../harness/services.ts";
import { median, round, table } from "../harness/statistics.ts";
import { COLUMNS, compare, type Times } from "./comparison.ts";

const KINDS = ["unknown", "known", "unreachable", "verified"] as const;
type Kind = (typeof KINDS)[number];
/** One fewer than the attempts of a verification, so that known numbers stay pending. */
const CHECKS = 4;

/**
 * Checks wrong codes of unknown numbers, known ones (pending), unreachable ones and verified ones in turns, one request at a
 * time, prints a table, and returns the figures.
 *
 * @param port Of the Worker.
 * @param count How many numbers there are of each kind.
 */
export async function measureChecks(environment: Environment, port: number, count: number) {
  const first: Times<Kind> = { unknown: [], known: [], unreachable: [], verified: [] };
  const later: Times<Kind> = { unknown: [], known: [], unreachable: [], verified: [] };
  for (let index = 0; index < count; index += 1) {
    for (const kind of KINDS) await prepare(environment, port, kind, numberOf(kind, index));
  }
  for (let check = 0; check < CHECKS; check += 1) {
    for (let index = 0; index < count; index += 1) {
      // The order rotates, so that no kind always comes first.
      for (let turn = 0; turn < KINDS.length; turn += 1) {
        const kind = KINDS[(index + turn) % KINDS.length] ?? "unknown";
        (check === 0 ? first : later)[kind].push(await checkWrong(environment, port, numberOf(kind, index)));
      }
    }
  }
  const { rows, figures, alike } = compare(KINDS, later);
  console.log(
    table(
      ["a check of a number that is", ...COLUMNS, "first check, p50"],
      rows.map(([kind, ...row]) => [kind, ...row, `${round(median(first[kind]), 2)} ms`]),
    ),
  );
  return { checks: later.unknown.length * KINDS.length, ...figures, alike };
}

function numberOf(kind: Kind, index: number): string {
  return `+62812${KINDS.indexOf(kind) + 1}${1_000_000 + index}`;
}

async function prepare(environment: Environment, port: number, kind: Kind, to: string): Promise<void> {
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
  if (kind === "unreachable") await reportUndeliverable(environment, port, id, to);
}

/** Sends the webhook by which WhatsApp reports a number that is not on WhatsApp (error 131026). */
async function reportUndeliverable(
  environment: Environment,
  port: number,
  id: string,
  to: string,
): Promise<void> {
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
async function checkWrong(environment: Environment, port: number, to: string): Promise<number> {
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
