import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { ownerOf } from "../../../src/ids/verification-id.ts";
import { Journal } from "../../../src/journal/journal.ts";
import { HOUR_MS } from "../../../src/platform/time.ts";
import { api, check, codeSentTo, newNumber, start, useDeployment } from "../../deployment.ts";
import { drawHistory, eventsOf, fill, type History, lastOf, randomFrom } from "../../journal/histories.ts";

const deployment = useDeployment();
const journal = new Journal(env.JOURNAL);
const random = randomFrom(30);

const list = (query: Record<string, string | number>) =>
  api(
    "GET",
    `/v1/verifications?${new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]))}`,
  );

/** Finished verifications, the oldest first, an hour apart; the last one an hour ago. */
async function journaled(count: number, told: Parameters<typeof drawHistory>[1] = {}): Promise<History[]> {
  const stories = Array.from({ length: count }, (_, at) =>
    drawHistory(random, { createdAt: Date.now() - (count - at) * HOUR_MS, ...told }),
  );
  await journal.record(eventsOf(stories));
  return stories;
}

const idsOf = (stories: readonly History[]) => stories.map((story) => lastOf(story).id).reverse();

async function readAll(query: Record<string, string | number>) {
  const pages: string[][] = [];
  let next: string | null = null;
  do {
    const { status, body } = await list({ ...query, ...(next !== null && { after: next }) });
    expect(status).toBe(200);
    pages.push(body.data.map(({ id }: { id: string }) => id));
    next = body.next;
  } while (next !== null);
  return pages;
}

it("the list shows finished verifications as other answers do, with the number masked", async () => {
  const [story] = await journaled(1, { number: "+6281234567890", status: "approved", reason: null });
  const { body, text } = await list({});
  const { id, createdAt, purpose, messages } = lastOf(story ?? []);
  expect(body).toMatchObject({
    data: [
      {
        id,
        status: "approved",
        purpose,
        to: "+62*********90",
        created_at: new Date(createdAt).toISOString(),
      },
    ],
    next: null,
  });
  expect(body.data[0].messages).toHaveLength(messages.length);
  expect(body.data[0].messages[0].provider_message_id).toBeNull();
  expect(Object.keys(body.data[0])).toEqual(Object.keys((await start({ to: newNumber() })).body));
  expect(text).not.toContain("6281234567890");
});

it("the list pages through all verifications, newest first", async () => {
  const stories = await journaled(25);
  const pages = await readAll({ limit: 10 });
  expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
  expect(pages.flat()).toEqual(idsOf(stories));
});

it("the list is filtered by status and purpose", async () => {
  const stories = await journaled(40);
  const wanted = idsOf(stories.filter((story) => lastOf(story).status === "expired"));
  expect((await readAll({ status: "expired", limit: 3 })).flat()).toEqual(wanted);
  expect((await list({ status: "pending" })).body).toEqual({ data: [], next: null });
  const signups = idsOf(stories.filter((story) => lastOf(story).purpose === "signup"));
  expect((await readAll({ purpose: "signup", limit: 100 })).flat()).toEqual(signups);
});

it("the list of a number merges pending and finished verifications, each once, on any page", async () => {
  const to = newNumber();
  const past = await journaled(5, { number: to });
  await journaled(5, { number: newNumber() });
  const pending = (await start({ to })).body;
  const approved = (await start({ to, purpose: "signup" })).body;
  await check(approved.id, await codeSentTo(deployment, to));
  // In the journal as well as in the object by now: the object's, which has the number, is shown.
  await journal.record(
    eventsOf([
      drawHistory(random, { number: to, id: approved.id, createdAt: Date.parse(approved.created_at) }),
    ]),
  );

  const expected = new Set([approved.id, pending.id, ...idsOf(past)]);
  for (const limit of [1, 2, 3, 7, 50]) {
    const ids = (await readAll({ to, limit })).flat();
    expect(new Set(ids)).toEqual(expected);
    expect(ids).toHaveLength(7);
    expect(ids.slice(2)).toEqual(idsOf(past));
  }
  const { body } = await list({ to });
  expect(body.data.map((it: { to: string }) => it.to === to)).toEqual([true, true, ...past.map(() => false)]);
  expect((await list({ to, status: "pending" })).body.data).toMatchObject([{ id: pending.id, to }]);
  expect((await list({ to, purpose: "signup", status: "approved", limit: 1 })).body.data).toMatchObject([
    { id: approved.id },
  ]);
});

it("the list of a number sorts a pending verification between finished ones, and shows it once", async () => {
  const to = newNumber();
  const { id, created_at } = (await start({ to })).body;
  const hours = [-2, -1, 1, 2];
  const stories = hours.map((hour) =>
    drawHistory(random, { number: to, createdAt: Date.parse(created_at) + hour * HOUR_MS }),
  );
  await journal.record(eventsOf(stories));
  const [two, one, ...before] = idsOf(stories);
  for (const limit of [1, 2, 3, 4, 5]) {
    expect((await readAll({ to, limit })).flat()).toEqual([two, one, id, ...before]);
  }
});

it("the list of a number shows a pending verification once, however many finished ones there are", async () => {
  const to = newNumber();
  const { id } = (await start({ to })).body;
  await fill(ownerOf(id), 1000, { first: Date.now() + HOUR_MS, everyMs: 60_000 });
  expect(await readAll({ to, status: "pending" })).toEqual([[id]]);
  expect((await readAll({ to, limit: 100 })).flat().filter((one) => one === id)).toEqual([id]);
});

it("the list reads a space at the beginning of a number as its plus sign", async () => {
  const to = newNumber();
  const { id } = (await start({ to })).body;
  for (const spelled of [to, to.replace("+", "%2B"), to.replace("+", "%20")]) {
    expect((await api("GET", `/v1/verifications?to=${spelled}`)).body.data).toMatchObject([{ id }]);
  }
  expect((await list({ to: newNumber() })).body).toEqual({ data: [], next: null });
});

it.each([
  ["to=6281234567890", "invalid_phone_number", "/to"],
  ["to=", "invalid_phone_number", "/to"],
  ["status=open", "invalid_request", "/status"],
  ["purpose=", "invalid_request", "/purpose"],
  ["limit=0", "invalid_request", "/limit"],
  ["limit=101", "invalid_request", "/limit"],
  ["after=x", "invalid_request", "/after"],
  ["after=", "invalid_request", "/after"],
  ["page=2", "invalid_request", "/page"],
])("refuses ?%s and names the fault", async (query, code, pointer) => {
  const { status, body } = await api("GET", `/v1/verifications?${query}`);
  expect([status, body.code, body.errors[0].pointer]).toEqual([400, code, pointer]);
});

it("the list calls no object without a number, and hides the database's error when it fails", async () => {
  const objects = vi.spyOn(env.PHONE_NUMBERS, "getByName");
  await list({ limit: 5 });
  expect(objects).not.toHaveBeenCalled();
  vi.spyOn(env.JOURNAL, "prepare").mockImplementation(() => {
    throw new Error("D1_ERROR: no such column: verifications.hour: SQLITE_ERROR");
  });
  const { status, body, text } = await list({});
  expect([status, body.code]).toEqual([500, "internal"]);
  expect(text).not.toMatch(/verifications|SQL|D1/);
});
