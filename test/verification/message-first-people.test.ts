import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { deploy } from "../../src/deployment.ts";
import { Contact } from "../../src/notifications/contact.ts";
import { PhoneNumber } from "../../src/phone-number/phone-number.ts";
import { MessageToken } from "../../src/verification/message-first/message-token.ts";
import { api, control, messagesTo, newNumber, start, useDeployment, webhook } from "../deployment.ts";
import { divertEvents, GuardedService } from "../guard/guarded-service.ts";
import { Random } from "../world/random.ts";
import { MINUTE, open, read, send, tokenIn, useMessageFirst, userMessage } from "./message-first-rig.ts";

const deployment = useDeployment();
const rig = useMessageFirst(deployment);

interface ShownMessage {
  readonly id: string;
  readonly text: string;
  readonly buttons: readonly { readonly text: string; readonly payload: string; readonly type: string }[];
}

/** What the phone got after the answers were sent, newest first. */
async function answersTo(to: string): Promise<ShownMessage[]> {
  await rig().work();
  return (await messagesTo(deployment, to)) as unknown as ShownMessage[];
}

const tap = (from: string, message: ShownMessage | undefined, seconds_ago = 0) =>
  control(deployment, "POST", "/inbound", {
    from,
    button_payload: message?.buttons[0]?.payload,
    context_id: message?.id,
    seconds_ago,
  });

/** The queued answer to a message that a user sent to one of several senders. */
async function jobAfterMessageTo(sender: string, more: object, index: number) {
  const service = new GuardedService({}, more);
  const { body } = await service.start({ purpose: "signup", method: "message", session: `${index}` });
  const text = { body: body.message_first.text };
  await service.webhook(userMessage(newNumber(), { type: "text", text }, { sender }));
  await vi.waitFor(() => expect(rig().jobs).toHaveLength(1));
  const [job] = rig().jobs.splice(0);
  if (job === undefined) throw new Error("No answer was queued");
  return job;
}

describe("The answer to a message that proved a number", () => {
  it("is in the user's language, names the app, and has a button for who did not begin it", async () => {
    const begun = await open({ locale: "de" });
    await send(deployment, begun);
    const [answer] = await answersTo(begun.to);
    expect(answer).toMatchObject({
      text: "Erledigt. Du kannst zu Example zurückkehren. Das warst nicht du?",
      buttons: [{ type: "quick_reply", text: "Das war ich nicht" }],
    });
    expect(answer?.text).not.toContain(tokenIn(begun.text));
  });

  it("ends the approval by its button for ten minutes, which counts as a denial against who began it", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const begun = await open();
    const events = await divertEvents(begun.id);
    await send(deployment, begun);
    const [answer] = await answersTo(begun.to);
    vi.setSystemTime(Date.now() + 9 * MINUTE);
    await tap(begun.to, answer);
    expect(await read(begun.id)).toMatchObject({ status: "failed", reason: "denied_by_user" });
    expect(events.map(({ type }) => type)).toContain("verification.failed");
    await tap(begun.to, answer);
    expect(events.filter(({ type }) => type === "verification.failed")).toHaveLength(1);
  });

  it("ends nothing eleven minutes later, nor by a tap from another number", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const begun = await open();
    await send(deployment, begun);
    const [answer] = await answersTo(begun.to);
    await tap(newNumber(), answer);
    expect(await read(begun.id)).toMatchObject({ status: "approved" });
    vi.setSystemTime(Date.now() + 11 * MINUTE);
    await tap(begun.to, answer);
    expect(await read(begun.id)).toMatchObject({ status: "approved" });
  });

  it("ends a learned number's approval as well, and what it was redeemed for", async () => {
    const { redemptions } = deploy(env);
    const { body } = await start({ purpose: "signup", method: "message" });
    const from = newNumber();
    await control(deployment, "POST", "/inbound", { from, text: body.message_first.text });
    const [answer] = await answersTo(from);
    expect(await redemptions.redeem(body.id, null)).toMatchObject({ to: from });
    expect(await redemptions.introduce(body.id, null)).toMatchObject({ to: from });
    await tap(from, answer);
    expect(await read(body.id)).toMatchObject({ status: "failed", reason: "denied_by_user" });
    expect(await redemptions.introduce(body.id, null)).toBeNull();
  });

  it("comes from the sender that the user wrote to, which may be another than theirs", async () => {
    const ids = [env.WHATSAPP_PHONE_NUMBER_ID, "299999999999999"];
    const WHATSAPP_SENDERS = ids.map((phone_number_id) => ({ phone_number_id }));
    for (const [index, sender] of ids.entries()) {
      const job = await jobAfterMessageTo(sender, { WHATSAPP_SENDERS }, index);
      deployment.graphCalls.length = 0;
      await deploy(Object.assign({}, env, { WHATSAPP_SENDERS })).notifications.sendJob(job);
      expect(deployment.graphCalls.map(({ url }) => url)).toEqual([
        expect.stringContaining(`/${sender}/messages`),
      ]);
    }
  });

  it("is left out where the deployment turns it off", async () => {
    const service = new GuardedService({}, { CONVERSATION: { answer_message_first: false } });
    const to = newNumber();
    const { body } = await service.start({ to, purpose: "signup", method: "message" });
    await service.webhook(userMessage(to, { type: "text", text: { body: body.message_first.text } }));
    expect((await service.call("GET", `/v1/verifications/${body.id}`)).body.status).toBe("approved");
    expect(rig().jobs).toEqual([]);
  });

  it("is the only one: a token starts no first reply, is no event for the team to answer, and no consent", async () => {
    const service = new GuardedService({}, { CONVERSATION: { first_reply: "Welcome!" } });
    const to = newNumber();
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    await send(deployment, { to, text: "STOP" });
    vi.setSystemTime(Date.now() + 2_000);
    const { body } = await service.start({ to, purpose: "signup", method: "message" });
    await service.webhook(userMessage(to, { type: "text", text: { body: body.message_first.text } }));
    expect((await answersTo(to)).map(({ text }) => text)).toEqual([expect.stringMatching(/Selesai/)]);
    const refused = await api("POST", "/v1/notifications", {
      to,
      template: "shipping_update",
      parameters: { name: "A", order: "1" },
    });
    expect(refused.body).toMatchObject({ status: "failed", error: { code: "opted_out" } });
  });
});

