import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { namesOf } from "../../src/ids/phone-number-name.ts";
import { parseVerificationId } from "../../src/ids/verification-id.ts";
import type { JournalFilter } from "../../src/journal/filter.ts";
import { newestFirst } from "../../src/journal/filter.ts";
import { Journal } from "../../src/journal/journal.ts";
import type { E164 } from "../../src/numbering/e164.ts";
import { parseCursor, serializeCursor } from "../../src/platform/cursor.ts";
import {
  BEGINNING,
  batches,
  drawHistory,
  eventsOf,
  type History,
  keyring,
  lastOf,
  randomFrom,
} from "./histories.ts";

const journal = new Journal(env.JOURNAL);
const random = randomFrom(10);
const COUNT = 5_000;
const NUMBER = "+6281234567890" as E164;

/** Many were created in the same millisecond, so that the id breaks ties. */
const histories: readonly History[] = Array.from({ length: COUNT }, (_, at) =>
  drawHistory(random, {
    createdAt: BEGINNING + random.below(1000) * 60_000,
    ...(at % 50 === 0 && { number: NUMBER }),
  }),
);
const expected = histories.map(lastOf).sort(newestFirst);

beforeAll(async () => {
  for (const batch of batches(random.shuffled(eventsOf(histories)))) await journal.record(batch);
});

/** Reads all pages of a list, with an action between the pages. */
async function readAll(filter: Omit<JournalFilter, "after">, between = async () => {}) {
  const ids: string[] = [];
  let after: JournalFilter["after"];
  for (let pages = 0; pages < 1000; pages += 1) {
    const page = await journal.list(null, { ...filter, after });
    expect(page.verifications.length).toBeLessThanOrEqual(filter.limit);
    ids.push(...page.verifications.map(({ id }) => id));
    if (page.next === null) return ids;
    after = parseCursor(serializeCursor(page.next), parseVerificationId) ?? undefined;
    await between();
  }
  throw new Error("The list does not end");
}

describe("The list of the journal", () => {
  it("the pages of the list contain each of 5,000 verifications once, newest first", async () => {
    expect(await env.JOURNAL.prepare("SELECT count(*) AS n FROM verifications").first("n")).toBe(COUNT);
    expect(await readAll({ limit: 100 })).toEqual(expected.map(({ id }) => id));
  });

  it("a listed verification equals the recorded one, except for the masked number and the provider's ids", async () => {
    const { verifications } = await journal.list(null, { limit: 100 });
    for (const [at, found] of verifications.entries()) {
      const {
        toMasked,
        toSealed: _,
        revision: ___,
        network: ____,
        codeCheckedBy: ______,
        messages,
        ...rest
      } = expected[at] ?? lastOf([]);
      expect(found).toEqual({
        ...rest,
        to: toMasked,
        messages: messages.map(
          ({
            leasedAt: _,
            sender: ______,
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
  const unknownNumber = namesOf(keyring, "+6281234567891" as E164);
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
    ["a number under two keys", { tags: [...unknownNumber, ...tag] }, (it) => it.id.includes(tag[0])],
    [
      "a number and a status",
      { tags: tag, status: "approved" },
      (it) => it.id.includes(tag[0]) && it.status === "approved",
    ],
    ["a number never seen", { tags: unknownNumber }, () => false],
    ["a purpose never used", { purpose: "recovery" }, () => false],
    ["a status that is never journaled", { status: "pending" }, () => false],
  ])("every page of the list is filtered by %s", async (_, filter, isMatching) => {
    const matching = expected.filter(isMatching).map(({ id }) => id);
    for (const limit of [7, 100].slice(matching.length > 200 ? 1 : 0)) {
      expect(await readAll({ ...filter, limit })).toEqual(matching);
    }
  });

  it.each([
    "",
    "x",
    "MTIz",
    serializeCursor({ createdAt: 1, id: "vrf_1" as Last["id"] }),
    `${"A".repeat(500)}`,
  ])("%j is not parsed as a cursor", (text) => {
    expect(parseCursor(text, parseVerificationId)).toBeNull();
  });
});

it("the list contains each row that existed at the start once, while rows are being written", async () => {
  const before = new Set(expected.map(({ id }) => id as string));
  const ids = await readAll({ limit: 100 }, async () => {
    const later = () => drawHistory(random, { createdAt: BEGINNING + random.below(1100) * 60_000 });
    await journal.record(eventsOf(Array.from({ length: 20 }, later)));
    await journal.record(eventsOf(random.shuffled(histories).slice(0, 20)));
  });
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => before.has(id))).toEqual(expected.map(({ id }) => id));
  expect(ids.length).toBeGreaterThan(COUNT);
});
