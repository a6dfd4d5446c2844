import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Buffer } from "node:buffer";
import { describe, expect, it, vi } from "vitest";
import { deploy } from "../../src/deployment.ts";
import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import { enforceRetention, recordInJournal } from "../../src/journal/journal.ts";
import { Contact } from "../../src/notifications/contact.ts";
import type { E164 } from "../../src/numbering/e164.ts";
import { PhoneNumber } from "../../src/phone-number/phone-number.ts";
import { api, control, messagesTo, newNumber, start, useDeployment } from "../deployment.ts";
import { clear } from "../journal/histories.ts";
import {
  DAY,
  notified,
  notify,
  objectOf,
  postStatus,
  read,
  SECOND,
  useNotificationRig,
  userWrites,
} from "./rig.ts";

const deployment = useDeployment();
const rig = useNotificationRig(deployment);
const { notifications, journal } = deploy(env);

const phone = (to: string) => messagesTo(deployment, to);
const fail = (...codes: number[]) =>
  control(deployment, "PUT", "/behaviour", { fail_next: codes.map((code) => ({ http_status: 400, code })) });

/** Simulates a crash after WhatsApp accepted the message and before the result was recorded. */
function dyingWorker() {
  return vi.spyOn(Contact.prototype, "settle").mockImplementation(() => {
    throw new Error("the Worker was killed");
  });
}

describe("a notification", () => {
  it("is sent once and emits an event for each status", async () => {
    const to = newNumber();
    const id = await notified(to, { metadata: { order_id: "A-77" } });
    expect(await read(id)).toMatchObject({ status: "queued", provider_message_id: null });
    expect(await rig().work()).toEqual([{ kind: "sent" }]);
    const [message] = await phone(to);
    expect(message).toMatchObject({ text: "Hi Ana Wijaya, order A-77 has shipped.", callback_data: id });
    await control(deployment, "POST", `/messages/${message?.id}/status`, { status: "read" });
    expect(await read(id)).toMatchObject({
      id,
      to,
      status: "read",
      template: "shipping_update",
      language: "en_US",
      batch_id: null,
      metadata: { order_id: "A-77" },
      provider_message_id: message?.id,
      error: null,
      sent_at: null,
      delivered_at: null,
      read_at: expect.any(String),
    });
    expect(rig().eventTypes).toEqual(["notification.read"]);
  });

  it("is sent once although its job is delivered again, concurrently or later", async () => {
    const to = newNumber();
    await notified(to);
    await vi.waitFor(() => expect(rig().jobs).toHaveLength(1));
    const [job] = rig().jobs;
    if (job === undefined) throw new Error("There is a job");
    rig().jobs.push(job, job);
    const outcomes = await rig().work();
    expect(outcomes.filter(({ kind }) => kind === "later")).toHaveLength(2);
    expect(await notifications.sendJob(job)).toEqual({ kind: "sent" });
    expect(await phone(to)).toHaveLength(1);
  });

  it("is stored together with its job, which is queued after the queue has recovered", async () => {
    rig().queueIsDown = true;
    const to = newNumber();
    const id = await notified(to);
    await evictDurableObject(objectOf(id));
    rig().queueIsDown = false;
    expect(await runDurableObjectAlarm(objectOf(id))).toBe(true);
    expect(await rig().work()).toEqual([{ kind: "sent" }]);
    expect(await phone(to)).toHaveLength(1);
  });

  it("is sent although the queue loses its job", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    const id = await notified(to);
    await vi.waitFor(() => expect(rig().jobs.splice(0)).toHaveLength(1));
    vi.setSystemTime(Date.now() + 3_600_000);
    await runDurableObjectAlarm(objectOf(id));
    expect(await rig().work()).toEqual([{ kind: "sent" }]);
    expect(await phone(to)).toHaveLength(1);
  });

  it("waits while WhatsApp is rate limited, and fails after a day of it", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    await fail(131056);
    const to = newNumber();
    const id = await notified(to);
    await vi.waitFor(() => expect(rig().jobs).toHaveLength(1));
    const [job] = rig().jobs;
    expect(await rig().work()).toEqual([{ kind: "later", delaySeconds: 15 }]);
    expect(await read(id)).toMatchObject({ status: "queued", error: { code: "131056" } });
    vi.setSystemTime(Date.now() + DAY);
    await runDurableObjectAlarm(objectOf(id));
    expect(await read(id)).toMatchObject({ status: "failed", error: { code: "131056" } });
    expect(job && (await notifications.sendJob(job))).toMatchObject({ kind: "failed" });
    expect(rig().eventTypes).toEqual(["notification.failed"]);
    expect(await phone(to)).toHaveLength(0);
  });

  it("rejected by WhatsApp fails with the error", async () => {
    await fail(131026);
    const id = await notified();
    expect(await rig().work()).toMatchObject([{ kind: "failed", error: { code: "131026" } }]);
    expect(await read(id)).toMatchObject({ status: "failed", error: { code: "131026" } });
  });

  it("encrypted under a removed key fails without affecting others", async () => {
    await notified();
    await vi.waitFor(() => expect(rig().jobs).toHaveLength(1));
    rig().jobs.push(
      ...rig()
        .jobs.splice(0)
        .map((job) => ({ ...job, sealed: "nonsense" })),
    );
    expect(await rig().work()).toMatchObject([{ kind: "failed", error: { code: "unreadable" } }]);
  });

  it("is deleted with its number after seven days and then not found", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const id = await notified();
    await rig().work();
    await postStatus(id, "read");
    vi.setSystemTime(Date.now() + 7 * DAY + SECOND);
    expect(await read(id)).toMatchObject({ code: "not_found" });
    await runDurableObjectAlarm(objectOf(id));
    expect(await runInDurableObject(objectOf(id), (_, { storage }) => [...storage.kv.list()])).toEqual([]);
  });
});

