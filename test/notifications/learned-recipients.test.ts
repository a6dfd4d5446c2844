import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { deploy } from "../../src/deployment.ts";
import { namesOf } from "../../src/ids/phone-number-name.ts";
import { Contact } from "../../src/notifications/contact.ts";
import type { E164 } from "../../src/numbering/e164.ts";
import { PhoneNumber } from "../../src/phone-number/phone-number.ts";
import { pointerEnd, validPointer, withPointer, withUse } from "../../src/phone-number/pointer.ts";
import {
  api,
  check,
  codeSentTo,
  control,
  messagesTo,
  start,
  statuses,
  useDeployment,
  webhook,
} from "../deployment.ts";
import { DAY, notify, read, SECOND, useNotificationRig, userWrites } from "./rig.ts";

const deployment = useDeployment();
const rig = useNotificationRig(deployment);
const { config } = deploy(env);

const nameOf = (to: string) => namesOf(config.keyring, to as E164)[0];
const numberObject = (to: string) => env.PHONE_NUMBERS.getByName(nameOf(to));
const contactObject = (to: string) => env.CONTACTS.getByName(nameOf(to));

/** Argentina: no rule tells a mobile number without its 9 from a landline. Each test has numbers of its own. */
let drawn = 0;
let dialled: string;
let account: string;

beforeEach(async () => {
  drawn += 1;
  const subscriber = String(20_000_000 + drawn);
  dialled = `+5411${subscriber}`;
  account = `+54911${subscriber}`;
  await control(deployment, "PUT", `/numbers/${dialled}`, { wa_id: account.slice(1) });
});

const untilLearned = () =>
  vi.waitFor(async () => {
    expect(await numberObject(account).pointer()).toBe(nameOf(dialled));
    expect(await contactObject(account).pointer()).toBe(nameOf(dialled));
  });

async function started(more: object = {}) {
  const { body } = await start({ to: dialled, ...more });
  await untilLearned();
  return body;
}

