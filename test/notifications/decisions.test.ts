import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NotificationUpdate } from "../../src/channels/channel.ts";
import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import type { NotificationId } from "../../src/ids/notification-id.ts";
import type { SendResult } from "../../src/messages/message.ts";
import { accept, type Draft, receive } from "../../src/notifications/accept.ts";
import { withConsent } from "../../src/notifications/consent.ts";
import {
  advance,
  type ConsentState,
  type ContactState,
  EMPTY_CONTACT,
  isForgotten,
  LEASE_MS,
  MOST_NOTIFICATIONS,
  MOST_WAITING,
  nextDue,
} from "../../src/notifications/contact-state.ts";
import { claim, recordUpdates, settle } from "../../src/notifications/delivery.ts";
import { dropFinishedJobs, retryJobs, withEvents } from "../../src/notifications/outbox.ts";
import type { E164 } from "../../src/numbering/e164.ts";
import { DAY_MS } from "../../src/platform/time.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;

const idOf = (number: number) => `ntf_${String(number).padStart(26, "0")}` as NotificationId;
const ID = idOf(1);

function draft(id = ID, more: Partial<Draft> = {}): Draft {
  return {
    id,
    app: DEFAULT_APP,
    to: "+6281234567890" as E164,
    template: "shipping_update",
    language: "id",
    batch: null,
    protectedNumber: { toMasked: "+62*********90", toSealed: "sealed", country: "ID" },
    metadata: {},
    formerConsent: null,
    idempotency: null,
    ...more,
  };
}

const accepted = (state: ContactState, now: number, id = ID, more: Partial<Draft> = {}) =>
  accept(state, { ...draft(id, more), job: { id, sealed: "sealed", batch: null } }, now);

const claimed = (now = 0, id = ID, state = EMPTY_CONTACT) => claim(state, draft(id), now).state;

const failure = { channel: "whatsapp", title: "t", action: "a" } as const;
const RESULTS = {
  accepted: { kind: "accepted", providerMessageId: "wamid.1" },
  refused: { kind: "refused", failure: { ...failure, code: "131026", temporary: false } },
  busy: { kind: "refused", failure: { ...failure, code: "131056", temporary: true } },
  stopped: { kind: "refused", failure: { ...failure, code: "131050", temporary: false } },
  noAnswer: { kind: "unknown", failure: { ...failure, code: "no_answer", temporary: true } },
} as const satisfies Record<string, SendResult>;

function update(status: NotificationUpdate["status"], at: number, code?: string): NotificationUpdate {
  const error = code === undefined ? null : { code, title: "t", action: "a" };
  return { notification: ID, providerMessageId: "wamid.1", status, at, error, pricing: null };
}

const outcomeOf = (state: ContactState, now: number, id = ID) => claim(state, draft(id), now).outcome;

