import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SessionTag } from "../../src/codes/code.ts";
import { type AppName, DEFAULT_APP } from "../../src/ids/app-name.ts";
import { cancel } from "../../src/phone-number/decisions/cancel.ts";
import { check } from "../../src/phone-number/decisions/check.ts";
import { settle } from "../../src/phone-number/decisions/delivery.ts";
import { unlock } from "../../src/phone-number/decisions/limits.ts";
import { start } from "../../src/phone-number/decisions/send.ts";
import { DEFAULT_NUMBER_LIMITS, windowsForStrangers } from "../../src/phone-number/number-limits.ts";
import { EMPTY, type PhoneState } from "../../src/phone-number/phone-state.ts";
import { DEFAULT_POLICY } from "../../src/phone-number/policy.ts";
import type { Attribution } from "../../src/phone-number/verification.ts";
import { DAY_MS } from "../../src/platform/time.ts";
import { RULES } from "../verification/fixtures.ts";
import { candidate, checkCommand, newId, startCommand } from "./commands.ts";

const SECOND = 1000;
const OWNER: Attribution = { limits: {}, network: "network of the owner", device: "device of the owner" };
const STRANGER: Attribution = { limits: {}, network: "network of a stranger", device: null };

let drawn = 0;
function nextId() {
  drawn += 1;
  return newId(drawn);
}

function begin(state: PhoneState, now: number, fields: object = {}) {
  return start(state, startCommand({ id: nextId(), ...fields }), now);
}

/** A number on which the owner's device was approved. */
function knownNumber(now: number): PhoneState {
  const id = nextId();
  const { state } = start(EMPTY, startCommand({ id, attribution: OWNER }), now);
  const right = checkCommand({ which: { id }, proofs: [candidate("111111").proof] });
  return check(state, right, now).state;
}

const attempt = fc.record({
  purpose: fc.constantFrom("login", "signup", "recovery"),
  app: fc.constantFrom(DEFAULT_APP, "shop" as AppName),
  session: fc.option(
    fc.constantFrom("1" as SessionTag, "2" as SessionTag, "3" as SessionTag, "4" as SessionTag),
  ),
  bind: fc.option(fc.constant({ amount: "1.00", currency: "EUR", payee: "Ana" })),
  cancels: fc.boolean(),
  waitMs: fc.oneof(fc.nat(10 * SECOND), fc.nat(20 * 60 * SECOND)),
});

/** A stranger requests codes for the number, and cancels some. Returns how many were sent, and what they left. */
function flood(
  before: PhoneState,
  begunAt: number,
  attempts: readonly (typeof attempt extends fc.Arbitrary<infer T> ? T : never)[],
) {
  let [state, now, sent] = [before, begunAt, 0];
  for (const { cancels, waitMs, ...fields } of attempts) {
    now += waitMs;
    const id = nextId();
    const decision = start(state, startCommand({ id, attribution: STRANGER, ...fields }), now);
    state = cancels ? cancel(decision.state, id, null, now).state : decision.state;
    if (decision.outcome.kind === "send") sent += 1;
  }
  return { state, now, sent };
}

