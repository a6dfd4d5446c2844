import { afterEach, describe, expect, it, vi } from "vitest";
import { PhoneNumber } from "../../src/phone-number/phone-number.ts";
import { isPlatformFault } from "../../src/platform/platform-fault.ts";
import { api, check, codeSentTo, messagesTo, newNumber, start, useDeployment } from "../deployment.ts";

const deployment = useDeployment();

afterEach(() => vi.restoreAllMocks());

type Method = (command: never) => never;

/** Has the object apply its next call and lose the answer, as a reset in between does. */
function loseNextAnswer(method: "start" | "check", flags: object = { retryable: true }) {
  const applied: unknown[] = [];
  const object = PhoneNumber.prototype as unknown as Record<typeof method, Method>;
  const original = object[method];
  vi.spyOn(object, method).mockImplementation(function (this: PhoneNumber, command: never) {
    applied.push(command);
    const answer = original.call(this, command);
    if (applied.length === 1) throw Object.assign(new Error("Durable Object reset"), flags);
    return answer;
  });
  return applied;
}

describe("a call to a number's object that is lost", () => {
  it("a start is repeated once, and sends one message with one code", async () => {
    const applied = loseNextAnswer("start");
    const to = newNumber();
    const { status, body } = await start({ to });
    expect([status, applied.length]).toEqual([201, 2]);
    expect(await messagesTo(deployment, to)).toHaveLength(1);
    expect((await check(body.id, await codeSentTo(deployment, to))).body.valid).toBe(true);
  });

  it("a check is repeated once, is charged once, and its right code is accepted", async () => {
    const to = newNumber();
    const { body } = await start({ to });
    const applied = loseNextAnswer("check");
    const answer = await check(body.id, await codeSentTo(deployment, to));
    expect(applied).toHaveLength(2);
    expect(answer.body).toMatchObject({ valid: true, status: "approved", attempts_remaining: 4 });
  });

  it("a call to an overloaded object is not repeated, and is answered with 503 and Retry-After", async () => {
    const applied = loseNextAnswer("start", { retryable: true, overloaded: true });
    const answer = await start({ to: newNumber() });
    expect(answer).toMatchObject({ status: 503, body: { code: "unavailable" } });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(applied).toHaveLength(1);
  });
});

describe("a fault of the platform", () => {
  it.each([
    Object.assign(new Error("x"), { retryable: true }),
    Object.assign(new Error("x"), { overloaded: true }),
    new Error("internal error; reference = 1j2k"),
    new Error("Durable Object reset because its code was updated."),
    new Error("Network connection lost."),
    new Error("D1_ERROR: D1 DB is overloaded. Too many requests queued."),
    new Error("KV GET failed: 500 Internal Server Error"),
    new Error("KV PUT failed: 429 Too Many Requests"),
  ])("is recognized: %s", (error) => {
    expect(isPlatformFault(error)).toBe(true);
  });

  it.each([
    new Error("Cannot read properties of undefined"),
    new Error("D1_ERROR: no such table: verifications: SQLITE_ERROR"),
    new Error("KV GET failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512."),
    "text",
  ])("is not a bug of ours: %s", (error) => {
    expect(isPlatformFault(error)).toBe(false);
  });
});

it("a list whose database is out of reach is answered with 503", async () => {
  const { env } = await import("cloudflare:workers");
  vi.spyOn(Object.getPrototypeOf(env.JOURNAL), "prepare").mockImplementation(() => {
    throw new Error("D1_ERROR: Network connection lost.");
  });
  expect(await api("GET", "/v1/verifications")).toMatchObject({ status: 503, body: { code: "unavailable" } });
});
