import { setTimeout as pause } from "node:timers/promises";
import type { History, News, NewsStatus } from "../history.ts";
import type { Random } from "../random.ts";
import type { Line } from "./line.ts";
import type { Sky } from "./weather.ts";

/** A webhook as it goes over the wire, and what it tells. */
export interface Webhook {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly about: Pick<News, "reference" | "number" | "status">;
}

const RETRY_MS = { from: 50, to: 400 };
const PATIENCE_MS = 60_000;
/** So many copies of one webhook at most. */
const MOST_COPIES = 3;

/**
 * Brings the simulator's webhooks to the Worker as Meta does at its worst: late, in no order, some of them
 * several times, and each until it is taken.
 */
export class Courier {
  readonly #history: History;
  readonly #sky: Sky;
  readonly #random: Random;
  readonly #line: Line;
  readonly #closing = new AbortController();
  /** By number: those of the past, which may come again at any time. */
  readonly #past = new Map<string, Webhook[]>();
  #underWay = 0;

  constructor(history: History, sky: Sky, random: Random, line: Line) {
    [this.#history, this.#sky, this.#random, this.#line] = [history, sky, random, line];
  }

  /** Takes a webhook on. The simulator need not know how it fares. */
  async take(request: Request): Promise<Response> {
    const body = await request.text();
    const about = readNews(body);
    const { pathname: path } = new URL(request.url);
    const headers = Object.fromEntries(request.headers);
    if (about !== null) this.#take({ path, headers, body, about });
    return new Response();
  }

  /** Those about a number that were posted before. */
  pastOf(number: string): readonly Webhook[] {
    return this.#past.get(number) ?? [];
  }

  /** Posts a webhook once and records it. @returns the answer's status; null without one */
  async post({ path, headers, body, about }: Webhook, forged = false): Promise<number | null> {
    await this.#line.isUp();
    const asked = this.#history.now();
    const reply = await this.#line.send("POST", path, headers, body);
    const answer = reply?.status ?? null;
    this.#history.news.push({ ...about, forged, asked, over: this.#history.now(), answer });
    return answer;
  }

  /** Resolves when everything that was taken on has been taken by the Worker, or never will be. */
  async settled(): Promise<void> {
    const until = Date.now() + PATIENCE_MS;
    while (this.#underWay > 0 && Date.now() < until) await pause(10);
  }

  close(): void {
    this.#closing.abort();
  }

  #take(webhook: Webhook): void {
    const { number } = webhook.about;
    const past = this.#past.get(number);
    if (past === undefined) this.#past.set(number, [webhook]);
    else past.push(webhook);
    const { repeat, delayMs } = this.#sky.weather.webhooks;
    const copies = this.#random.chance(repeat) ? 1 + this.#random.below(MOST_COPIES) : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      void this.#bring(webhook, this.#random.between(0, delayMs));
    }
  }

  async #bring(webhook: Webhook, delayMs: number): Promise<void> {
    this.#underWay += 1;
    await pause(delayMs);
    while (!this.#closing.signal.aborted) {
      const status = await this.post(webhook);
      if (status === 200 || status === 204) break;
      await pause(this.#random.between(RETRY_MS.from, RETRY_MS.to));
    }
    this.#underWay -= 1;
  }
}

/** As much of Meta's webhooks and of the SMS gateway's as the simulator sends. */
function readNews(body: string): Webhook["about"] | null {
  const { entry, ref, status } = JSON.parse(body) as {
    readonly entry?: readonly { readonly changes: readonly { readonly value: MetaValue }[] }[];
    readonly ref?: string;
    readonly status?: NewsStatus;
  };
  if (ref !== undefined && status !== undefined) return { reference: ref, number: "", status };
  const value = entry?.[0]?.changes[0]?.value;
  const [told] = value?.statuses ?? [];
  if (told !== undefined) {
    const { biz_opaque_callback_data: reference = null, recipient_id, status: reached } = told;
    return { reference, number: `+${recipient_id}`, status: reached };
  }
  const [tap] = value?.messages ?? [];
  return tap === undefined ? null : { reference: null, number: `+${tap.from}`, status: "denied" };
}

interface MetaValue {
  readonly statuses?: readonly {
    readonly status: NewsStatus;
    readonly recipient_id: string;
    readonly biz_opaque_callback_data?: string;
  }[];
  readonly messages?: readonly { readonly from: string }[];
}
