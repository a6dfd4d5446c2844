import { env } from "cloudflare:workers";
import { afterEach, expect, it } from "vitest";
import { namesOf } from "../../src/ids/phone-number-name.ts";
import { VIA_NAMES } from "../../src/ids/via.ts";
import { Journal } from "../../src/journal/journal.ts";
import type { E164 } from "../../src/numbering/e164.ts";
import { clear, drawHistory, eventsOf, fill, keyring, lastOf, randomFrom } from "./histories.ts";

const journal = new Journal(env.JOURNAL);

afterEach(clear);

it("the journal keeps by which API a verification was started", async () => {
  const random = randomFrom(5);
  const histories = VIA_NAMES.map((via) => drawHistory(random, { via }));
  await journal.record(eventsOf(histories));
  const { verifications } = await journal.list(null, { limit: 100 });
  const listed = new Map(verifications.map(({ id, via }) => [id, via]));
  expect(histories.map((history) => listed.get(lastOf(history).id))).toEqual([...VIA_NAMES]);
  const { results } = await env.JOURNAL.prepare("SELECT DISTINCT via FROM verifications ORDER BY via").all();
  expect(results.map(({ via }) => via)).toEqual([...VIA_NAMES].sort());
});

it("a row of the journal from before there were other APIs came by v1", async () => {
  // The statement of `fill` does not name the column.
  await fill(namesOf(keyring, "+6281234567890" as E164)[0], 1);
  expect((await journal.list(null, { limit: 10 })).verifications).toMatchObject([{ via: "v1" }]);
});