describe("a notification whose Worker crashes between the send and its record", () => {
  it("is not sent again during the lease, and never after a status update", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    const id = await notified(to);
    await vi.waitFor(() => expect(rig().jobs).toHaveLength(1));
    const [job] = rig().jobs;
    if (job === undefined) throw new Error("There is a job");
    const killed = dyingWorker();
    await expect(rig().work()).rejects.toThrow("killed");
    killed.mockRestore();
    await evictDurableObject(objectOf(id));
    expect(await notifications.sendJob(job)).toMatchObject({ kind: "later" });
    const [message] = await phone(to);
    await control(deployment, "POST", `/messages/${message?.id}/status`, { status: "sent" });
    vi.setSystemTime(Date.now() + 60 * SECOND);
    expect(await notifications.sendJob(job)).toEqual({ kind: "sent" });
    expect(await phone(to)).toHaveLength(1);
  });

  it("is sent again after the lease when no status update arrived", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    await notified(to);
    await vi.waitFor(() => expect(rig().jobs).toHaveLength(1));
    const [job] = rig().jobs;
    vi.mocked(fetch).mockImplementationOnce(() => Promise.reject(new Error("the line is dead")));
    const killed = dyingWorker();
    await expect(rig().work()).rejects.toThrow("killed");
    killed.mockRestore();
    vi.setSystemTime(Date.now() + 30 * SECOND);
    expect(job && (await notifications.sendJob(job))).toEqual({ kind: "sent" });
    expect(await phone(to)).toHaveLength(1);
  });

  it("is sent exactly once to each of sixty users", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const numbers = Array.from({ length: 60 }, newNumber);
    await Promise.all(numbers.map((to) => notified(to)));
    await vi.waitFor(() => expect(rig().jobs).toHaveLength(60));
    const jobs = [...rig().jobs];
    const real = Contact.prototype.settle;
    let count = 0;
    const killed = vi.spyOn(Contact.prototype, "settle").mockImplementation(function (
      this: Contact,
      command,
    ) {
      count += 1;
      if (count % 3 === 0) throw new Error("the Worker was killed");
      return real.call(this, command);
    });
    // Half of the jobs are in progress at the crash, some of them settled.
    await Promise.allSettled(jobs.slice(0, 30).map((job) => notifications.sendJob(job)));
    killed.mockRestore();
    for (const to of numbers) {
      for (const { id } of await phone(to))
        await control(deployment, "POST", `/messages/${id}/status`, { status: "sent" });
    }
    vi.setSystemTime(Date.now() + 31 * SECOND);
    const outcomes = await Promise.all(jobs.map((job) => notifications.sendJob(job)));
    expect(outcomes.every(({ kind }) => kind === "sent")).toBe(true);
    for (const to of numbers) expect(await phone(to)).toHaveLength(1);
  });
});

