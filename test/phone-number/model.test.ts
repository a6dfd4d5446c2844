import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SessionTag } from "../../src/codes/code.ts";
import { type AppName, DEFAULT_APP } from "../../src/ids/app-name.ts";
import type { VerificationId } from "../../src/ids/verification-id.ts";
import { withoutTemplate } from "../../src/messages/message.ts";
import type { SendOrder } from "../../src/phone-number/answers.ts";
import { approve, cancel } from "../../src/phone-number/decisions/cancel.ts";
import { check } from "../../src/phone-number/decisions/check.ts";
import { recordUpdates, settle } from "../../src/phone-number/decisions/delivery.ts";
import { claim, fallBackOverdue } from "../../src/phone-number/decisions/fallback.ts";
import { introduce, redeem } from "../../src/phone-number/decisions/redeem.ts";
import { resend, start } from "../../src/phone-number/decisions/send.ts";
import {
  advance,
  EMPTY,
  findVerification,
  nextDue,
  type PhoneState,
} from "../../src/phone-number/phone-state.ts";
import { CODE_LIFETIME_LIMIT_SECONDS, DEFAULT_POLICY } from "../../src/phone-number/policy.ts";
import type { Attribution, Verification } from "../../src/phone-number/verification.ts";
import { DAY_MS } from "../../src/platform/time.ts";
import { ATTRIBUTION, RULES } from "../verification/fixtures.ts";
import { candidate, checkCommand, newId, startCommand } from "./commands.ts";

/** Random commands at random times against the pure decisions, with the invariants checked after each. */

const PURPOSES = ["login", "signup"] as const;
const CODES = ["111111", "222222", "333333"];
const POLICY = { ...DEFAULT_POLICY, expiresInSeconds: 120, resendAfterSeconds: [6, 20] };

const APPS = [DEFAULT_APP, "shop" as AppName];
const SESSIONS = [
  null,
  "one" as SessionTag,
  "two" as SessionTag,
  "three" as SessionTag,
  "four" as SessionTag,
];
const BINDINGS = [null, { amount: "1.00", currency: "EUR", payee: "Ana" }];
const { limits } = RULES;
const OWNER: Attribution = { limits: {}, network: "network of the owner", device: "device of the owner" };
const STRANGER: Attribution = { limits: {}, network: "network of a stranger", device: null };

const purpose = fc.constantFrom(...PURPOSES);
const app = fc.constantFrom(...APPS);
const session = fc.constantFrom(...SESSIONS);
const code = fc.constantFrom(...CODES);
/** Selects one of the verifications begun so far; wraps around. */
const which = fc.nat(5);

const command = fc.oneof(
  fc.record({
    kind: fc.constant("start" as const),
    purpose,
    app,
    session,
    bind: fc.constantFrom(...BINDINGS),
    attribution: fc.constantFrom(ATTRIBUTION, OWNER, STRANGER),
    code,
    anew: fc.boolean(),
    whilePending: fc.constantFrom("resend" as const, "refuse" as const, "supersede" as const),
  }),
  fc.record({ kind: fc.constant("resend" as const), which, code, bySms: fc.boolean() }),
  fc.record({
    kind: fc.constant("check" as const),
    which,
    code,
    byPurpose: fc.option(purpose),
    app,
    session,
  }),
  fc.record({ kind: fc.constant("cancel" as const), which }),
  fc.record({ kind: fc.constant("approve" as const), which }),
  fc.record({ kind: fc.constant("redeem" as const), which, isRepeated: fc.boolean() }),
  fc.record({ kind: fc.constant("refused" as const), which, ordinal: fc.nat(3) }),
  fc.record({ kind: fc.constant("alarm" as const) }),
  fc.record({ kind: fc.constant("claim" as const), job: fc.nat(5), isRepeated: fc.boolean() }),
  fc.record({
    kind: fc.constant("update" as const),
    which,
    ordinal: fc.nat(3),
    status: fc.constantFrom("sent" as const, "delivered" as const, "read" as const, "failed" as const),
  }),
);
const step = fc.record({
  command,
  waitMs: fc.oneof(fc.nat(5_000), fc.nat(200_000), fc.nat(2 * DAY_MS)),
});

interface CountedSend {
  readonly at: number;
  /** The verification whose approval gives it back. */
  id: VerificationId;
  isRefused: boolean;
  /** A resend over a channel that had not carried the code. */
  readonly isOtherChannel: boolean;
}

