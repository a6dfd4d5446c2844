import type { Client } from "./client.ts";
import type { Person, Story } from "./people.ts";

/** What the driver itself knows of a verification; nothing in it comes from the journal. */
export interface Entry {
  /** Null for one that was refused with 503: that answer names no id. */
  readonly id: string | null;
  readonly country: string | null;
  readonly status: string;
  readonly reason: string | null;
  readonly wasSent: boolean;
}

/** By the key that each start carries in its metadata. */
export type Book = Map<string, Entry>;

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly valid?: boolean;
}

const STARTS_A_STORY = 5;
const REFUSED = { id: null, status: "failed", reason: "undeliverable", wasSent: false } as const;

/** Lives the stories through the API and writes down what became of each. */
export class Stories {
  readonly #client: Client;
  readonly #startEveryMs: number;
  readonly book: Book = new Map();
  refusedStarts = 0;
  #nextStartAt = 0;

  constructor(client: Client, startEveryMs: number) {
    this.#client = client;
    this.#startEveryMs = startEveryMs;
  }

  async live({ number, country, stories }: Person): Promise<void> {
    for (const story of stories) {
      const { key, id } = await this.#start(story, number, country);
      const { status, reason } = await this.#finish(story, number, id);
      this.book.set(key, { id, country, status, reason, wasSent: true });
    }
  }

  /** A start that no sender has room for closes its verification, and the next one is another. */
  async #start(story: Story, to: string, country: string | null) {
    const { purpose, locale, isKeyed } = story;
    for (let start = 0; start < STARTS_A_STORY; start += 1) {
      const key = `${story.serial}.${start}`;
      const body = { to, purpose, metadata: { drive: key }, ...(locale !== null && { locale }) };
      await this.#pace();
      const answer = await this.#client.post<Shown>(
        "/v1/verifications",
        body,
        isKeyed ? `start-${key}` : null,
      );
      if (answer.status === 201) return { key, id: answer.body.id };
      if (answer.status !== 503) throw unexpected(`Start ${key}`, answer);
      this.refusedStarts += 1;
      this.book.set(key, { ...REFUSED, country });
      await this.#client.wait(answer.retryAfterMs);
    }
    throw new Error(`Story ${story.serial} was refused ${STARTS_A_STORY} times`);
  }

  async #finish({ serial, ending, wrongCodes, isKeyed }: Story, number: string, id: string) {
    const path = `/v1/verifications/${id}`;
    if (ending === "canceled") {
      const canceled = await this.#client.delete<Shown>(path);
      return asExpected(canceled, { id, status: "canceled", reason: null });
    }
    const code = await this.#client.codeOn(number);
    const last = (Number(code.at(-1)) + 1) % 10;
    const check = (tried: string, attempt: number) =>
      this.#client.post<Shown>(
        `${path}/check`,
        { code: tried },
        isKeyed ? `check-${serial}-${attempt}` : null,
      );
    for (let attempt = 1; attempt <= wrongCodes; attempt += 1) {
      const refused = await check(code.slice(0, -1) + last, attempt);
      const isLast = ending === "exhausted" && attempt === wrongCodes;
      const expected = isLast ? (["failed", "attempts_exhausted"] as const) : (["pending", null] as const);
      const shown = asExpected(refused, { id, status: expected[0], reason: expected[1], valid: false });
      if (isLast) return shown;
    }
    return asExpected(await check(code, 0), { id, status: "approved", reason: null, valid: true });
  }

  /** Gives each start a moment of its own, evenly apart. */
  async #pace(): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#nextStartAt);
    this.#nextStartAt = at + this.#startEveryMs;
    if (at > now) await this.#client.wait(at - now);
  }
}

function asExpected(answer: { status: number; body: Shown }, expected: Shown): Shown {
  const { body } = answer;
  const fields = ["id", "status", "reason", "valid"] as const;
  if (answer.status === 200 && fields.every((field) => body[field] === expected[field])) return body;
  throw unexpected(`Instead of ${JSON.stringify(expected)}`, answer);
}

function unexpected(what: string, { status, body }: { status: number; body: unknown }): Error {
  return new Error(`${what}: ${status} ${JSON.stringify(body)}`);
}