describe("a person whom WhatsApp knows by another number than the dialled one", () => {
  it("meets their verification when they deny it", async () => {
    const { id } = await started();
    const [message] = await messagesTo(deployment, dialled);
    const tap = { from: dialled, button_payload: "DID_NOT_REQUEST_CODE", context_id: message?.id };
    await control(deployment, "POST", "/inbound", tap);
    const { body } = await api("GET", `/v1/verifications/${id}`);
    expect(body).toMatchObject({ to: dialled, status: "failed", reason: "denied_by_user" });
  });

  it("has one window and one consent under both numbers", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    await started();
    await userWrites(deployment, dialled, "Hola");
    for (const to of [dialled, account]) {
      expect(await api("POST", "/v1/messages", { to, text: "Hola" })).toMatchObject({
        status: 202,
        body: { to },
      });
    }
    await userWrites(deployment, dialled, "BAJA");
    for (const to of [dialled, account]) {
      expect((await notify(to)).body).toMatchObject({ to, status: "failed", error: { code: "opted_out" } });
    }
    vi.setSystemTime(Date.now() + SECOND);
    await userWrites(deployment, dialled, "ALTA");
    for (const to of [dialled, account]) {
      const { body } = await notify(to);
      expect(await rig().work()).toEqual([{ kind: "sent" }]);
      expect(await read(body.id)).toMatchObject({ to, error: null });
    }
  });

  it("stays opted out when they said so before the numbers were known to be one person's", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    await userWrites(deployment, dialled, "STOP");
    expect((await contactObject(dialled).consent()).choice).toBeNull();
    await started();
    expect((await notify(dialled)).body).toMatchObject({ status: "failed", error: { code: "opted_out" } });

    // And a later opt-in is not undone by what the other object once had.
    vi.setSystemTime(Date.now() + SECOND);
    await userWrites(deployment, dialled, "START");
    vi.setSystemTime(Date.now() + 8 * DAY);
    for (const to of [dialled, account]) expect((await notify(to)).body.status).toBe("queued");
  });

  it("loses no opt-out that arrives while the consent moves", async () => {
    const join = Contact.prototype.join;
    vi.spyOn(Contact.prototype, "join").mockImplementationOnce(function (this: Contact, consent) {
      join.call(this, consent);
    });
    const pointTo = Contact.prototype.pointTo;
    vi.spyOn(Contact.prototype, "pointTo").mockImplementationOnce(function (this: Contact, name, joined) {
      this.received({
        at: Date.now(),
        keyword: "stop",
        formerConsent: null,
        firstReply: null,
        wrongTokenIn: null,
      });
      return pointTo.call(this, name, joined);
    });
    await started();
    expect((await contactObject(dialled).consent()).choice?.optedOut).toBe(true);
    expect((await notify(dialled)).body.error.code).toBe("opted_out");
  });

  it("shares verifications, cool-down, attempts and lists under both numbers", async () => {
    const { id } = await started();
    expect((await start({ to: account })).body.code).toBe("resend_too_soon");
    const byNumber = (code: string) => api("POST", "/v1/verifications/check", { to: account, code });
    expect((await byNumber("0000")).body).toMatchObject({ id, valid: false, attempts_remaining: 4 });
    const { body: list } = await api("GET", `/v1/verifications?to=${encodeURIComponent(account)}`);
    expect(list.data).toMatchObject([{ id, to: dialled }]);
    const code = await codeSentTo(deployment, dialled);
    expect((await byNumber(code)).body).toMatchObject({ id, valid: true });
  });

  it("gets a code of the dialled number's object when a start names the account's number", async () => {
    await started({ purpose: "recovery" });
    vi.useFakeTimers({ now: Date.now() + 120_000, toFake: ["Date"] });
    const { status, body } = await start({ to: account, session: "browser" });
    expect([status, body.to]).toEqual([201, account]);
    expect(body.id).toContain(nameOf(dialled));
    const code = await codeSentTo(deployment, dialled);
    expect((await check(body.id, code, { session: "browser" })).body).toMatchObject({ valid: true });
  });

  it("finds the message of a failed status without callback data", async () => {
    const { id, messages } = await started();
    const failed = { id: messages[0].provider_message_id, status: "failed", recipient_id: account.slice(1) };
    const timestamp = String(Math.ceil(Date.now() / 1000));
    await webhook(statuses({ ...failed, timestamp, errors: [{ code: 131026 }] }));
    expect((await api("GET", `/v1/verifications/${id}`)).body).toMatchObject({ status: "failed" });
  });

  it("finds the notification of a failed status without callback data", async () => {
    const { body } = await notify(dialled);
    await rig().work();
    await untilLearned();
    const { provider_message_id } = await read(body.id);
    const failed = { id: provider_message_id, status: "failed", recipient_id: account.slice(1) };
    const timestamp = String(Math.ceil(Date.now() / 1000));
    await webhook(statuses({ ...failed, timestamp, errors: [{ code: 131026 }] }));
    expect(await read(body.id)).toMatchObject({ status: "failed", error: { code: "131026" } });
  });

  it("stays locked under the account's number when that was locked before, until an operator unlocks both", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    for (let round = 0; round < 2; round += 1) {
      vi.setSystemTime(Date.now() + 60_000);
      const { body } = await start({ to: account });
      for (let attempt = 0; attempt < 5; attempt += 1) await check(body.id, "0000");
    }
    expect((await start({ to: account })).body.code).toBe("number_locked");
    await started();
    expect((await start({ to: account })).body.code).toBe("number_locked");
    await api("POST", "/v1/guard/unlock", { to: account, reason: "test" });
    expect((await start({ to: account })).body.code).toBe("resend_too_soon");
  });

  it("keeps their count of consecutive failures, so that a guesser gains nothing by the other number", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    for (let round = 0; round < 2; round += 1) {
      const { body } = await start({ to: account });
      for (let attempt = 0; attempt < (round === 0 ? 5 : 4); attempt += 1) await check(body.id, "0000");
      vi.setSystemTime(Date.now() + 60_000);
    }
    const { id } = await started({ session: "guesser" });
    // The tenth failure in a row locks the number.
    await check(id, "0000", { session: "guesser" });
    expect((await start({ to: dialled, session: "another" })).body.code).toBe("number_locked");
  });

  it("keeps the owner's device known, so that a flood under the other number leaves them a way in", async () => {
    const client = { device_id: "the owner's phone" };
    const { body } = await start({ to: account, client });
    await check(body.id, await codeSentTo(deployment, dialled));
    for (let round = 0; round < 12; round += 1) {
      await start({ to: dialled, session: `s${round}`, client: { device_id: `stranger ${round}` } });
      if (round === 0) await untilLearned();
    }
    const refused = await start({ to: dialled, session: "stranger", client: { device_id: "a stranger" } });
    expect(refused.body.code).toBe("send_limit_reached");
    expect((await start({ to: account, session: "owner", client })).status).toBe(201);
  });

  it("costs no call to another object while WhatsApp answers with the dialled number, or one that a rule leads to", async () => {
    const pointTo = vi.spyOn(PhoneNumber.prototype, "pointTo");
    const pointer = vi.spyOn(PhoneNumber.prototype, "pointer");
    await control(deployment, "PUT", "/numbers/+5584963712772", { wa_id: "558463712772" });
    for (const to of ["+5584963712772", "+6281234567890"]) expect((await start({ to })).status).toBe(201);
    expect([pointTo.mock.calls, pointer.mock.calls]).toEqual([[], []]);
  });

  it("is recorded once in a row of sends, and again the other way round only as the first pointer has it", async () => {
    await started();
    const pointTo = vi.spyOn(PhoneNumber.prototype, "pointTo");
    vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ["Date"] });
    await start({ to: dialled });
    expect(pointTo).not.toHaveBeenCalled();
    vi.useRealTimers();

    // WhatsApp now knows the account by the dialled number.
    await control(deployment, "PUT", `/numbers/${dialled}`, { wa_id: dialled.slice(1) });
    await control(deployment, "PUT", `/numbers/${account}`, { wa_id: dialled.slice(1) });
    await start({ to: account, session: "another" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([await numberObject(dialled).pointer(), await numberObject(account).pointer()]).toEqual([
      null,
      nameOf(dialled),
    ]);
  });
});

describe("a pointer", () => {
  const name = nameOf("+6281234567890");
  const other = nameOf("+6281234567891");

  it("a pointer stays where it was set, is written once a day at most, and ends 400 days after its last use", () => {
    const set = withPointer({ pointer: null }, name, 1);
    expect(set).toEqual({ pointer: { name, usedAt: 1 } });
    expect(withPointer(set, other, 2)).toBe(set);
    expect(withUse(set, DAY)).toBe(set);
    const used = withUse(set, DAY + 1);
    expect(used).toEqual({ pointer: { name, usedAt: DAY + 1 } });
    const end = used.pointer === null ? 0 : pointerEnd(used.pointer);
    expect(end).toBe(401 * DAY + 1);
    expect(validPointer(used.pointer, end - 1)).toBe(used.pointer);
    expect(validPointer(used.pointer, end)).toBeNull();
    expect(withPointer(used, other, end)).toEqual({ pointer: { name: other, usedAt: end } });
  });
});
