import type { Client } from "./client.ts";
import type { Person, Story } from "./people.ts";

/** The driver's record of a verification, made without the journal. */
export interface Entry {
  /** Null for a start that was refused with 503, whose response has no id. */
  readonly id: string | null;
  readonly country: string | null;
  readonly status: string;
  readonly reason: string | null;
  readonly wasSent: boolean;
}

/** Records by the key in the metadata of each start. */
export type Book = Map<string, Entry>;

interface VerificationBody {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly valid?: boolean;
}

const MAX_STARTS_PER_STORY = 5;
const REFUSED = { id: null, status: "failed", reason: "undeliverable", wasSent: false } as const;

/** Runs stories through the API and records the outcome of each. */
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

  async run({ number, country, stories }: Person): Promise<void> {
    for (const story of stories) {
      const { key, id } = await this.#start(story, number, country);
      const { status, reason } = await this.#finish(story, number, id);
      this.book.set(key, { id, country, status, reason, wasSent: true });
    }
  }

  /** A start refused for lack of capacity has closed its verification, so each try is a new one. */
  async #start(story: Story, to: string, country: string | null) {
    const { purpose, locale, isKeyed } = story;
    for (let start = 0; start < MAX_STARTS_PER_STORY; start += 1) {
      const key = `${story.serial}.${start}`;
      const body: Record<string, unknown> = { to, purpose, metadata: { drive: key } };
      if (locale !== null) body.locale = locale;
      await this.#waitForTurn();
      const response = await this.#client.post<VerificationBody>(
        "/v1/verifications",
        body,
        isKeyed ? `start-${key}` : null,
      );
      if (response.status === 201) return { key, id: response.body.id };
      if (response.status !== 503) throw unexpected(`Start ${key}`, response);
      this.refusedStarts += 1;
      this.book.set(key, { ...REFUSED, country });
      await this.#client.wait(response.retryAfterMs);
    }
    throw new Error(`Story ${story.serial} was refused ${MAX_STARTS_PER_STORY} times`);
  }

  async #finish({ serial, ending, wrongCodes, isKeyed }: Story, number: string, id: string) {
    const path = `/v1/verifications/${id}`;
    if (ending === "canceled") {
      const canceled = await this.#client.delete<VerificationBody>(path);
      return asExpected(canceled, { id, status: "canceled", reason: null });
    }
    const code = await this.#client.codeOn(number);
    const last = (Number(code.at(-1)) + 1) % 10;
    const check = (tried: string, attempt: number) =>
      this.#client.post<VerificationBody>(
        `${path}/check`,
        { code: tried },
        isKeyed ? `check-${serial}-${attempt}` : null,
      );
    for (let attempt = 1; attempt <= wrongCodes; attempt += 1) {
      const refused = await check(code.slice(0, -1) + last, attempt);
      const isLast = ending === "exhausted" && attempt === wrongCodes;
      const expected = isLast ? (["failed", "attempts_exhausted"] as const) : (["pending", null] as const);
      const verification = asExpected(refused, {
        id,
        status: expected[0],
        reason: expected[1],
        valid: false,
      });
      if (isLast) return verification;
    }
    return asExpected(await check(code, 0), { id, status: "approved", reason: null, valid: true });
  }

  /** Waits for the next start time; these are evenly spaced. */
  async #waitForTurn(): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#nextStartAt);
    this.#nextStartAt = at + this.#startEveryMs;
    if (at > now) await this.#client.wait(at - now);
  }
}

function asExpected(
  response: { status: number; body: VerificationBody },
  expected: VerificationBody,
): VerificationBody {
  const { body } = response;
  const fields = ["id", "status", "reason", "valid"] as const;
  if (response.status === 200 && fields.every((field) => body[field] === expected[field])) return body;
  throw unexpected(`Instead of ${JSON.stringify(expected)}`, response);
}

function unexpected(request: string, { status, body }: { status: number; body: unknown }): Error {
  return new Error(`${request}: ${status} ${JSON.stringify(body)}`);
}
