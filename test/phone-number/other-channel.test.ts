import { describe, expect, it } from "vitest";
import { withoutTemplate } from "../../src/messages/message.ts";
import { resend, start } from "../../src/phone-number/decisions/send.ts";
import { EMPTY, type PhoneState } from "../../src/phone-number/phone-state.ts";
import { DEFAULT_POLICY, freezePolicy } from "../../src/phone-number/policy.ts";
import { RULES } from "../verification/fixtures.ts";
import { newId, startCommand } from "./commands.ts";

const ID = newId(1);
const SMS = { channels: ["sms"], route: withoutTemplate("sms") } as const;
const POLICY = freezePolicy({ ...DEFAULT_POLICY, maxSends: 3 });

function again(state: PhoneState, now: number, over: object = SMS, rules = RULES) {
  const { channels, code, route } = startCommand({ id: ID });
  const command = { id: ID, scope: null, channels, code, route, idempotency: null, rules, ...over };
  return resend(state, command, now);
}

const begun = (fields: object = {}) =>
  start(EMPTY, startCommand({ id: ID, policy: POLICY, ...fields }), 0).state;

describe("a resend over a channel that has not carried the code", () => {
  it("waits neither for the cool-down nor for the shortest wait between two sends to the number", () => {
    expect(again(begun(), 1).outcome).toMatchObject({ kind: "send", message: { channel: "sms" } });
    expect(again(begun(), 1, {}).outcome).toMatchObject({ code: "resend_too_soon" });
    const repeated = startCommand({ id: newId(2), policy: POLICY, ...SMS });
    expect(start(begun(), repeated, 1).outcome).toMatchObject({
      kind: "send",
      created: false,
      message: { channel: "sms" },
    });
  });

  it("counts as a send, in the windows of the number and towards max_sends", () => {
    const { state } = again(begun(), 1);
    expect(state.sends).toHaveLength(2);
    expect(state.verifications[0]?.messages).toHaveLength(2);
    const full = {
      ...RULES,
      limits: {
        windows: [
          { quota: 1, windowMs: 6000 },
          { quota: 2, windowMs: 60_000 },
        ],
        keptForKnown: 0,
      },
    };
    const three = begun({ rules: full });
    const crowded = { ...three, sends: [...three.sends, { at: 0, id: null, isRefused: false }] };
    expect(again(crowded, 1, SMS, full).outcome).toMatchObject({ code: "send_limit_reached" });
    const single = begun({ policy: { ...POLICY, maxSends: 1 } });
    expect(again(single, 1).outcome).toMatchObject({ code: "send_limit_reached" });
  });

  it("waits like every other once the channel has carried it, also a message that failed", () => {
    const { state } = again(begun(), 1);
    expect(again(state, 2).outcome).toMatchObject({ code: "resend_too_soon" });
    expect(again(state, 2, {}).outcome).toMatchObject({ code: "resend_too_soon" });
  });

  it("is held back like every other while WhatsApp has refused the number for too many messages", () => {
    const held = { ...begun(), pairHold: { until: 6000, refusals: 1 } };
    expect(again(held, 1).outcome).toMatchObject({ code: "resend_too_soon", retryAfterMs: 5999 });
  });
});
