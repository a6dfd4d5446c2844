import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { namesOf } from "../../src/ids/phone-number-name.ts";
import { parseVerificationId } from "../../src/ids/verification-id.ts";
import { Journal } from "../../src/journal/journal.ts";
import type { JournalFilter } from "../../src/journal/page.ts";
import { newestFirst } from "../../src/journal/page.ts";
import type { E164 } from "../../src/numbering/e164.ts";
import { parseCursor, serializeCursor } from "../../src/platform/cursor.ts";
import { BEGINNING, batches, eventsOf, keyring, lastOf, randomFrom, type Story, tell } from "./stories.ts";

const journal = new Journal(env.JOURNAL);
const random = randomFrom(10);
const COUNT = 5_000;
const NUMBER = "+6281234567890" as E164;

/** Many share a millisecond, so that the id has to break ties. */
const stories: readonly Story[] = Array.from({ length: COUNT }, (_, at) =>
  tell(random, {
    createdAt: BEGINNING + random.below(1000) * 60_000,
    ...(at % 50 === 0 && { number: NUMBER }),
  }),
);
const expected = stories.map(lastOf).sort(newestFirst);

beforeAll(async () => {
  for (const batch of batches(random.shuffled(eventsOf(stories)))) await journal.record(batch);
});

/** Pages through a list to its end, and does something between the pages. */
async function readAll(filter: Omit<JournalFilter, "after">, between = async () => {}) {
  const ids: string[] = [];
  let after: JournalFilter["after"];
  for (let pages = 0; pages < 1000; pages += 1) {
    const page = await journal.list({ ...filter, after });
    expect(page.verifications.length).toBeLessThanOrEqual(filter.limit);
    ids.push(...page.verifications.map(({ id }) => id));
    if (page.next === null) return ids;
    after = parseCursor(serializeCursor(page.next), parseVerificationId) ?? undefined;
    await between();
  }
  throw new Error("It never ends");
}

describe("listing", () => {
  it("has one row for each of 5,000 verifications, and pages through them all, newest first", async () => {
    expect(await env.JOURNAL.prepare("SELECT count(*) AS n FROM verifications").first("n")).toBe(COUNT);
    expect(await readAll({ limit: 100 })).toEqual(expected.map(({ id }) => id));
  });

  it("reads back what was written, but for the number and the provider's ids", async () => {
    const { verifications } = await journal.list({ limit: 100 });
    for (const [at, found] of verifications.entries()) {
      const {
        toMasked,
        toSealed: _,
        country: __,
        revision: ___,
        messages,
        ...rest
      } = expected[at] ?? lastOf([]);
      expect(found).toEqual({
        ...rest,
        to: toMasked,
        messages: messages.map(
          ({
            leasedAt: _,
            timeToLiveSeconds: _____,
            sentAt: __,
            deliveredAt: ___,
            readAt: ____,
            ...message
          }) => ({
            ...message,
            providerMessageId: null,
          }),
        ),
      });
    }
  });

  const tag = namesOf(keyring, NUMBER);
  const stranger = namesOf(keyring, "+6281234567891" as E164);
  type Last = (typeof expected)[number];
  it.each<[string, Omit<JournalFilter, "limit">, (verification: Last) => boolean]>([
    ["a status", { status: "expired" }, (it) => it.status === "expired"],
    ["a purpose", { purpose: "signup" }, (it) => it.purpose === "signup"],
    [
      "both",
      { status: "failed", purpose: "login" },
      (it) => it.status === "failed" && it.purpose === "login",
    ],
    ["a number", { tags: tag }, (it) => it.id.includes(tag[0])],
    ["a number under two keys", { tags: [...stranger, ...tag] }, (it) => it.id.includes(tag[0])],
    [
      "a number and a status",
      { tags: tag, status: "approved" },
      (it) => it.id.includes(tag[0]) && it.status === "approved",
    ],
    ["a number never seen", { tags: stranger }, () => false],
    ["a purpose never used", { purpose: "recovery" }, () => false],
    ["what is pending", { status: "pending" }, () => false],
  ])("filters by %s, on every page", async (_, filter, isWanted) => {
    const wanted = expected.filter(isWanted).map(({ id }) => id);
    for (const limit of [7, 100].slice(wanted.length > 200 ? 1 : 0)) {
      expect(await readAll({ ...filter, limit })).toEqual(wanted);
    }
  });

  it.each([
    "",
    "x",
    "MTIz",
    serializeCursor({ createdAt: 1, id: "vrf_1" as Last["id"] }),
    `${"A".repeat(500)}`,
  ])("does not read %j as a cursor", (text) => {
    expect(parseCursor(text, parseVerificationId)).toBeNull();
  });
});

it("shows each row once that was there from the start, while others are being written", async () => {
  const before = new Set(expected.map(({ id }) => id as string));
  const ids = await readAll({ limit: 100 }, async () => {
    const later = () => tell(random, { createdAt: BEGINNING + random.below(1100) * 60_000 });
    await journal.record(eventsOf(Array.from({ length: 20 }, later)));
    await journal.record(eventsOf(random.shuffled(stories).slice(0, 20)));
  });
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => before.has(id))).toEqual(expected.map(({ id }) => id));
  expect(ids.length).toBeGreaterThan(COUNT);
});