describe("A user whose messages name no number", () => {
  const username = { without_number: true };

  it("is asked for it, and proves it by the card that answers", async () => {
    const begun = await open();
    await send(deployment, begun, username);
    expect(await read(begun.id)).toMatchObject({ status: "pending" });
    const asked = (await messagesTo(deployment, begun.to)) as unknown as ShownMessage[];
    expect(asked).toMatchObject([{ buttons: [{ type: "share_number" }] }]);
    await control(deployment, "POST", "/inbound", { from: begun.to, shares_number: true, ...username });
    expect(await read(begun.id)).toMatchObject({ status: "approved", to: begun.to });
  });

  it("is asked once for one message, however often its webhook is repeated", async () => {
    const begun = await open();
    await send(deployment, begun, username);
    const payload = deployment.graphCalls.length;
    const message = userMessage(null, {
      from_user_id: "US.1",
      type: "text",
      text: { body: begun.text },
    });
    await webhook(message);
    await webhook(message);
    expect(deployment.graphCalls.length - payload).toBeLessThanOrEqual(2);
  });

  it("proves nothing by a forwarded card, nor by a card that was not asked for", async () => {
    const begun = await open();
    await send(deployment, begun, username);
    const card = { from: begun.to, forwards_card_of: begun.to, ...username };
    await control(deployment, "POST", "/inbound", card);
    expect(await read(begun.id)).toMatchObject({ status: "pending" });
    const other = newNumber();
    await control(deployment, "POST", "/inbound", { from: other, shares_number: true, ...username });
    expect(await read(begun.id)).toMatchObject({ status: "pending" });
  });

  it("proves nothing for another number than the claimed one", async () => {
    const begun = await open();
    const stranger = newNumber();
    await send(deployment, begun, { from: stranger, ...username });
    await control(deployment, "POST", "/inbound", { from: stranger, shares_number: true, ...username });
    expect(await read(begun.id)).toMatchObject({ status: "failed", reason: "other_number" });
  });
});

describe("A second start", () => {
  it("of the same session answers the open link, and one of another session has its own", async () => {
    const begun = await open();
    const { to, session } = begun;
    const again = await start({ to, session, purpose: "signup", method: "message" });
    expect([again.status, again.body.id, again.body.message_first.text]).toEqual([200, begun.id, begun.text]);
    const other = await open({ to });
    expect(other.id).not.toBe(begun.id);
    expect(tokenIn(other.text)).not.toBe(tokenIn(begun.text));
    await send(deployment, other);
    expect((await read(other.id)).status).toBe("approved");
    expect((await read(begun.id)).status).toBe("pending");
  });

  it("of a session answers the open link also while the number is to be learned", async () => {
    const body = { purpose: "signup", method: "message", session: crypto.randomUUID() };
    const [first, second] = [await start(body), await start(body)];
    expect([second.status, second.body.id]).toEqual([200, first.body.id]);
    expect((await start({ ...body, session: "another" })).body.id).not.toBe(first.body.id);
  });

  it("without a session from another client has its own link", async () => {
    const to = newNumber();
    const body = { to, purpose: "signup", method: "message" };
    const first = await start({ ...body, client: { ip: "203.0.113.9" } });
    const second = await start({ ...body, client: { ip: "198.51.100.7" } });
    expect([second.status, second.body.id === first.body.id]).toEqual([201, false]);
  });

  it("begins a new one where the link's time is over", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const begun = await open();
    vi.setSystemTime(Date.now() + 5 * MINUTE + 1_000);
    const { to, session } = begun;
    const { status, body } = await start({ to, session, purpose: "signup", method: "message" });
    expect([status, body.id === begun.id]).toEqual([201, false]);
  });

  it("by a code leaves the link open, and the other way round", async () => {
    const begun = await open();
    const { to, session } = begun;
    const byCode = await start({ to, session, purpose: "signup" });
    expect([byCode.status, byCode.body.method]).toEqual([201, "code"]);
    await send(deployment, begun);
    expect((await read(begun.id)).status).toBe("approved");
    expect((await read(byCode.body.id)).status).toBe("pending");
  });

  it("under the same idempotency key gives the same link, and nothing once it has closed", async () => {
    const headers = { "idempotency-key": crypto.randomUUID() };
    const to = newNumber();
    const body = { to, purpose: "signup", method: "message" };
    const first = await start(body, headers);
    const second = await start(body, headers);
    expect([second.status, second.body.message_first]).toEqual([201, first.body.message_first]);
    await send(deployment, { to, text: first.body.message_first.text });
    expect((await start(body, headers)).body.message_first).toBe(null);
  });
});

