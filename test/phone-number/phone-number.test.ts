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
  if (id === null) throw new Error(`${verification} is not an id`);
  return env.PHONE_NUMBERS.getByName(ownerOf(id));
}

/** The object's whole storage as text, to search in. */
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

describe("concurrent requests", () => {
  it("a right code is accepted once out of fifty concurrent checks", async () => {
    const { id, code } = await begin();
    const answers = await Promise.all(Array.from({ length: 50 }, () => check(id, code)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(answers.filter(({ body }) => body.valid)).toHaveLength(1);
    expect(answers.every(({ body }) => body.status === "approved")).toBe(true);
  });

  it("five attempts are charged out of a hundred concurrent wrong checks, and the right code is rejected after them", async () => {
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

  it("one message is sent out of twenty concurrent starts", async () => {
    const to = newNumber();
    const answers = await Promise.all(Array.from({ length: 20 }, () => start({ to })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.code === "resend_too_soon")).toHaveLength(19);
    expect(deployment.graphCalls).toHaveLength(1);
  });
});

describe("an evicted object", () => {
  it("attempts charged and the code survive an eviction", async () => {
    const { id, code } = await begin();
    for (let attempt = 0; attempt < 3; attempt += 1) await check(id, wrong(code));
    await evictDurableObject(objectOf(id));
    expect((await api("GET", `/v1/verifications/${id}`)).body).toMatchObject({ attempts_remaining: 2 });
    expect((await check(id, code)).body).toMatchObject({ valid: true });
  });

  it("an attempt is charged durably before its answer leaves the object", async () => {
    const { id, code } = await begin();
    const answer = check(id, wrong(code));
    await answer;
    expect(await storedBy(id)).toContain('"attempts":1');
  });
});

describe("the alarm and the passing of time", () => {
  it("the alarm closes an expired verification and erases its code", async () => {
    setClock();
    const { id } = await begin();
    expect(await storedBy(id)).toContain('"sealed"');
    later(5 * MINUTE);
    expect(await runDurableObjectAlarm(objectOf(id))).toBe(true);
    const stored = await storedBy(id);
    expect(stored).toContain('"status":"expired"');
    expect(stored).not.toContain('"sealed"');
  });

  it("a verification sets one alarm, which is not moved for anything due later", async () => {
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

  it("a closed verification can be read for a day, after which the object deletes its storage", async () => {
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

  it("consecutive failures are kept after everything else is forgotten, without the phone number", async () => {
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

describe("limits of a phone number", () => {
  it("ten messages a day are sent to a number, over all purposes", async () => {
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

  it("five messages are sent for a verification", async () => {
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

  it("a number is locked after ten consecutive failures for growing times, and a right code resets them", async () => {
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

  it("consecutive failures are not reset by a new verification, a resend or a day of silence", async () => {
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
  it("a plaintext code is in no storage, log or answer, and a log has phone numbers masked", async () => {
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

  it("an object is not named by its phone number", async () => {
    const { id, to } = await begin();
    const name = await runInDurableObject(objectOf(id), (_, state) => state.id.name);
    expect(name).toMatch(/^[0-9a-hjkmnp-tv-z]{16}$/);
    expect(name).not.toContain(to.slice(3));
  });
});
