import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import type { Event } from "../../src/events/event.ts";
import { ownerOf, type VerificationId } from "../../src/ids/verification-id.ts";
import { Journal } from "../../src/journal/journal.ts";
import type { VerificationEvent } from "../../src/phone-number/event.ts";
import { codeSentTo, newNumber, useDeployment } from "../deployment.ts";
import { GuardedService } from "./guarded-service.ts";

const deployment = useDeployment();

const CODE = "424242";
const [NUMBER, LAST_DAY] = [newNumber(), "2031-05-31"];
const TEST_NUMBERS = [{ number: NUMBER, code: CODE, until: LAST_DAY }];
const PURPOSES = {
  login: {},
  anew: { resend: "new", resend_after_seconds: [6], channels: ["whatsapp", "sms"] },
};

const guarded = (guard: object = {}) =>
  new GuardedService({ test_numbers: TEST_NUMBERS, ...guard }, { PURPOSES });
const check = (service: GuardedService, id: string, code: string) =>
  service.call("POST", `/v1/verifications/${id}/check`, { code });
const objectOf = (id: string) => env.PHONE_NUMBERS.getByName(ownerOf(id as VerificationId));

function setClock(to: number) {
  vi.useFakeTimers({ now: to, toFake: ["Date"] });
  return (ms: number) => vi.setSystemTime(Date.now() + ms);
}

it("a test number receives no message, and its code is the configured one", async () => {
  const service = guarded();
  const { status, body } = await service.start({ to: NUMBER });
  expect([status, body.status, body.test, body.channel]).toEqual([201, "pending", true, "whatsapp"]);
  expect(body.messages).toMatchObject([
    { channel: "whatsapp", status: "queued", template: null, provider_message_id: null, error: null },
  ]);
  const refused = await check(service, body.id, "111111");
  expect(refused.body).toMatchObject({ valid: false, test: true, attempts_remaining: 4 });
  const approved = await check(service, body.id, CODE);
  expect(approved.body).toMatchObject({ valid: true, test: true, status: "approved" });
  expect((await check(service, body.id, CODE)).body.valid).toBe(false);
  expect(deployment.graphCalls).toEqual([]);
});

it("any other number receives its code, and its verification is not marked as a test", async () => {
  const [service, to] = [guarded(), newNumber()];
  const { body } = await service.start({ to });
  expect([body.test, deployment.graphCalls.length]).toEqual([false, 1]);
  expect((await check(service, body.id, CODE)).body.valid).toBe(false);
  const checked = await check(service, body.id, await codeSentTo(deployment, to));
  expect(checked.body).toMatchObject({ valid: true, test: false });
});