/** What an outside observer has seen, which the invariants are checked against. */
interface World {
  state: PhoneState;
  now: number;
  ids: VerificationId[];
  approvals: Map<VerificationId, number>;
  /** How often each approval was asked for, and by which call last. */
  redemptions: Map<VerificationId, { readonly times: number; readonly last: string }>;
  failuresSinceSuccess: number;
  /** The sends that were ordered and not given back. */
  sends: CountedSend[];
  /** Of each verification that superseded another on request: the messages of those before it. */
  inherited: Map<VerificationId, number>;
  /** How each verification has closed. */
  closed: Map<VerificationId, string>;
  /** When each message was last given to a sender. */
  leased: Map<string, number>;
}

const newWorld = (): World => ({
  state: EMPTY,
  now: 1_800_000_000_000,
  ids: [],
  approvals: new Map(),
  redemptions: new Map(),
  failuresSinceSuccess: 0,
  sends: [],
  inherited: new Map(),
  closed: new Map(),
  leased: new Map(),
});

const { route } = startCommand({ id: newId(0) });
const channels = ["whatsapp", "sms"] as const;
const UNKNOWN = "vrf_00000000000000000000000000" as VerificationId;
const pick = (world: World, index: number) => world.ids[index % Math.max(1, world.ids.length)] ?? UNKNOWN;

type Action = typeof command extends fc.Arbitrary<infer T> ? T : never;

function advanceWorld(world: World, action: Action, waitMs: number): void {
  world.now += waitMs;
  run(world, action);
}

function countSend(world: World, { created, message, verification: { id, messages } }: SendOrder): void {
  const isFirst = messages.slice(0, -1).every(({ channel }) => channel !== message.channel);
  world.sends.push({ at: world.now, id, isRefused: false, isOtherChannel: !created && isFirst });
}