describe("a leased notification", () => {
  it("cannot be claimed again before its lease expires", () => {
    const state = claimed();
    expect(outcomeOf(state, 0)).toEqual({ kind: "later", delaySeconds: 30 });
    expect(outcomeOf(state, LEASE_MS - 1)).toEqual({ kind: "later", delaySeconds: 1 });
    expect(outcomeOf(state, LEASE_MS)).toEqual({ kind: "send" });
  });

  it.each(["sent", "delivered", "read"] as const)(
    "counts as sent once a status update says %s, leased or not",
    (status) => {
      const { state } = recordUpdates(claimed(), [update(status, 1)], 1);
      expect(outcomeOf(state, 2)).toEqual({ kind: "sent" });
      expect(outcomeOf(state, 2 * LEASE_MS)).toEqual({ kind: "sent" });
    },
  );

  it.each<[keyof typeof RESULTS, boolean, object, object]>([
    ["accepted", false, { kind: "sent" }, { status: "queued", providerMessageId: "wamid.1" }],
    ["refused", false, { kind: "failed", error: { code: "131026" } }, { status: "failed" }],
    ["busy", false, { kind: "later", delaySeconds: 15 }, { status: "queued", error: { code: "131056" } }],
    ["busy", true, { kind: "failed", error: { code: "131056" } }, { status: "failed" }],
    ["stopped", false, { kind: "opted_out" }, { status: "failed", error: { code: "131050" } }],
    ["noAnswer", false, { kind: "sent" }, { status: "queued", error: { code: "no_answer" } }],
    ["noAnswer", true, { kind: "sent" }, { status: "queued", error: { code: "no_answer" } }],
  ])("whose send is %s (isLast: %s) is settled as %o", (result, isLast, outcome, notification) => {
    const settled = settle(claimed(), { id: ID, result: RESULTS[result], isLast }, SECOND).outcome;
    expect(settled).toMatchObject({ outcome, notification });
  });

  it("with a temporary rejection can be claimed when its job is retried, with growing delays", () => {
    let state = claimed();
    const delays: number[] = [];
    let now = 0;
    for (let round = 0; round < 50; round += 1) {
      const { state: next, outcome } = settle(state, { id: ID, result: RESULTS.busy, isLast: false }, now);
      if (outcome.outcome.kind !== "later") throw new Error("The job is not retried");
      delays.push(outcome.outcome.delaySeconds);
      now += outcome.outcome.delaySeconds * SECOND;
      const again = claim(next, draft(), now);
      expect(again.outcome).toEqual({ kind: "send" });
      state = again.state;
    }
    expect(delays).toEqual(delays.toSorted((a, b) => a - b));
    expect([delays[0], delays.at(-1)]).toEqual([15, 1800]);
  });

  it("keeps the status of an update whatever the send's answer was", () => {
    const sent = recordUpdates(claimed(), [update("delivered", 1)], 1).state;
    for (const result of Object.values(RESULTS)) {
      const { outcome } = settle(sent, { id: ID, result, isLast: false }, 2);
      expect(outcome).toMatchObject({ outcome: { kind: "sent" }, notification: { status: "delivered" } });
    }
    const failed = recordUpdates(claimed(), [update("failed", 1, "131026")], 1).state;
    const { outcome } = settle(failed, { id: ID, result: RESULTS.accepted, isLast: false }, 2);
    expect(outcome).toMatchObject({ outcome: { kind: "failed" }, notification: { status: "failed" } });
  });
});

describe("status updates", () => {
  const eventTypes = (updates: readonly NotificationUpdate[], now: number) => {
    let state = settle(claimed(), { id: ID, result: RESULTS.accepted, isLast: false }, 0).state;
    for (const one of updates) state = withEvents(state, recordUpdates(state, [one], now).state, now);
    return state;
  };
  const types = (state: ContactState) => state.outbox.map((item) => ("type" in item ? item.type : item.kind));

  it("give the same result in any order and with repeats", () => {
    const story = [update("sent", SECOND), update("delivered", 2 * SECOND), update("read", 3 * SECOND)];
    const anyOrder = fc.shuffledSubarray([...story, ...story, ...story], { minLength: 9 });
    fc.assert(
      fc.property(anyOrder, (updates) => {
        const [one] = eventTypes(updates, 4 * SECOND).notifications;
        expect(one).toMatchObject({
          status: "read",
          updatedAt: 3 * SECOND,
          providerMessageId: "wamid.1",
          sentAt: SECOND,
          deliveredAt: 2 * SECOND,
          readAt: 3 * SECOND,
          revision: 3,
        });
      }),
    );
  });

  it("cause one event per new status, with increasing revisions in the ids", () => {
    const state = eventTypes(
      [update("read", 3), update("sent", 1), update("sent", 1), update("delivered", 2)],
      4,
    );
    expect(types(state)).toEqual(["notification.read", "notification.sent", "notification.delivered"]);
    expect(state.outbox.map((item) => ("id" in item ? item.id : null))).toEqual(
      [1, 2, 3].map((revision) => `evt_${ID}_${revision}`),
    );
    expect(types(eventTypes([update("failed", 1, "131026"), update("failed", 1, "131026")], 2))).toEqual([
      "notification.failed",
    ]);
    const priced = { ...update("sent", 1), pricing: { category: "utility", billable: true } };
    expect(types(eventTypes([update("sent", 1), priced], 2))).toEqual([
      "notification.sent",
      "notification.sent",
    ]);
  });

  it("cause events without the number and without WhatsApp's message id", () => {
    const text = JSON.stringify(eventTypes([update("sent", 1)], 2).outbox);
    expect(text).not.toContain("6281234567890");
    expect(text).not.toContain("wamid");
  });

  it("without an echoed id are matched by WhatsApp's message id, or returned as unknown", () => {
    const state = settle(claimed(), { id: ID, result: RESULTS.accepted, isLast: false }, 0).state;
    const bare = { ...update("failed", 1, "131026"), notification: null };
    const stranger = { ...bare, providerMessageId: "wamid.2" };
    const recorded = recordUpdates(state, [bare, stranger], 2);
    expect(recorded.outcome.unknown).toEqual(["wamid.2"]);
    expect(recorded.outcome.failed).toMatchObject([{ providerMessageId: "wamid.1" }]);
    expect(recorded.state.notifications).toMatchObject([{ status: "failed" }]);
  });
});

