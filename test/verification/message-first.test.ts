import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { deploy } from "../../src/deployment.ts";
import { namesOf } from "../../src/ids/phone-number-name.ts";
import { ownerOf, type VerificationId } from "../../src/ids/verification-id.ts";
import type { E164 } from "../../src/numbering/e164.ts";
import { bodyOf } from "../../src/webhook-endpoints/body.ts";
import { api, check, control, messagesTo, newNumber, start, useDeployment, webhook } from "../deployment.ts";
import { divertEvents, GuardedService } from "../guard/guarded-service.ts";
import { MINUTE, open, read, send, tokenIn, useMessageFirst, userMessage } from "./message-first-rig.ts";

const deployment = useDeployment();
const rig = useMessageFirst(deployment);

/** What the object of a verification stores, as text. */
async function storedRecords(id: string): Promise<string[]> {
  const object = env.PHONE_NUMBERS.getByName(ownerOf(id as VerificationId));
  return runInDurableObject(object, (_, state) =>
    [...state.storage.kv.list()].map(([, value]) => JSON.stringify(value)),
  );
}

describe("A verification by a message", () => {
  it("is started without a message to the phone: the answer has a wa.me link, its text and the sender", async () => {
    const to = newNumber();
    const { status, body } = await start({ to, purpose: "signup", method: "message", session: "s1" });
    expect(status).toBe(201);
    expect(body).toMatchObject({ method: "message", status: "pending", to, channel: null, messages: [] });
    const { url, text, sender, expires_at } = body.message_first;
    expect(sender).toBe("+12065550100");
    expect(new URL(url).origin + new URL(url).pathname).toBe("https://wa.me/12065550100");
    expect(new URL(url).searchParams.get("text")).toBe(text);
    expect(text).toMatch(/sign-up|pendaftaran/);
    expect(text).not.toContain("s1");
    expect(expires_at).toBe(body.expires_at);
    expect(await messagesTo(deployment, to)).toEqual([]);
  });

  it("is approved once by the right token, and a second message of the user changes nothing", async () => {
    const begun = await open();
    const events = await divertEvents(begun.id);
    expect(await send(deployment, begun)).toBe(200);
    expect(await read(begun.id)).toMatchObject({
      status: "approved",
      to: begun.to,
      number_learned: false,
      message_first: null,
    });
    expect(await send(deployment, begun)).toBe(200);
    expect(await read(begun.id)).toMatchObject({ status: "approved" });
    const approvals = events.filter(({ type }) => type === "verification.approved");
    expect(approvals).toHaveLength(1);
    expect(JSON.stringify(events)).not.toContain(tokenIn(begun.text));
  });

  it("is approved once however often the webhook of one message is repeated, which answers once", async () => {
    const begun = await open();
    const message = userMessage(begun.to, { text: { body: begun.text }, type: "text" });
    for (let repeat = 0; repeat < 3; repeat += 1) expect((await webhook(message)).status).toBe(200);
    await vi.waitFor(() => expect(rig().jobs).toHaveLength(1));
    expect(await read(begun.id)).toMatchObject({ status: "approved" });
  });

  it("is approved by one of fifty messages that arrive at the same moment", async () => {
    const begun = await open();
    const events = await divertEvents(begun.id);
    await Promise.all(Array.from({ length: 50 }, () => send(deployment, begun)));
    expect(events.filter(({ type }) => type === "verification.approved")).toHaveLength(1);
  });

  it("is approved by an edited text: other words, lower case, spaces for hyphens", async () => {
    const begun = await open();
    const spaced = tokenIn(begun.text).toLowerCase().replaceAll("-", " ");
    await send(deployment, begun, { text: `hello! i was told to write ${spaced} and press send, thanks` });
    expect(await read(begun.id)).toMatchObject({ status: "approved" });
  });

  it("fails with other_number from another number, whose last two digits the app is told and whose user nothing", async () => {
    const begun = await open();
    const stranger = newNumber();
    await send(deployment, begun, { from: stranger });
    expect(await read(begun.id)).toMatchObject({
      status: "failed",
      reason: "other_number",
      other_number_ends_with: stranger.slice(-2),
    });
    expect(rig().jobs).toEqual([]);
    await send(deployment, begun);
    expect(await read(begun.id)).toMatchObject({ status: "failed" });
  });

  it("is not approved by a message that was written too late, which is answered once", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const begun = await open();
    vi.setSystemTime(Date.now() + 6 * MINUTE);
    await send(deployment, begun);
    await send(deployment, begun);
    expect(await read(begun.id)).toMatchObject({ status: "expired" });
    await rig().work();
    expect(await messagesTo(deployment, begun.to)).toMatchObject([
      { text: expect.stringMatching(/terlalu lama|too old/) },
    ]);
  });

  it("is approved by a message in time that arrives up to a minute late, and by none after that", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const [inTime, tooLate] = [await open(), await open()];
    vi.setSystemTime(Date.now() + 5 * MINUTE + 50_000);
    await send(deployment, inTime, { seconds_ago: 55 });
    expect(await read(inTime.id)).toMatchObject({ status: "approved" });
    vi.setSystemTime(Date.now() + 20_000);
    await send(deployment, tooLate, { seconds_ago: 75 });
    expect(await read(tooLate.id)).toMatchObject({ status: "expired" });
  });

  it("is not approved by a message of before its start", async () => {
    const begun = await open();
    await send(deployment, begun, { seconds_ago: 60 });
    expect(await read(begun.id)).toMatchObject({ status: "pending" });
  });

  it("is approved by a person whom WhatsApp knows under another number, once a send has taught that", async () => {
    const [dialled, account] = ["+541123456789", "+5491123456789"];
    await control(deployment, "PUT", `/numbers/${dialled}`, { wa_id: account.slice(1) });
    const { body } = await start({ to: dialled });
    expect(body.status).toBe("pending");
    const begun = await open({ to: dialled });
    await vi.waitFor(async () => {
      const [name] = namesOf(deploy(env).config.keyring, account as E164);
      expect(await env.PHONE_NUMBERS.getByName(name).pointer()).not.toBe(null);
    });
    await send(deployment, begun);
    expect(await read(begun.id)).toMatchObject({ status: "approved", to: dialled });
  });

  it("goes on through a rotation of the secret key", async () => {
    const begun = await open();
    const rotated = new GuardedService(
      {},
      { SECRET_KEY: "the new secret of at least thirty-two chars", SECRET_KEY_PREVIOUS: env.SECRET_KEY },
    );
    const text = { body: begun.text };
    expect(await rotated.webhook(userMessage(begun.to, { type: "text", text }))).toBe(200);
    expect(await read(begun.id)).toMatchObject({ status: "approved" });
  });

  it("is approved from Brazil by an account without the ninth digit", async () => {
    const to = "+5584963712772";
    await control(deployment, "PUT", `/numbers/${to}`, { wa_id: "558463712772" });
    const begun = await open({ to });
    await send(deployment, begun);
    expect(await read(begun.id)).toMatchObject({ status: "approved", to });
  });

  it("learns the number from the message where the purpose allows it", async () => {
    const { status, body } = await start({ purpose: "signup", method: "message", session: "s2" });
    expect([status, body.to, body.number_learned]).toEqual([201, null, false]);
    const events = await divertEvents(body.id);
    const from = newNumber();
    await control(deployment, "POST", "/inbound", { from, text: body.message_first.text });
    expect(await read(body.id)).toMatchObject({ status: "approved", to: from, number_learned: true });
    expect(events).toMatchObject([
      { type: "verification.approved", verification: { toMasked: `+62*********${from.slice(-2)}` } },
    ]);
    const other = newNumber();
    await control(deployment, "POST", "/inbound", { from: other, text: body.message_first.text });
    expect(await read(body.id)).toMatchObject({ status: "approved", to: from });
  });

  it("that never learns its number is in events, webhooks and the journal without one", async () => {
    const { body } = await start({ purpose: "signup", method: "message" });
    const events = await divertEvents(body.id);
    await api("DELETE", `/v1/verifications/${body.id}`);
    await vi.waitFor(() => expect(events).toHaveLength(1));
    await new GuardedService({}).deliver(events);
    const { body: list } = await api("GET", "/v1/verifications?purpose=signup");
    expect(list.data).toMatchObject([{ id: body.id, to: null, method: "message", number_learned: false }]);
    const [event] = events;
    if (event === undefined) throw new Error("No event came");
    const { data } = JSON.parse(bodyOf(event, deploy(env).config.keyring));
    expect(data).toMatchObject({ id: body.id, to: null, message_first: null, status: "canceled" });
  });

  it("does not learn a number that the guard's destinations exclude", async () => {
    const service = new GuardedService({ destinations: { countries_denied: ["ID"] } });
    const { body } = await service.start({ purpose: "signup", method: "message" });
    const message = userMessage(newNumber(), { text: { body: body.message_first.text }, type: "text" });
    expect(await service.webhook(message)).toBe(200);
    const { body: after } = await service.call("GET", `/v1/verifications/${body.id}`);
    expect(after).toMatchObject({ status: "failed", reason: "destination_not_allowed", to: null });
  });

  it("is refused with 403 where the purpose's policy is off, with and without a number", async () => {
    for (const purpose of ["login", "recovery"]) {
      for (const to of [newNumber(), undefined]) {
        const { status, body } = await start({ to, purpose, method: "message" });
        expect([status, body.code]).toEqual([403, "denied_by_policy"]);
      }
    }
  });

  it("needs its number where the purpose learns none, and takes no field of a code", async () => {
    const { status, body } = await start({ purpose: "open", method: "message", code_length: 8 });
    expect([status, body.errors]).toEqual([
      400,
      expect.arrayContaining([
        expect.objectContaining({ pointer: "/to" }),
        expect.objectContaining({ pointer: "/code_length" }),
      ]),
    ]);
    expect((await start({ purpose: "signup" })).body.errors).toMatchObject([{ pointer: "/to" }]);
  });

  it("is never approved by a check, not even with the token, and charges no attempt for it", async () => {
    const begun = await open();
    const { body } = await check(begun.id, tokenIn(begun.text), { session: begun.session });
    expect(body).toMatchObject({ valid: false, status: "pending", attempts_remaining: 5 });
    const { to, session } = begun;
    const byNumber = { to, session, purpose: "signup", code: tokenIn(begun.text) };
    expect((await api("POST", "/v1/verifications/check", byNumber)).body.valid).toBe(false);
    const { body: approved } = await api("POST", `/v1/verifications/${begun.id}/approve`);
    expect(approved).toMatchObject({ status: "pending" });
    const resent = await api("POST", `/v1/verifications/${begun.id}/resend`, {});
    expect([resent.status, resent.body.code]).toEqual([400, "invalid_request"]);
  });

  it("names amount and payee in the text of a payment, and supersedes its link for another amount", async () => {
    const bind = { amount: "150000.00", currency: "IDR", payee: "Toko Maju" };
    const begun = await open({ purpose: "pay", bind, locale: "en" });
    expect(begun.text).toContain("150000.00 IDR to Toko Maju");
    const { to, session } = begun;
    const other = await open({
      to,
      session,
      purpose: "pay",
      bind: { ...bind, amount: "1.00" },
      locale: "en",
    });
    expect(other.id).not.toBe(begun.id);
    await send(deployment, begun);
    expect(await read(begun.id)).toMatchObject({ status: "canceled", reason: "superseded" });
  });

  it("is canceled and expires like any other, and its token proves nothing then", async () => {
    const begun = await open();
    await api("DELETE", `/v1/verifications/${begun.id}`);
    await send(deployment, begun);
    expect(await read(begun.id)).toMatchObject({ status: "canceled" });
  });

  it("ends when its user has moved to another number, and a later one does not", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const begun = await open();
    const system = { type: "user_changed_number", wa_id: newNumber().slice(1), body: "User changed number" };
    const moved = userMessage(begun.to, { type: "system", system });
    await webhook(moved);
    expect(await read(begun.id)).toMatchObject({ status: "failed", reason: "number_changed" });
    vi.setSystemTime(Date.now() + 2_000);
    const later = await open({ to: begun.to });
    await webhook(moved);
    expect(await read(later.id)).toMatchObject({ status: "pending" });
  });

  it("is no way in for an unsigned webhook, nor for one of another account or sender", async () => {
    const begun = await open();
    const message = { text: { body: begun.text }, type: "text" };
    expect((await webhook(userMessage(begun.to, message), "sha256=00")).status).toBe(401);
    await webhook(userMessage(begun.to, message, { account: "999999999999999" }));
    await webhook(userMessage(begun.to, message, { sender: "999999999999999" }));
    expect(await read(begun.id)).toMatchObject({ status: "pending" });
  });

  it("counts towards no limit of sends, and is the way in for a number whose day others have used up", async () => {
    const to = newNumber();
    for (let sent = 0; sent < 10; sent += 1) await start({ to, session: `x${sent}` });
    expect((await start({ to, purpose: "patient" })).status).toBe(429);
    const begun = await open({ to });
    await send(deployment, begun);
    expect(await read(begun.id)).toMatchObject({ status: "approved" });
  });

  it("leaves no token in storage, log or event", async () => {
    const begun = await open();
    const pending = await storedRecords(begun.id);
    for (const record of pending) expect(record).not.toContain(tokenIn(begun.text).replaceAll("-", ""));
    const events = await divertEvents(begun.id);
    await send(deployment, begun);
    const token = tokenIn(begun.text);
    const spellings = [token, token.replaceAll("-", "")];
    const seen = [JSON.stringify(events), ...deployment.logLines].join("\n");
    for (const spelling of spellings) expect(seen).not.toContain(spelling);
    expect(JSON.stringify(await read(begun.id))).not.toContain(token);
    const [stored] = await storedRecords(begun.id);
    for (const spelling of spellings) expect(stored).not.toContain(spelling);
  });
});