function run(world: World, action: Action): void {
  const before = world.state;
  switch (action.kind) {
    case "start": {
      const id = newId(world.ids.length);
      const policy = { ...POLICY, resend: action.anew ? ("new" as const) : ("same" as const) };
      const decision = start(
        before,
        startCommand({
          id,
          purpose: action.purpose,
          app: action.app,
          session: action.session,
          bind: action.bind,
          attribution: action.attribution,
          policy,
          channels,
          route,
          code: candidate(action.code),
          whilePending: action.whilePending,
        }),
        world.now,
      );
      world.state = decision.state;
      const known = advance(before, world.now);
      const pending = known.verifications.find(
        (v) =>
          v.status === "pending" &&
          v.app === action.app &&
          v.purpose === action.purpose &&
          v.session === action.session,
      );
      if (pending !== undefined && action.whilePending === "refuse") {
        expect(decision, "a start changed something although one is pending").toMatchObject({
          state: known,
          outcome: { kind: "already_pending", verification: { id: pending.id } },
        });
      }
      if (decision.outcome.kind !== "send") return;
      if (decision.outcome.created) {
        world.ids.push(id);
        if (action.whilePending === "supersede" && pending !== undefined) supersede(world, pending, id);
      }
      countSend(world, decision.outcome);
      lease(world, decision.outcome);
      return;
    }
    case "resend": {
      const id = pick(world, action.which);
      const decision = resend(
        before,
        {
          id,
          scope: null,
          channels: [action.bySms ? "sms" : "whatsapp"],
          code: candidate(action.code),
          route: action.bySms ? withoutTemplate("sms") : route,
          idempotency: null,
          rules: RULES,
        },
        world.now,
      );
      world.state = decision.state;
      if (decision.outcome.kind !== "send") return;
      countSend(world, decision.outcome);
      lease(world, decision.outcome);
      return;
    }
    case "check": {
      const target =
        action.byPurpose === null ? { id: pick(world, action.which) } : { purpose: action.byPurpose };
      const decision = check(
        before,
        checkCommand({
          which: target,
          app: action.app,
          scope: action.app,
          sessions: [action.session],
          proofs: [candidate(action.code).proof],
        }),
        world.now,
      );
      world.state = decision.state;
      if (decision.outcome.kind !== "check_answer") return;
      const { valid, verification } = decision.outcome;
      if (valid) {
        world.approvals.set(verification.id, (world.approvals.get(verification.id) ?? 0) + 1);
        world.failuresSinceSuccess = 0;
        world.sends = world.sends.filter((send) => send.id !== verification.id && !send.isRefused);
        const checked = findVerification(decision.state, verification.id);
        expect(checked?.session, "a session finished another's verification").toBe(action.session);
        expect(checked?.app, "an app finished another's verification").toBe(action.app);
        expect(verification.expiresAt).toBeGreaterThan(world.now);
      } else if (attemptsIn(decision.state) > attemptsIn(advance(before, world.now))) {
        world.failuresSinceSuccess += 1;
      }
      return;
    }
    case "cancel":
      world.state = cancel(before, pick(world, action.which), null, world.now).state;
      return;
    case "approve": {
      const id = pick(world, action.which);
      const { state, outcome } = approve(before, id, null, world.now);
      world.state = state;
      const former = findVerification(advance(before, world.now), id);
      if (former?.status !== "pending") return;
      expect(outcome?.status).toBe("approved");
      world.sends = world.sends.filter((send) => send.id !== id);
      return;
    }
    case "redeem": {
      const id = pick(world, action.which);
      const { times = 0, last = "none" } = world.redemptions.get(id) ?? {};
      const isRepeated = action.isRepeated && times === 1;
      const redemptionId = isRepeated ? last : `${times}`;
      const { state, outcome } = redeem(before, { id, scope: null, redemptionId }, world.now);
      world.state = state;
      if (findVerification(state, id)?.status !== "approved") {
        expect(outcome, "what was not approved was redeemed").toBeNull();
        return;
      }
      expect(outcome !== null, "an approval was redeemed twice").toBe(times === 0 || isRepeated);
      if (!isRepeated) world.redemptions.set(id, { times: times + 1, last: redemptionId });
      return;
    }
    case "refused": {
      const failure = {
        code: "131026",
        title: "",
        action: "",
        channel: "whatsapp",
        temporary: false,
      } as const;
      const id = pick(world, action.which);
      const refused = { kind: "refused" as const, failure };
      const settled = {
        id,
        ordinal: action.ordinal,
        created: true,
        route,
        result: refused,
        rules: RULES,
        idempotencyKey: null,
      };
      const refusedAt = findVerification(advance(before, world.now), id)?.messages[action.ordinal]?.createdAt;
      const decision = settle(before, settled, world.now);
      world.state = decision.state;
      for (const send of world.sends) {
        if (send.id === id && send.at === refusedAt) send.isRefused = true;
      }
      if (decision.outcome?.kind === "send") lease(world, decision.outcome);
      return;
    }
    case "alarm":
      world.state = fallBackOverdue(before, world.now);
      return;
    case "claim": {
      const job = before.outbox[action.job % Math.max(1, before.outbox.length)];
      if (job?.kind !== "send") return;
      const { state, outcome } = claim(before, job, world.now);
      world.state = action.isRepeated
        ? state
        : { ...state, outbox: state.outbox.filter((item) => item !== job) };
      if (outcome.kind !== "send") return;
      expect(outcome.verification.status, "a job was sent after its verification closed").toBe("pending");
      lease(world, outcome);
      return;
    }
    case "update": {
      const message = { id: pick(world, action.which), ordinal: action.ordinal };
      const update = {
        message,
        providerMessageId: "wamid.1",
        status: action.status,
        pricing: null,
        at: world.now,
        error: null,
      };
      world.state = recordUpdates(before, [update], world.now).state;
      return;
    }
  }
}

/** The messages of the superseded verification count on for its successor, whose approval gives their sends back. */
function supersede(world: World, superseded: Verification, id: VerificationId): void {
  const before = world.inherited.get(superseded.id) ?? 0;
  world.inherited.set(id, before + superseded.messages.length);
  for (const send of world.sends) if (send.id === superseded.id) send.id = id;
  expect(findVerification(world.state, superseded.id)).toMatchObject({
    status: "canceled",
    reason: "superseded",
    code: null,
  });
}

/** A message is given to a sender: no other sender may have got it within the last half minute. */
function lease(world: World, { verification, ordinal }: SendOrder): void {
  const message = `${verification.id}.${ordinal}`;
  const before = world.leased.get(message);
  if (before !== undefined)
    expect(world.now - before, "a message was leased to two senders").toBeGreaterThanOrEqual(30_000);
  world.leased.set(message, world.now);
}

function attemptsIn(state: PhoneState): number {
  return state.verifications.reduce((sum, { attempts }) => sum + attempts, 0);
}