describe("the windows of a number's sends", () => {
  it("leave the owner on a known device a code while a stranger floods the number with any mix of starts", () => {
    return fc.assert(
      fc.property(fc.array(attempt, { maxLength: 40, size: "max" }), (attempts) => {
        const flooded = flood(knownNumber(0), 0, attempts);
        const now = flooded.now + 6 * SECOND;
        const owner = { session: "the owner's" as SessionTag, attribution: OWNER };
        expect(begin(flooded.state, now, owner).outcome).toMatchObject({ kind: "send", created: true });
      }),
    );
  });

  it("leave the sends of no window to strangers alone where a device is known", () => {
    expect(windowsForStrangers(DEFAULT_NUMBER_LIMITS)).toEqual([
      { quota: 1, windowMs: 6 * SECOND },
      { quota: 2, windowMs: 120 * SECOND },
      { quota: 4, windowMs: 3600 * SECOND },
      { quota: 7, windowMs: DAY_MS },
    ]);
  });

  it("begin anew when an operator unlocks the number", () => {
    return fc.assert(
      fc.property(fc.array(attempt, { maxLength: 40, size: "max" }), (attempts) => {
        const { state, now } = flood(EMPTY, 0, attempts);
        const unlocked = unlock(state, RULES, now).state;
        const anybody = { session: "anybody's" as SessionTag, attribution: STRANGER };
        expect(begin(unlocked, now, anybody).outcome.kind).toBe("send");
      }),
    );
  });

  it("get the sends of a verification back when it is approved", () => {
    let [state, now] = [EMPTY, 0];
    for (let login = 0; login < 30; login += 1) {
      const id = nextId();
      const begun = start(state, startCommand({ id }), now);
      expect(begun.outcome.kind).toBe("send");
      const right = checkCommand({ which: { id }, proofs: [candidate("111111").proof] });
      state = check(begun.state, right, now).state;
      now += SECOND;
    }
    expect(state.sends).toEqual([]);
  });

  it("do not count the same code over the next channel as another send", () => {
    const id = nextId();
    const begun = begin(EMPTY, 0, { id, channels: ["whatsapp", "sms"] });
    const failure = { code: "131026", title: "", action: "", channel: "whatsapp", temporary: false } as const;
    const route = startCommand({ id }).route;
    const settled = settle(
      begun.state,
      {
        id: begun.state.verifications[0]?.id ?? id,
        ordinal: 0,
        created: true,
        route,
        rules: RULES,
        result: { kind: "refused", failure },
        idempotencyKey: null,
      },
      1,
    );
    expect(settled.outcome).toMatchObject({ kind: "send", message: { channel: "sms" } });
    expect(settled.state.sends).toHaveLength(1);
  });

  it("know at most eight networks and devices, for ninety days, and none that the owner has denied", () => {
    let state = EMPTY;
    for (let login = 0; login < 12; login += 1) {
      const id = nextId();
      const attribution = { limits: {}, network: `network ${login}`, device: `device ${login}` };
      const begun = start(state, startCommand({ id, attribution }), login);
      const right = checkCommand({ which: { id }, proofs: [candidate("111111").proof] });
      state = check(begun.state, right, login).state;
    }
    expect(state.known.map(({ tag }) => tag)).toEqual(
      [8, 9, 10, 11].flatMap((login) => [`network ${login}`, `device ${login}`]),
    );
  });

  it("do not learn who the owner is where two networks requested the same code", () => {
    const id = nextId();
    const begun = start(EMPTY, startCommand({ id, attribution: STRANGER }), 0);
    const joined = begin(begun.state, 60 * SECOND, { attribution: OWNER });
    expect(joined.outcome).toMatchObject({ kind: "send", created: false });
    const right = checkCommand({ which: { id }, proofs: [candidate("111111").proof] });
    expect(check(joined.state, right, 61 * SECOND).state.known).toEqual([]);
  });
});

describe("a block of a purpose after consecutive failures", () => {
  const policy = { ...DEFAULT_POLICY, blockAfterFailures: 5, blockSeconds: 900 };

  function failTimes(count: number, before: PhoneState, begunAt: number) {
    let [state, now] = [before, begunAt];
    for (let failure = 0; failure < count; failure += 1) {
      const id = nextId();
      now += 300 * SECOND;
      state = start(state, startCommand({ id, purpose: "transaction", policy }), now).state;
      const wrong = checkCommand({ which: { id }, proofs: [candidate("999999").proof] });
      state = check(state, wrong, now).state;
      state = cancel(state, id, null, now).state;
      state = { ...state, sends: [] };
    }
    return { state, now };
  }

  it("refuses starts and checks of the purpose, over verifications, with the real time, and no other purpose", () => {
    const { state, now } = failTimes(5, EMPTY, 0);
    const later = now + 100 * SECOND;
    const refused = begin(state, later, { purpose: "transaction", policy }).outcome;
    expect(refused).toMatchObject({ kind: "refused", code: "number_locked", retryAfterMs: 800 * SECOND });
    expect(begin(state, later, { purpose: "login" }).outcome.kind).toBe("send");
    const after = begin(state, now + 900 * SECOND, { purpose: "transaction", policy });
    expect(after.outcome.kind).toBe("send");
    expect(after.state.purposeFailures).toEqual([]);
  });

  it("begins to count anew after a success", () => {
    const { state, now } = failTimes(4, EMPTY, 0);
    const id = nextId();
    const begun = start(state, startCommand({ id, purpose: "transaction", policy }), now + 10 * SECOND);
    const right = checkCommand({ which: { id }, proofs: [candidate("111111").proof] });
    const approved = check(begun.state, right, now + 10 * SECOND).state;
    expect(approved.purposeFailures).toEqual([]);
    expect(failTimes(4, approved, now).state.purposeFailures).toMatchObject([
      { failures: 4, blockedUntil: 0 },
    ]);
  });
});
