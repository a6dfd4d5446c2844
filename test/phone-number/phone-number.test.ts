import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { ownerOf, parseVerificationId } from "../../src/ids/verification-id.ts";
import { NUMBER_LIMITS } from "../../src/phone-number/policy.ts";
import { api, check, codeSentTo, newNumber, start, useDeployment, wrong } from "../deployment.ts";

const deployment = useDeployment();
const sent = (to: string) => codeSentTo(deployment, to);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function objectOf(verification: string) {
  const id = parseVerificationId(verification);
  if (id === null) throw new Error(`${verification} is no id`);
  return env.PHONE_NUMBERS.getByName(ownerOf(id));
}

/** Everything the object has in its database, as one text to search in. */
async function storedBy(verification: string): Promise<string> {
  return runInDurableObject(objectOf(verification), (_, state) =>
    JSON.stringify([...state.storage.kv.list()], (_key, value) =>
      value === Number.POSITIVE_INFINITY ? "Infinity" : value,
    ),
  );
}

async function begin(fields: object = {}) {
  const to = newNumber();
  const { body } = await start({ to, ...fields });
  return { to, id: body.id as string, code: await sent(to) };
}

function setClock(): void {
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
}

function later(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds);
}

describe("at the same moment", () => {
  it("accepts a code once out of fifty right checks", async () => {
    const { id, code } = await begin();
    const answers = await Promise.all(Array.from({ length: 50 }, () => check(id, code)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(answers.filter(({ body }) => body.valid)).toHaveLength(1);
    expect(answers.every(({ body }) => body.status === "approved")).toBe(true);
  });

  it("counts five out of a hundred wrong checks, and the right code no longer works", async () => {
    const { id, code } = await begin();
    const answers = await Promise.all(Array.from({ length: 100 }, () => check(id, wrong(code))));
    expect(answers.filter(({ body }) => body.valid)).toHaveLength(0);
    const charged = answers.map(({ body }) => body.attempts_remaining as number);
    expect(charged.filter((left) => left > 0).toSorted()).toEqual([1, 2, 3, 4]);
    expect((await check(id, code)).body).toMatchObject({
      valid: false,
      status: "failed",
      reason: "attempts_exhausted",
      attempts_remaining: 0,
    });
    expect(await storedBy(id)).toContain('"consecutiveFailures":5');
  });

  it("sends one message out of twenty starts", async () => {
    const to = newNumber();
    const answers = await Promise.all(Array.from({ length: 20 }, () => start({ to })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.code === "resend_too_soon")).toHaveLength(19);
    expect(deployment.graphCalls).toHaveLength(1);
  });
});

describe("losing its memory", () => {
  it("keeps attempts and code through an eviction", async () => {
    const { id, code } = await begin();
    for (let attempt = 0; attempt < 3; attempt += 1) await check(id, wrong(code));
    await evictDurableObject(objectOf(id));
    expect((await api("GET", `/v1/verifications/${id}`)).body).toMatchObject({ attempts_remaining: 2 });
    expect((await check(id, code)).body).toMatchObject({ valid: true });
  });

  it("has written an attempt down by the time its answer is out", async () => {
    const { id, code } = await begin();
    const answer = check(id, wrong(code));
    await answer;
    expect(await storedBy(id)).toContain('"attempts":1');
  });
});

describe("time", () => {
  it("closes what has expired by its alarm, and drops the code then", async () => {
    setClock();
    const { id } = await begin();
    expect(await storedBy(id)).toContain('"sealed"');
    later(5 * MINUTE);
    expect(await runDurableObjectAlarm(objectOf(id))).toBe(true);
    const stored = await storedBy(id);
    expect(stored).toContain('"status":"expired"');
    expect(stored).not.toContain('"sealed"');
  });

  it("sets one alarm for a verification, and moves it for nothing that comes later", async () => {
    setClock();
    const { id, to } = await begin();
    const alarm = () => runInDurableObject(objectOf(id), (_, state) => state.storage.getAlarm());
    const first = await alarm();
    expect(first).toBe(Date.now() + 5 * MINUTE);
    later(1 * MINUTE);
    await start({ to });
    await start({ to, purpose: "signup" });
    expect(await alarm()).toBe(first);
  });

  it("can be read for a day after it closed, then not at all, and leaves nothing behind", async () => {
    setClock();
    const { id, code } = await begin();
    await check(id, code);
    later(DAY - 1);
    expect((await api("GET", `/v1/verifications/${id}`)).status).toBe(200);
    later(1);
    expect((await api("GET", `/v1/verifications/${id}`)).status).toBe(404);

    await runDurableObjectAlarm(objectOf(id));
    await runDurableObjectAlarm(objectOf(id));
    await runInDurableObject(objectOf(id), async (_, state) => {
      expect([...state.storage.kv.list()]).toEqual([]);
      expect(await state.storage.getAlarm()).toBeNull();
    });
  });

  it("remembers failures in a row after everything else is forgotten, without the number", async () => {
    setClock();
    const { id, code, to } = await begin();
    await check(id, wrong(code));
    later(3 * DAY);
    await runDurableObjectAlarm(objectOf(id));
    const stored = await storedBy(id);
    expect(stored).toContain('"consecutiveFailures":1');
    expect(stored).not.toContain(to);
  });
});

describe("limits of a number", () => {
  it("sends ten messages a day, over all purposes", async () => {
    setClock();
    const to = newNumber();
    const statuses: number[] = [];
    for (let send = 0; send < 11; send += 1) {
      statuses.push((await start({ to, purpose: ["login", "signup", "recovery"][send % 3] })).status);
      later(30 * MINUTE);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 201), 429]);
    expect(await start({ to })).toMatchObject({ body: { code: "send_limit_reached" } });
    later(DAY - 10 * 30 * MINUTE);
    expect((await start({ to })).status).toBe(201);
  });

  it("sends five messages for a verification", async () => {
    setClock();
    const to = newNumber();
    const bind = { amount: "1.00", currency: "EUR", payee: "Ana" };
    const { body } = await start({ to, purpose: "patient", bind });
    for (let send = 0; send < 4; send += 1) {
      later(6_000);
      expect((await api("POST", `/v1/verifications/${body.id}/resend`)).status).toBe(200);
    }
    later(6_000);
    const refused = await api("POST", `/v1/verifications/${body.id}/resend`);
    expect(refused).toMatchObject({ status: 429, body: { code: "send_limit_reached" } });
    expect(refused.headers.get("ratelimit-policy")).toContain('"sends-per-verification";q=5');
  });

  it("locks after ten failures in a row for growing times, and a success forgives them all", async () => {
    setClock();
    const to = newNumber();
    const fail = async () => {
      const started = await start({ to });
      if (started.status !== 201) return started;
      for (let attempt = 0; attempt < 5; attempt += 1) await check(started.body.id, wrong(await sent(to)));
      return started;
    };
    await fail();
    await fail();
    const locked = await start({ to });
    expect(locked).toMatchObject({ status: 429, body: { code: "number_locked" } });
    expect(locked.headers.get("retry-after")).toBe(String(NUMBER_LIMITS.firstDelaySeconds));

    later(NUMBER_LIMITS.firstDelaySeconds * 1000);
    const { body } = await start({ to });
    const code = await sent(to);
    await check(body.id, wrong(code));
    const refused = await check(body.id, code);
    expect(refused).toMatchObject({ status: 429, body: { code: "number_locked" } });
    expect(refused.headers.get("retry-after")).toBe(String(2 * NUMBER_LIMITS.firstDelaySeconds));

    later(2 * NUMBER_LIMITS.firstDelaySeconds * 1000);
    expect((await check(body.id, code)).body).toMatchObject({ valid: true, attempts_remaining: 3 });
    expect(await storedBy(body.id)).toContain('"consecutiveFailures":0');
  });

  it("does not let a new verification, a resend or a day of silence reset the failures", async () => {
    setClock();
    const { id, code, to } = await begin();
    for (let attempt = 0; attempt < 5; attempt += 1) await check(id, wrong(code));
    const second = await start({ to });
    for (let attempt = 0; attempt < 4; attempt += 1) await check(second.body.id, wrong(await sent(to)));
    later(MINUTE);
    await api("POST", `/v1/verifications/${second.body.id}/resend`);
    later(2 * DAY);
    await runDurableObjectAlarm(objectOf(id));
    const third = await start({ to });
    await check(third.body.id, wrong(await sent(to)));
    expect(await start({ to })).toMatchObject({ body: { code: "number_locked" } });
  });
});

describe("secrets", () => {
  it("are in no storage, no log and no answer", async () => {
    const to = newNumber();
    const started = await start({ to });
    const code = await sent(to);
    const answers = [started.text, (await check(started.body.id, wrong(code))).text];
    answers.push((await api("POST", `/v1/verifications/${started.body.id}/resend`)).text);
    answers.push((await api("GET", `/v1/verifications/${started.body.id}`)).text);
    expect(await storedBy(started.body.id)).not.toContain(code);
    const approved = await check(started.body.id, code);
    answers.push(approved.text, await storedBy(started.body.id));
    for (const text of [...answers, ...deployment.logLines]) expect(text).not.toContain(code);
    for (const line of deployment.logLines) expect(line).not.toContain(to.slice(1));
    expect(deployment.logLines.join()).toContain("+62*********");
  });

  it("name no object by its number", async () => {
    const { id, to } = await begin();
    const name = await runInDurableObject(objectOf(id), (_, state) => state.id.name);
    expect(name).toMatch(/^[0-9a-hjkmnp-tv-z]{16}$/);
    expect(name).not.toContain(to.slice(3));
  });
});