describe("Texts that hold no token of this deployment", () => {
  /** Counts the calls that reach objects, by their class. */
  function countCalls() {
    const count = (prototype: object) => {
      const names = Object.getOwnPropertyNames(prototype).filter(
        (name) => !["constructor", "alarm"].includes(name),
      );
      const spies = names.map((name) => vi.spyOn(prototype as Record<string, () => void>, name));
      return () => spies.reduce((calls, spy) => calls + spy.mock.calls.length, 0);
    };
    return {
      contacts: count(Contact.prototype),
      numbers: count(PhoneNumber.prototype),
      tokens: count(MessageToken.prototype),
    };
  }

  it("one with a token costs a call to the token's object and one to the number's, and its start the same", async () => {
    await open();
    const calls = countCalls();
    const begun = await open();
    expect([calls.contacts(), calls.numbers(), calls.tokens()]).toEqual([0, 1, 1]);
    await send(deployment, begun);
    // The contact's: the message, and its answer.
    expect([calls.contacts(), calls.numbers(), calls.tokens()]).toEqual([2, 2, 2]);
  });

  it("1,000 random ones touch no verification, and cost no call but the contact's", async () => {
    const begun = await open();
    const random = new Random(15);
    const alphabets = [
      "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
      "abcdefghijklmnopqrstuvwxyz    ,.",
      "0123456789 -",
    ];
    const textOf = (index: number) => {
      const alphabet = alphabets[index % alphabets.length] ?? "";
      const characters = Array.from(
        { length: 13 + random.below(150) },
        () => alphabet[random.below(alphabet.length)],
      );
      return characters.join("");
    };
    const calls = countCalls();
    const from = newNumber();
    for (let batch = 0; batch < 10; batch += 1) {
      const messages = Array.from({ length: 100 }, (_, place) => {
        const index = batch * 100 + place;
        const text = { body: textOf(index) };
        const timestamp = String(Math.floor(Date.now() / 1000));
        return { from: from.slice(1), id: `wamid.R${index}`, timestamp, type: "text", text };
      });
      const value = { messaging_product: "whatsapp", metadata: METADATA, messages };
      const entry = [{ id: env.WHATSAPP_BUSINESS_ACCOUNT_ID, changes: [{ field: "messages", value }] }];
      expect((await webhook({ object: "whatsapp_business_account", entry })).status).toBe(200);
    }
    expect([calls.contacts(), calls.numbers(), calls.tokens()]).toEqual([1_000, 0, 0]);
    expect((await read(begun.id)).status).toBe("pending");
  });

  it("are counted where they look like one, and after ten of them the sender's next is ignored", async () => {
    const begun = await open();
    for (let wrong = 0; wrong < 10; wrong += 1) {
      await send(deployment, { to: begun.to, text: `7KQ4M-2XPDR-9${wrong}B` });
    }
    await send(deployment, begun);
    expect((await read(begun.id)).status).toBe("pending");
    vi.useFakeTimers({ now: Date.now() + 61 * MINUTE, toFake: ["Date"] });
    const later = await open({ to: begun.to });
    await send(deployment, later);
    expect((await read(later.id)).status).toBe("approved");
  });

  it("do not keep another sender from proving the number", async () => {
    const begun = await open();
    const stranger = newNumber();
    for (let wrong = 0; wrong < 12; wrong += 1) {
      await send(deployment, { to: stranger, text: `7KQ4M-2XPDR-${wrong + 10}B` });
    }
    await send(deployment, begun);
    expect((await read(begun.id)).status).toBe("approved");
  });
});

const METADATA = { display_phone_number: "12065550100", phone_number_id: env.WHATSAPP_PHONE_NUMBER_ID };