describe("status updates", () => {
  it("reach the notification and no verification of the same number", async () => {
    const to = newNumber();
    const { body } = await start({ to });
    const id = await notified(to);
    await rig().work();
    const verifications = vi.spyOn(PhoneNumber.prototype, "recordUpdates");
    await postStatus(id, "delivered");
    expect(verifications).not.toHaveBeenCalled();
    expect(await read(id)).toMatchObject({ status: "delivered" });
    expect(body.messages[0].status).toBe("queued");
  });

  it("without callback data are matched by WhatsApp's message id, else to the code's message", async () => {
    const to = newNumber();
    const { body } = await start({ to });
    const id = await notified(to);
    await rig().work();
    const bare = { biz_opaque_callback_data: undefined, recipient_id: to.slice(1) };
    const { provider_message_id } = await read(id);
    const errors = [{ code: 131026 }];
    await postStatus("", "failed", { ...bare, id: provider_message_id, errors });
    const ofCode = { ...bare, id: body.messages[0].provider_message_id };
    await postStatus(`${body.id}.0`, "sent", { ...ofCode, biz_opaque_callback_data: `${body.id}.0` });
    await postStatus("", "delivered", ofCode);
    expect(await read(id)).toMatchObject({ status: "failed", error: { code: "131026" } });
    const { body: verification } = await api("GET", `/v1/verifications/${body.id}`);
    expect(verification.messages).toMatchObject([{ status: "delivered" }]);
  });

  it("about unknown messages change nothing and are acknowledged", async () => {
    expect((await postStatus("ntf_00000000000000000000000000", "read")).status).toBe(200);
  });

  it("that could not be stored are not acknowledged", async () => {
    const id = await notified();
    const broken = vi.spyOn(Contact.prototype, "recordUpdates").mockImplementationOnce(() => {
      throw new Error("the disk is gone");
    });
    expect((await postStatus(id, "read")).status).toBe(500);
    broken.mockRestore();
    expect((await postStatus(id, "read")).status).toBe(200);
    expect(await read(id)).toMatchObject({ status: "read" });
  });
});

describe("an opt-out", () => {
  const expectSilence = async (to: string) => {
    const sent = (await phone(to)).length;
    const { status, body } = await notify(to);
    expect([status, body.status, body.error.code]).toEqual([202, "failed", "opted_out"]);
    expect(await read(body.id)).toEqual(body);
    expect(await phone(to)).toHaveLength(sent);
    expect(rig().jobs).toHaveLength(0);
  };
  const expectToBeHeard = async (to: string) => {
    await notify(to);
    expect(await rig().work()).toEqual([{ kind: "sent" }]);
  };

  it("by STOP holds until START", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    await userWrites(deployment, to, "Stop");
    await expectSilence(to);
    vi.setSystemTime(Date.now() + SECOND);
    await userWrites(deployment, to, "What did I order?");
    await expectSilence(to);
    await userWrites(deployment, to, "START");
    await expectToBeHeard(to);
  });

  it("reported by WhatsApp's answer is stored", async () => {
    await fail(131050);
    const to = newNumber();
    await notified(to);
    expect(await rig().work()).toEqual([{ kind: "opted_out" }]);
    await expectSilence(to);
  });

  it("reported by a status update is stored and stops waiting notifications", async () => {
    const to = newNumber();
    const id = await notified(to);
    await rig().work();
    const waiting = await notified(to);
    await postStatus(id, "failed", { errors: [{ code: 131050 }] });
    expect(await rig().work()).toEqual([{ kind: "opted_out" }]);
    expect(await read(waiting)).toMatchObject({ status: "failed", error: { code: "opted_out" } });
    await expectSilence(to);
  });

  it("is kept when everything else is deleted, without identifying the user", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    const id = await notified(to);
    await rig().work();
    await userWrites(deployment, to, "STOP");
    vi.setSystemTime(Date.now() + 30 * DAY);
    await runDurableObjectAlarm(objectOf(id));
    const kept = await runInDurableObject(objectOf(id), (_, { storage }) =>
      JSON.stringify([...storage.kv.list()]),
    );
    expect(kept).toContain('"optedOut":true');
    expect(kept).not.toContain(to.slice(1));
    await expectSilence(to);
  });

  it("stored under a former key holds under the new key", async () => {
    const to = newNumber();
    await userWrites(deployment, to, "STOP");
    const next = Object.assign({}, env, { SECRET_KEY: "the-next-key-0123456789-abcdefghijkl" });
    const request = {
      app: DEFAULT_APP,
      to: to as E164,
      template: "shipping_update",
      locale: null,
      metadata: {},
      parameters: { name: "Ana", order: "A-77" },
    };
    // During the rotation the new object copies it; afterwards it has its own record.
    for (const deployed of [
      deploy(Object.assign({}, next, { SECRET_KEY_PREVIOUS: env.SECRET_KEY })),
      deploy(next),
    ]) {
      const outcome = await deployed.notifications.send(request, null);
      expect(outcome).toMatchObject({ notification: { error: { code: "opted_out" } } });
    }
  });
});

