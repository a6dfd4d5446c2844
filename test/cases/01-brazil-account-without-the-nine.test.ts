import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
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
  wrong,
} from "../deployment.ts";
import { GuardedService } from "../guard/guarded-service.ts";
import { notify, useNotificationRig, userWrites } from "../notifications/rig.ts";

const deployment = useDeployment();
const rig = useNotificationRig(deployment);

const DIALLED = "+5584963712772";
const SHORT = "+558463712772";
const WA_ID = "558463712772";
const now = () => String(Math.floor(Date.now() / 1000));

/** Meta's webhook of a message from the account, whose id has no ninth digit. */
function inbound(message: object) {
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "15550001111", phone_number_id: env.WHATSAPP_PHONE_NUMBER_ID },
    contacts: [{ profile: { name: "U" }, wa_id: WA_ID }],
    messages: [{ from: WA_ID, timestamp: now(), ...message }],
  };
  return {
    object: "whatsapp_business_account",
    entry: [{ id: env.WHATSAPP_BUSINESS_ACCOUNT_ID, changes: [{ field: "messages", value }] }],
  };
}

const tap = (contextId: string) =>
  inbound({
    id: "wamid.TAP",
    context: { from: "15550001111", id: contextId },
    type: "button",
    button: { payload: "DID_NOT_REQUEST_CODE", text: "I didn't request a code" },
  });
const text = (body: string) => inbound({ id: `wamid.${body}`, type: "text", text: { body } });

describe("01-brazil-account-without-the-nine", () => {
  it("the tap on 'I didn't request a code' closes the verification and counts against who asked", async () => {
    const service = new GuardedService({ named_limits: { windows: { account: "3 per day" } } });
    const { body } = await service.start({ to: DIALLED, locale: "pt-BR", limits: { account: "a" } });
    expect(await service.webhook(tap(body.messages[0].provider_message_id))).toBe(200);
    const { body: denied } = await service.call("GET", `/v1/verifications/${body.id}`);
    expect(denied).toMatchObject({ to: DIALLED, status: "failed", reason: "denied_by_user" });
    const { status } = await service.start({ to: "+5511987654321", limits: { account: "a" } });
    expect(status).toBe(429);
  });

  it("PARAR opts both spellings of the number out", async () => {
    expect((await webhook(text("PARAR"))).status).toBe(200);
    for (const to of [DIALLED, SHORT]) {
      expect((await notify(to)).body).toMatchObject({ to, status: "failed", error: { code: "opted_out" } });
    }
  });

  it("the window that a message opened is known for the dialled number, and its reply arrives", async () => {
    await control(deployment, "PUT", `/numbers/${DIALLED}`, { wa_id: WA_ID });
    await userWrites(deployment, DIALLED, "Oi");
    const { status, body } = await api("POST", "/v1/messages", { to: DIALLED, text: "Olá" });
    expect([status, body.to]).toEqual([202, DIALLED]);
    expect(await messagesTo(deployment, DIALLED)).toMatchObject([{ text: "Olá" }]);
  });

  it("a failed status without callback data finds the message", async () => {
    const { body } = await start({ to: DIALLED, locale: "pt-BR" });
    const failed = { id: body.messages[0].provider_message_id, status: "failed", recipient_id: WA_ID };
    await webhook(
      statuses({ ...failed, timestamp: now(), errors: [{ code: 131026, title: "Undeliverable" }] }),
    );
    const { body: after } = await api("GET", `/v1/verifications/${body.id}`);
    expect(after).toMatchObject({ status: "failed", messages: [{ error: { code: "131026" } }] });
  });

  it("both spellings share the pending verification, its cool-down and its attempts", async () => {
    const { body } = await start({ to: DIALLED });
    expect((await start({ to: SHORT })).body.code).toBe("resend_too_soon");
    const code = await codeSentTo(deployment, DIALLED);
    const byNumber = (to: string, typed: string) =>
      api("POST", "/v1/verifications/check", { to, code: typed });
    expect((await byNumber(SHORT, wrong(code))).body).toMatchObject({ valid: false, attempts_remaining: 4 });
    expect((await byNumber(DIALLED, wrong(code))).body).toMatchObject({
      valid: false,
      attempts_remaining: 3,
    });
    const { body: list } = await api("GET", `/v1/verifications?to=${encodeURIComponent(SHORT)}`);
    expect(list.data).toMatchObject([{ id: body.id, to: DIALLED }]);
    expect((await byNumber(SHORT, code)).body).toMatchObject({ valid: true, to: DIALLED });
  });

  it("both spellings share the lock after wrong codes, and an operator unlocks them together", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    for (const to of [DIALLED, SHORT]) {
      vi.setSystemTime(Date.now() + 60_000);
      const { body } = await start({ to });
      for (let attempt = 0; attempt < 5; attempt += 1) await check(body.id, "0000");
    }
    for (const to of [DIALLED, SHORT]) expect((await start({ to })).body.code).toBe("number_locked");
    await api("POST", "/v1/guard/unlock", { to: SHORT, reason: "test" });
    expect((await start({ to: DIALLED })).status).toBe(201);
  });

  it("both spellings are on a list that has one of them, by number or by prefix", async () => {
    const service = new GuardedService({});
    for (const entry of [{ number: SHORT }, { prefix: "+558463" }, { prefix: "+5584963" }]) {
      const { body } = await service.call(
        "POST",
        "/v1/guard/lists/block",
        Object.assign({ note: "why" }, entry),
      );
      for (const to of [DIALLED, SHORT]) {
        const { status } = await service.start({ to });
        expect([entry, to, status]).toEqual([entry, to, 403]);
      }
      await service.call("DELETE", `/v1/guard/lists/block/${encodeURIComponent(body.id)}`);
    }
  });

  it("a landline of eight digits is its own number", async () => {
    const [landline, other] = ["+558432123456", "+5584932123456"];
    await start({ to: landline });
    expect((await start({ to: other })).status).toBe(201);
    expect(rig().events).toEqual([]);
  });
});
