import { env } from "cloudflare:workers";
import { afterEach, expect, it } from "vitest";
import { type AppName, DEFAULT_APP } from "../../src/ids/app-name.ts";
import { namesOf } from "../../src/ids/phone-number-name.ts";
import { Journal } from "../../src/journal/journal.ts";
import type { E164 } from "../../src/numbering/e164.ts";
import { clear, drawHistory, eventsOf, fill, keyring, lastOf, randomFrom } from "./histories.ts";

const journal = new Journal(env.JOURNAL);
const SHOP = "shop" as AppName;
const ALL = { from: 0, to: Date.now() + 1, by: "none", prices: {} } as const;

afterEach(clear);

it("the journal lists and counts the verifications of one app, or of every app", async () => {
  const random = randomFrom(4);
  const [ofDefault, ofShop] = [drawHistory(random), drawHistory(random, { app: SHOP })];
  await journal.record(eventsOf([ofDefault, ofShop]));
  const ids = async (app: AppName | null) =>
    (await journal.list(app, { limit: 10 })).verifications.map(({ id }) => id).sort();
  expect(await ids(DEFAULT_APP)).toEqual([lastOf(ofDefault).id]);
  expect(await ids(SHOP)).toEqual([lastOf(ofShop).id]);
  expect(await ids(null)).toEqual([lastOf(ofDefault).id, lastOf(ofShop).id].sort());
  expect((await journal.list(SHOP, { limit: 10 })).verifications[0]?.app).toBe("shop");

  const started = async (app: AppName | null) => (await journal.stats(app, ALL)).funnels[0]?.started;
  expect([await started(DEFAULT_APP), await started(SHOP), await started(null)]).toEqual([1, 1, 2]);
});

it("a row of the journal from before there were apps belongs to the default app", async () => {
  // The statement of `fill` does not name the column.
  await fill(namesOf(keyring, "+6281234567890" as E164)[0], 1);
  expect((await journal.list(DEFAULT_APP, { limit: 10 })).verifications).toMatchObject([{ app: "default" }]);
  expect((await journal.list(SHOP, { limit: 10 })).verifications).toEqual([]);
});
