import { createHmac } from "node:crypto";
import { signWebhook } from "../../../../src/platform/standard-webhooks.ts";
import { DAY_MS } from "../../../../src/platform/time.ts";
import { DELIVERED_DAYS } from "../../../../src/webhook-endpoints/delivery.ts";
import type { Chunk, Setup, Story } from "../protocol.ts";
import { count, total } from "./counts.ts";
import { journalBytes } from "./database.ts";
import { request, scheduled } from "./invoke.ts";
import { takeSms, takeWhatsAppMessage } from "./providers.ts";
import { at, EPOCH_MS, runUntil } from "./timeline.ts";

/** Prefixes of Indonesian mobile numbers. Each has 9,000 ranges of 10,000 numbers. */
const PREFIXES = [811, 812, 813, 821, 822, 852, 853] as const;
const RANGES_PER_PREFIX = 9_000;

export const AUTHORIZATION = { authorization: "Bearer benchmark-admin-key-0123456789abcdef" };

const TEN_MINUTES_MS = 600_000;

/** The cron triggers of wrangler.toml. */
const SWEEP = "*/10 * * * *";
export const DAILY = "17 3 * * *";
const DAILY_AT_MS = (3 * 60 + 17) * 60_000;

/** All verifications, evenly spread in time, and the deployment's cron triggers. */
export class Run {
  readonly #setup: Setup;

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  /** Starts a part of the verifications and runs everything that is due before the next part. */
  async start({ first, count, ofAll }: Chunk): Promise<void> {
    const { everyMs, numbersPerRange, namesUser, story } = this.#setup;
    const timeOf = (place: number) => EPOCH_MS + place * everyMs;
    for (let place = first; place < first + count; place += 1) {
      const to = numberAt(place, ofAll, numbersPerRange);
      const ip = `203.${(place >> 16) & 255}.${(place >> 8) & 255}.${place & 255}`;
      const named = namesUser ? { client: { ip }, limits: { account: `u_${place}` } } : null;
      at(timeOf(place), () => verify({ to, named }, story));
    }
    const [from, until] = [timeOf(first), timeOf(first + count)];
    for (const time of multiples(TEN_MINUTES_MS, from, until)) at(time, () => scheduled(SWEEP));
    for (const day of multiples(DAY_MS, from - DAILY_AT_MS, until - DAILY_AT_MS)) {
      at(day + DAILY_AT_MS, () => scheduled(DAILY));
    }
    await runUntil(until);
  }

  /**
   * Runs the remaining alarms, and then the daily cleanup until the journal has deleted every row. Deliveries go before the
   * rest; only where there are some, their day is run.
   */
  async finish(): Promise<void> {
    await runUntil(Number.POSITIVE_INFINITY);
    const { endpoints, retentionDays } = this.#setup;
    const ended = Date.now();
    if (endpoints > 0) await this.#keepUntil(ended + (DELIVERED_DAYS + 1) * DAY_MS);
    const deleted = () => total("d1_rows_written", "DELETE");
    let day = ended + (retentionDays + 1) * DAY_MS;
    // One daily run deletes a limited number of rows.
    for (let before = -1; before < deleted(); day += DAY_MS) {
      before = deleted();
      await this.#keepUntil(day);
    }
  }

  /** Counts what the journal holds until a day, and runs that day's cleanup. */
  async #keepUntil(day: number): Promise<void> {
    count("journal_byte_days", "all", ((day - Date.now()) / DAY_MS) * journalBytes());
    at(day, () => scheduled(DAILY));
    await runUntil(Number.POSITIVE_INFINITY);
  }
}

function* multiples(of: number, from: number, until: number): Generator<number> {
  for (let time = Math.ceil(from / of) * of; time < until; time += of) yield time;
}

/** What a start says about its user. */
interface User {
  readonly to: string;
  readonly named: {
    readonly client: { readonly ip: string };
    readonly limits: { readonly account: string };
  } | null;
}