describe("a user's keyword", () => {
  const STOP: ConsentState["choice"] = { optedOut: true, at: 5 };

  it.each<[string, Partial<Draft>, ConsentState, number, string]>([
    ["a template to a user without a choice", {}, { choice: null, wroteAt: null }, 10, "send"],
    ["a template after STOP", {}, { choice: STOP, wroteAt: 5 }, 10, "opted_out"],
    ["a template after STOP and a question", {}, { choice: STOP, wroteAt: 7 }, 10, "opted_out"],
    ["a template after START", {}, { choice: { optedOut: false, at: 7 }, wroteAt: 7 }, 10, "send"],
    ["a text to a user who never wrote", { template: null }, { choice: null, wroteAt: null }, 10, "closed"],
    ["a text inside the window", { template: null }, { choice: null, wroteAt: 5 }, 4 + DAY_MS, "send"],
    ["a text after the window", { template: null }, { choice: null, wroteAt: 5 }, 5 + DAY_MS, "closed"],
    ["a text after STOP", { template: null }, { choice: STOP, wroteAt: 5 }, 10, "opted_out"],
    ["a text after STOP and a question", { template: null }, { choice: STOP, wroteAt: 7 }, 10, "send"],
  ])("decides on %s", (_, more, consent, now, kind) => {
    expect(claim({ ...EMPTY_CONTACT, consent }, draft(ID, more), now).outcome.kind).toBe(kind);
  });

  it("is ordered by its time, not its arrival, and STOP wins a tie", () => {
    const words = [
      { at: 1, keyword: "stop" },
      { at: 3, keyword: "start" },
      { at: 3, keyword: "stop" },
      { at: 2, keyword: null },
    ] as const;
    const anyOrder = fc.shuffledSubarray([...words, ...words], { minLength: words.length * 2 });
    fc.assert(
      fc.property(anyOrder, (said) => {
        let state = EMPTY_CONTACT;
        for (const word of said)
          state = receive(
            state,
            { ...word, formerConsent: null, firstReply: null, wrongTokenIn: null },
            9,
          ).state;
        expect(state.consent).toEqual({ choice: { optedOut: true, at: 3 }, wroteAt: 3 });
      }),
    );
  });

  it("is merged from the record under a former key", () => {
    const state = withConsent(EMPTY_CONTACT, { choice: STOP, wroteAt: 5 }, 10);
    expect(state.consent).toEqual({ choice: STOP, wroteAt: 5 });
    expect(withConsent(state, { choice: { optedOut: false, at: 4 }, wroteAt: 4 }, 10)).toBe(state);
    expect(withConsent(state, EMPTY_CONTACT.consent, 10)).toBe(state);
  });

  it.each<[string, Partial<Parameters<typeof receive>[1]>, ContactState["consent"], number]>([
    ["a first message", {}, EMPTY_CONTACT.consent, 1],
    ["a message while the window is open", { at: 2 }, { choice: null, wroteAt: 1 }, 0],
    ["a message older than the last", { at: 1 }, { choice: null, wroteAt: 2 }, 0],
    ["a repeat of the message that opened the window", { at: 1 }, { choice: null, wroteAt: 1 }, 0],
    ["a message after the window", { at: 1 + DAY_MS }, { choice: null, wroteAt: 1 }, 1],
    ["STOP", { keyword: "stop" }, EMPTY_CONTACT.consent, 0],
    ["START after STOP", { keyword: "start", at: 9 }, { choice: STOP, wroteAt: null }, 1],
    ["a question of a user who opted out", { at: 9 }, { choice: STOP, wroteAt: null }, 0],
    ["a message whose window has ended when it arrives", { at: 10 - DAY_MS }, EMPTY_CONTACT.consent, 0],
  ])("decides on the automatic reply: %s", (_, message, consent, replies) => {
    const now = Math.max(10, message.at ?? 0);
    const firstReply = { ...draft(ID, { template: null }), job: { id: ID, sealed: "", batch: null } };
    const command = { at: 8, keyword: null, formerConsent: null, firstReply, wrongTokenIn: null, ...message };
    const { state } = receive({ ...EMPTY_CONTACT, consent }, command, now);
    expect(state.outbox).toHaveLength(replies);
    expect(receive(state, command, now).state.outbox).toHaveLength(replies);
  });
});