it("no rule of the guard evaluates or counts a test number", async () => {
  const full = { limit: vi.fn(async () => ({ success: false })) };
  const service = new GuardedService(
    {
      test_numbers: TEST_NUMBERS,
      destinations: { countries_denied: ["ID"] },
      named_limits: { windows: { account: "1 per day" } },
      budget: { mode: "enforce" },
      veto: { mode: "enforce", url: "https://team.test/check", on_failure: "deny" },
    },
    {
      API_KEY_FENCE: full,
      CLIENT_FENCE: full,
      GUARD_VETO_SECRET: "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    },
  );
  const objects = [env.LIMIT_COUNTERS, env.RANGES, env.TALLIES].map((namespace) =>
    vi.spyOn(namespace as DurableObjectNamespace, "getByName"),
  );
  const request = { to: NUMBER, limits: { account: "a" }, client: { ip: "203.0.113.9" } };
  const { status, body } = await service.start(request);
  expect([status, (await check(service, body.id, CODE)).body.valid]).toEqual([201, true]);
  for (const spy of [...objects, full.limit]) expect(spy).not.toHaveBeenCalled();
  expect([service.events, deployment.graphCalls]).toEqual([[], []]);
});

it("a test number works until the end of its last day, and is refused afterwards, on the safe list or not", async () => {
  const pass = setClock(Date.parse(`${LAST_DAY}T23:59:30.000Z`));
  const service = guarded();
  await service.call("POST", "/v1/guard/lists/safe", { prefix: "+62", note: "all of them" });
  const { status, body } = await service.start({ to: NUMBER });
  expect(status).toBe(201);
  pass(30_000);
  const late = [
    await service.start({ to: NUMBER, purpose: "anew" }),
    await service.call("POST", `/v1/verifications/${body.id}/resend`),
  ];
  for (const answer of late) {
    expect([answer.status, answer.body.code]).toEqual([403, "destination_not_allowed"]);
  }
  expect(service.events.map(({ decision }) => decision)).toMatchObject([
    {
      rule: "expired_test_number",
      code: "destination_not_allowed",
      refused: true,
      figures: {},
      limits: { until: LAST_DAY },
      purpose: "anew",
    },
    { rule: "expired_test_number", purpose: "login" },
  ]);
  expect(service.events.map((event) => service.numberOf(event))).toEqual([NUMBER, NUMBER]);
  expect(deployment.graphCalls).toEqual([]);
});

it("a test number receives no message by a resend, another channel or the clock, and its code stays the configured one", async () => {
  const pass = setClock(Date.now());
  const service = guarded();
  const { body } = await service.start({
    to: NUMBER,
    purpose: "anew",
    code: "777777",
    channels: ["whatsapp", "sms"],
  });
  const messages = async () => (await service.call("GET", `/v1/verifications/${body.id}`)).body.messages;
  pass(60_000);
  await runDurableObjectAlarm(objectOf(body.id));
  expect(await messages()).toHaveLength(1);
  for (const channel of ["whatsapp", "sms"]) {
    pass(6_000);
    const again = await service.call("POST", `/v1/verifications/${body.id}/resend`, { channel });
    expect([again.status, again.body.channel, again.body.test]).toEqual([200, channel, true]);
  }
  pass(60_000);
  await runDurableObjectAlarm(objectOf(body.id));
  const statuses = (await messages()).map(({ status }: { status: string }) => status);
  expect(statuses).toEqual(["queued", "queued", "queued"]);
  expect(deployment.graphCalls).toEqual([]);
  expect((await check(service, body.id, "777777")).body.valid).toBe(false);
  expect((await check(service, body.id, CODE)).body.valid).toBe(true);
});

it("a test number needs no template that WhatsApp has approved", async () => {
  const languages = { en_US: { status: "REJECTED" } };
  const template = { name: "verification_code", category: "authentication", languages };
  await env.TEMPLATES.put("template/verification_code", JSON.stringify(template));
  const pass = setClock(Date.now());
  const service = guarded();
  expect((await service.start({ to: newNumber() })).status).toBe(503);
  const { status, body } = await service.start({ to: NUMBER });
  pass(30_000);
  const again = await service.call("POST", `/v1/verifications/${body.id}/resend`);
  expect([status, again.status]).toEqual([201, 200]);
});

it("a test number has no cool-down and no day's allowance, and is locked after wrong codes", async () => {
  const pass = setClock(Date.now());
  const service = guarded();
  const { body } = await service.start({ to: NUMBER });
  for (let again = 0; again < 12; again += 1) {
    expect((await service.start({ to: NUMBER })).body.id).toBe(body.id);
  }
  let last = body;
  for (let round = 0; round < 2; round += 1) {
    const next = (await service.start({ to: NUMBER })).body;
    for (let attempt = 0; attempt < 5; attempt += 1) last = (await check(service, next.id, "111111")).body;
  }
  expect(last).toMatchObject({ status: "failed", reason: "attempts_exhausted" });
  expect((await service.start({ to: NUMBER })).body.code).toBe("number_locked");
  pass(30_000);
  for (let sends = 0; sends < 13; sends += 1) {
    const next = await service.start({ to: NUMBER });
    expect(next.status).toBe(201);
    await service.call("DELETE", `/v1/verifications/${next.body.id}`);
  }
});

it("a repeated request for a test number starts one verification", async () => {
  const service = guarded();
  const object = await service.start({ to: NUMBER }, { "idempotency-key": "k" });
  const again = await service.start({ to: NUMBER }, { "idempotency-key": "k" });
  expect([again.status, again.body]).toEqual([201, object.body]);
});

it("a number that becomes a test number, or stops being one, rejects the codes from before", async () => {
  const [real, test] = [new GuardedService({}), guarded()];
  const first = (await real.start({ to: NUMBER })).body;
  const second = (await test.start({ to: NUMBER })).body;
  expect([first.test, second.test, second.id === first.id]).toEqual([false, true, false]);
  expect((await check(test, first.id, CODE)).body).toMatchObject({ valid: false, status: "canceled" });
  const third = (await real.start({ to: NUMBER })).body;
  expect([third.test, third.id === second.id, deployment.graphCalls.length]).toEqual([false, false, 2]);
  expect((await check(real, third.id, CODE)).body.valid).toBe(false);
});

it("events and the journal mark a verification of a test number, and statistics leave it out", async () => {
  const service = guarded();
  const { body } = await service.start({ to: NUMBER });
  const events: VerificationEvent[] = [];
  const queue = await runInDurableObject(
    objectOf(body.id),
    (object) => (object as unknown as { env: Env }).env.EVENTS,
  );
  vi.spyOn(queue, "sendBatch").mockImplementation(async (messages) => {
    for (const { body: event } of messages as Iterable<MessageSendRequest<Event>>) {
      if (event.kind === "verification") events.push(event);
    }
    return {} as QueueSendBatchResponse;
  });
  await check(service, body.id, CODE);
  await vi.waitFor(() => expect(events.at(-1)?.type).toBe("verification.approved"));
  expect(events.map(({ verification }) => verification.test)).toEqual(events.map(() => true));

  await new Journal(env.JOURNAL).record(events);
  const { data } = (await service.call("GET", "/v1/verifications")).body;
  expect(data).toMatchObject([{ id: body.id, test: true, status: "approved" }]);
  const stats = (await service.call("GET", "/v1/stats")).body.data;
  expect(stats).toMatchObject([{ started: 0, sent: 0, approved: 0, billed_messages: {} }]);
});

it.each([
  ["number", { number: "628123" }, /^GUARD\.test_numbers\.0\.number is not a number in E\.164/],
  ["code", { code: "12 34" }, /^GUARD\.test_numbers\.0\.code is not 4 to 15 letters and digits/],
  ["date", { until: "31.05.2031" }, /^GUARD\.test_numbers\.0\.until is not a date/],
  ["end", { until: undefined }, /^GUARD\.test_numbers\.0\.until/],
])("a test number without a fit %s stops the Worker", (_, fault, complaint) => {
  expect(() => new GuardedService({ test_numbers: [{ ...TEST_NUMBERS[0], ...fault }] })).toThrow(complaint);
});