/** One verification, from its start to the check of the right code. Alarms and schedules do the rest. */
async function verify({ to, named }: User, story: Story): Promise<void> {
  const startedAt = Date.now();
  const response = await request(
    "POST",
    "/v1/verifications",
    AUTHORIZATION,
    JSON.stringify({ to, ...named }),
  );
  const text = await response.text();
  if (response.status !== 201) throw new Error(`A start was answered with ${response.status} ${text}`);
  const { id } = JSON.parse(text) as { id: string };
  const { code, callbackData } = takeWhatsAppMessage(to);
  const after = (milliseconds: number, work: () => Promise<void>) => at(startedAt + milliseconds, work);
  const whatsApp = (status: string) => () => sendWhatsAppStatus(to, callbackData, status);

  after(800, whatsApp("sent"));
  if (story === "whatsapp") {
    after(1_600, whatsApp("delivered"));
    after(9_000, whatsApp("read"));
  } else {
    let sms = "";
    after(2_000, whatsApp("failed"));
    after(3_000, async () => {
      sms = takeSms(to);
      await sendSmsStatus(sms, "sent");
    });
    after(5_000, () => sendSmsStatus(sms, "delivered"));
  }
  after(14_000, () => check(id, code));
}

async function check(id: string, code: string): Promise<void> {
  const path = `/v1/verifications/${id}/check`;
  const response = await request("POST", path, AUTHORIZATION, JSON.stringify({ code }));
  const text = await response.text();
  if (!text.includes('"valid":true'))
    throw new Error(`A right code was answered with ${response.status} ${text}`);
}

/** Sends one status in a webhook; Meta's usual batch size is one. */
async function sendWhatsAppStatus(to: string, callbackData: string, status: string): Promise<void> {
  const statusBody: Record<string, unknown> = {
    id: `wamid.${callbackData}`,
    status,
    timestamp: seconds(),
    recipient_id: to.slice(1),
    biz_opaque_callback_data: callbackData,
  };
  if (status === "failed") statusBody.errors = [{ code: 131026, title: "Message undeliverable" }];
  else statusBody.pricing = { billable: true, pricing_model: "PMP", category: "authentication" };
  const metadata = { display_phone_number: "12065550100", phone_number_id: "100000000000001" };
  const value = { messaging_product: "whatsapp", metadata, statuses: [statusBody] };
  const entry = [{ id: "200000000000002", changes: [{ field: "messages", value }] }];
  const body = JSON.stringify({ object: "whatsapp_business_account", entry });
  const hex = createHmac("sha256", "s").update(body).digest("hex");
  await expectSuccess(
    request("POST", "/webhooks/whatsapp", { "x-hub-signature-256": `sha256=${hex}` }, body),
  );
}

async function sendSmsStatus(ref: string, status: string): Promise<void> {
  const body = JSON.stringify({ ref, id: `SM${ref.length}`, status });
  const headers = signWebhook(`msg_${ref}_${status}`, Date.now(), body, [
    "whsec_YmVuY2htYXJrLXNtcy1zZWNyZXQtMDEyMzQ1Njc4OWFi",
  ]);
  await expectSuccess(request("POST", "/webhooks/sms", headers, body));
}

async function expectSuccess(response: Promise<Response>): Promise<void> {
  const { status } = await response;
  if (status >= 300) throw new Error(`A webhook was answered with ${status}`);
}

function seconds(): string {
  return String(Math.floor(Date.now() / 1000));
}

/**
 * The number at a position. The same number of them share a range however many there are in all, and neighbours
 * are in different ranges, as a country's users are.
 */
function numberAt(place: number, ofAll: number, perRange: number): string {
  const ranges = Math.ceil(ofAll / perRange);
  const [range, member] = [place % ranges, Math.floor(place / ranges)];
  const prefix = PREFIXES[Math.floor(range / RANGES_PER_PREFIX)];
  if (prefix === undefined) throw new Error("There are more numbers than ranges for them");
  return `+62${prefix}${1_000 + (range % RANGES_PER_PREFIX)}${1_000 + member * 7}`;
}