describe("the record", () => {
  it("fails notifications that could not be sent, or got no status, within a day", () => {
    const waiting = accepted(EMPTY_CONTACT, 0).state;
    const taken = settle(claimed(), { id: ID, result: RESULTS.noAnswer, isLast: false }, 0).state;
    for (const [state, code] of [
      [waiting, "gave_up"],
      [taken, "no_answer"],
    ] as const) {
      expect(advance(state, DAY_MS - 1)).toBe(state);
      expect(nextDue({ ...state, outbox: [] })).toBe(DAY_MS);
      const given = withEvents(state, advance(state, DAY_MS), DAY_MS);
      expect(given.notifications).toMatchObject([{ status: "failed", error: { code }, updatedAt: DAY_MS }]);
      expect(given.outbox).toContainEqual(expect.objectContaining({ type: "notification.failed" }));
      expect(outcomeOf(given, DAY_MS)).toMatchObject({ kind: "failed", error: { code } });
    }
  });

  it("does not expire a leased notification", () => {
    const state = claim(accepted(EMPTY_CONTACT, 0).state, draft(), DAY_MS - SECOND).state;
    expect(advance(state, DAY_MS)).toBe(state);
    expect(advance(state, DAY_MS + LEASE_MS).notifications).toMatchObject([{ status: "failed" }]);
  });

  it("deletes a notification seven days after its last change", () => {
    const state = recordUpdates(claimed(), [update("read", DAY_MS)], DAY_MS).state;
    expect(advance(state, 8 * DAY_MS - 1)).toBe(state);
    expect(isForgotten(advance(state, 8 * DAY_MS))).toBe(true);
  });

  it("deletes an opt-in after seven days, but never an opt-out", () => {
    const said = (keyword: "stop" | "start" | null) =>
      advance(
        receive(claimed(), { at: 1, keyword, formerConsent: null, firstReply: null, wrongTokenIn: null }, 1)
          .state,
        8 * DAY_MS,
      );
    expect([said(null), said("start")].map(isForgotten)).toEqual([true, true]);
    expect(said("stop")).toEqual({
      notifications: [],
      outbox: [],
      consent: { choice: { optedOut: true, at: 1 }, wroteAt: null },
      pointer: null,
      wrongTokens: [],
    });
    expect(nextDue(said("stop"))).toBeNull();
  });

  it("keeps a hundred notifications and removes those settled longest ago", () => {
    let state = accepted(EMPTY_CONTACT, 0).state;
    for (let number = 2; number <= MOST_NOTIFICATIONS + 5; number += 1) {
      state = claimed(number, idOf(number), state);
      const result = { kind: "accepted", providerMessageId: `wamid.${number}` } as const;
      state = settle(state, { id: idOf(number), result, isLast: false }, number).state;
    }
    expect(state.notifications).toHaveLength(MOST_NOTIFICATIONS);
    expect(state.notifications.slice(0, 2).map(({ id }) => id)).toEqual([ID, idOf(7)]);
  });

  it("allows twenty waiting notifications at most", () => {
    let state = EMPTY_CONTACT;
    for (let number = 1; number <= MOST_WAITING; number += 1) state = accepted(state, 0, idOf(number)).state;
    expect(accepted(state, 1, idOf(21)).outcome).toEqual({ kind: "busy" });
    expect(outcomeOf(state, 1, idOf(21))).toEqual({ kind: "later", delaySeconds: 30 });
    expect(outcomeOf(state, 1, idOf(20))).toEqual({ kind: "send" });
    expect(accepted(state, DAY_MS, idOf(21)).outcome.kind).toBe("accepted");
  });

  it("keeps a job until it is claimed, and queues it again after an hour", () => {
    const state = accepted(EMPTY_CONTACT, 0).state;
    expect(dropFinishedJobs(state)).toBe(state);
    expect(retryJobs(state, HOUR - 1)).toEqual({ state, outcome: [] });
    const again = retryJobs(state, HOUR);
    expect(again.outcome.map(({ job }) => job.id)).toEqual([ID]);
    expect(retryJobs(again.state, HOUR + 1).outcome).toEqual([]);
    expect(dropFinishedJobs(claim(state, draft(), 1).state).outbox).toEqual([]);
    expect(dropFinishedJobs(advance(state, DAY_MS)).outbox).toEqual([]);
  });

  it("accepts the same notification once", () => {
    const first = accepted(EMPTY_CONTACT, 0);
    const second = accepted(first.state, 1);
    expect(second.state).toBe(first.state);
    expect(second.outcome).toEqual(first.outcome);
  });
});