function assertInvariants(world: World): void {
  const { state, now, approvals, failuresSinceSuccess, sends, inherited, closed } = world;
  for (const times of approvals.values()) expect(times, "a code was accepted twice").toBe(1);
  expect(state.consecutiveFailures, "consecutive failures were reset without a success").toBe(
    failuresSinceSuccess,
  );
  for (const { quota, windowMs } of limits.windows) {
    const counted = quota === 1 ? sends.filter(({ isOtherChannel }) => !isOtherChannel) : sends;
    const inside = counted.filter(({ at }) => at > now - windowMs);
    expect(inside.length, "a number got more sends than a window allows").toBeLessThanOrEqual(quota);
  }

  const pending = advance(state, now).verifications.filter(({ status }) => status === "pending");
  const scopes = Map.groupBy(pending, (v) => `${v.app} ${v.purpose}`);
  for (const list of scopes.values()) {
    expect(list.length, "more than three sessions are pending for an app and purpose").toBeLessThanOrEqual(3);
    const sessions = new Set(list.map((v) => v.session));
    expect(sessions.size, "a session has two pending verifications").toBe(list.length);
  }
  for (const verification of state.verifications) {
    const { status, attempts, policy, messages, code: stored, createdAt, closedAt } = verification;
    expect(attempts, "a verification has more attempts than allowed").toBeLessThanOrEqual(policy.maxAttempts);
    const sent = messages.length + (inherited.get(verification.id) ?? 0);
    expect(
      sent,
      "a verification has more sends than allowed, those that it superseded included",
    ).toBeLessThanOrEqual(policy.maxSends);
    const end = closed.get(verification.id) ?? status;
    expect(status, "a closed verification changed").toBe(end);
    if (status !== "pending") closed.set(verification.id, status);
    const { times = 0 } = world.redemptions.get(verification.id) ?? {};
    const isIntroduced = introduce(state, verification.id, null) !== null;
    expect(isIntroduced, "an approval is introduced unless it was redeemed once").toBe(times === 1);
    expect(stored === null, "a code outlived its verification").toBe(status !== "pending");
    expect(closedAt === null).toBe(status === "pending");
    if (stored === null) continue;
    const lifetime = verification.expiresAt - stored.drawnAt;
    expect(lifetime, "a code is valid for too long").toBeLessThanOrEqual(CODE_LIFETIME_LIMIT_SECONDS * 1000);
    expect(verification.expiresAt).toBeGreaterThan(createdAt);
  }
  if (state.to !== null) expect(nextDue(state), "the object has data but no alarm due").not.toBeNull();
}

describe("the decisions of a phone number, under random commands at random times", () => {
  it("hold the invariants after every step: codes accepted once, attempts and sends within limits, consecutive failures reset by success only", () => {
    return fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const world = newWorld();
        for (const { command: action, waitMs } of steps) {
          advanceWorld(world, action, waitMs);
          assertInvariants(world);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("forget everything but consecutive failures and known devices after a day of silence", () => {
    return fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: "max" }), (steps) => {
        const world = newWorld();
        for (const { command: action, waitMs } of steps) {
          advanceWorld(world, action, waitMs);
        }
        world.state = { ...world.state, outbox: [] };
        const later = advance(world.state, world.now + DAY_MS + CODE_LIFETIME_LIMIT_SECONDS * 1000);
        expect(later).toEqual({
          ...EMPTY,
          known: world.state.known,
          consecutiveFailures: world.failuresSinceSuccess,
          lockedUntil: world.state.lockedUntil,
        });
      }),
    );
  });

  it("reach the same message status for any order and repetition of its updates", () => {
    const statuses = fc.array(fc.constantFrom("sent", "delivered", "read", "failed"), {
      minLength: 1,
      maxLength: 4,
    });
    const begin = start(EMPTY, startCommand({ id: newId(0), policy: POLICY }), 0);
    const final = (order: readonly ("sent" | "delivered" | "read" | "failed")[]) =>
      recordUpdates(
        begin.state,
        order.map((status) => ({
          status,
          at: { sent: 1, delivered: 2, read: 3, failed: 4 }[status],
          error: null,
          pricing: null,
          message: { id: newId(0), ordinal: 0 },
          providerMessageId: "wamid.1",
        })),
        10,
      ).state.verifications[0]?.messages;
    return fc.assert(
      fc.property(
        statuses.chain((list) =>
          fc.tuple(
            fc.constant(list),
            fc.shuffledSubarray([...list, ...list, ...list], { minLength: list.length * 3 }),
          ),
        ),
        ([list, shuffled]) => {
          expect(final(shuffled)).toEqual(final(list));
        },
      ),
    );
  });
});