describe("the journal of notifications", () => {
  const rows = async () =>
    (await env.JOURNAL.prepare("SELECT * FROM notifications ORDER BY id").all()).results;
  const story = async () => {
    const id = await notified(newNumber(), { metadata: { order_id: "A-77" } });
    await rig().work();
    const pricing = { category: "utility", billable: true };
    for (const status of ["delivered", "sent", "read"]) await postStatus(id, status, { pricing });
    const lost = await notified();
    await rig().work();
    await postStatus(lost, "failed", { errors: [{ code: 131026 }] });
    await vi.waitFor(() => expect(rig().events).toHaveLength(4));
    return [id, lost];
  };

  it("has one row per notification, the same for any order of its events", async () => {
    const [id, lost] = await story();
    const { events } = rig();
    for (const event of events) await recordInJournal(journal, [event]);
    const expected = await rows();
    const byId = Object.fromEntries(expected.map((row) => [row.id, row]));
    expect(byId[id ?? ""]).toMatchObject({
      status: "read",
      template: "shipping_update",
      language: "en_US",
      batch_id: null,
      country: "ID",
      price_category: "utility",
      billed: 1,
      error_code: null,
      failed_at: null,
      revision: 3,
      metadata: '{"order_id":"A-77"}',
      number_tag: id?.slice(4, 20),
    });
    for (const time of ["sent_at", "delivered_at", "read_at"])
      expect(byId[id ?? ""]?.[time]).toEqual(expect.any(Number));
    expect(byId[lost ?? ""]).toMatchObject({
      status: "failed",
      error_code: "131026",
      billed: 0,
      sent_at: null,
    });
    expect(byId[lost ?? ""]?.failed_at).toEqual(expect.any(Number));

    await clear();
    await recordInJournal(journal, [...events.toReversed(), ...events]);
    expect(await rows()).toEqual(expected);
    expect(
      await journal.stats(null, { from: 0, to: Date.now() + DAY, by: "none", prices: {} }),
    ).toMatchObject({
      funnels: [{ started: 0, billedMessages: {} }],
    });
    await enforceRetention(journal, 90, Date.now() + 98 * DAY);
    expect(await rows()).toEqual([]);
  });
});

it("keeps full numbers only in the contact object and texts nowhere in the clear", async () => {
  const to = newNumber();
  const id = await notified(to);
  const stored = () =>
    runInDurableObject(objectOf(id), (_, { storage }) => JSON.stringify([...storage.kv.list()]));
  const waiting = await stored();
  await vi.waitFor(() => expect(rig().jobs).toHaveLength(1));
  const queued = JSON.stringify(rig().jobs);
  await rig().work();
  await postStatus(id, "sent", { id: `wamid.${Buffer.from(`x${to.slice(1)}`).toString("base64")}` });
  await recordInJournal(journal, rig().events);
  const journaled = JSON.stringify((await env.JOURNAL.prepare("SELECT * FROM notifications").all()).results);
  const eventTypes = JSON.stringify(rig().events);
  const logged = deployment.logLines.join("\n");
  expect([eventTypes, journaled].every((text) => text.includes(id))).toBe(true);
  expect(waiting).toContain(to);
  for (const text of [waiting, queued, eventTypes, journaled, logged, await stored()])
    expect(text).not.toMatch(/Wijaya|has shipped/);
  for (const text of [queued, eventTypes, journaled, logged]) {
    expect(text).not.toContain(to.slice(3));
    expect(text).not.toContain("wamid");
  }
});
