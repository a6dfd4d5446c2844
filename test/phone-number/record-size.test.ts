import { serialize } from "node:v8";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CodeProof, SealedCode, SessionTag } from "../../src/codes/code.ts";
import type { LinkName, SealedToken } from "../../src/codes/token.ts";
import type { AppName } from "../../src/ids/app-name.ts";
import { ownerOf, type VerificationId } from "../../src/ids/verification-id.ts";
import type { Subscriber } from "../../src/numbering/subscriber.ts";
import { bounded } from "../../src/phone-number/bounded.ts";
import { cancel } from "../../src/phone-number/decisions/cancel.ts";
import { check } from "../../src/phone-number/decisions/check.ts";
import { recordUpdates, settle } from "../../src/phone-number/decisions/delivery.ts";
import { openLink } from "../../src/phone-number/decisions/open-link.ts";
import { prove } from "../../src/phone-number/decisions/prove.ts";
import { resend, start } from "../../src/phone-number/decisions/send.ts";
import { numberLimitsSchema } from "../../src/phone-number/number-limits.ts";
import { withEvents, withoutDoneJobs } from "../../src/phone-number/outbox.ts";
import {
  EMPTY,
  findVerification,
  PHONE_STATE_VERSION,
  type PhoneState,
} from "../../src/phone-number/phone-state.ts";
import { DEFAULT_POLICY } from "../../src/phone-number/policy.ts";
import { largestSizeOf, MOST_BYTES_OF, sizeOf } from "../../src/phone-number/record-size.ts";
import { VERIFICATION_EVENT_TYPES } from "../../src/phone-number/verification.ts";
import { RULES } from "../verification/fixtures.ts";
import { checkCommand, startCommand } from "./commands.ts";

const LARGEST_BYTES = 64 * 1024;

/** The largest texts of the API: a character outside the basic plane counts as two and takes four bytes. */
const emoji = (length: number) => "😀".repeat(length / 2);
/** More sends than as shipped, so that the record has more to keep. */
const MANY_SENDS = { ...RULES, limits: numberLimitsSchema.parse({ sends: "100 per day" }) };
const MAC = "m".repeat(43);
const METADATA = Object.fromEntries(
  Array.from({ length: 16 }, (_, key) => [`${key}`.padStart(2, "0") + emoji(62), emoji(256)]),
);
const LIMITS = Object.fromEntries(
  Array.from({ length: 8 }, (_, key) => [`${key}`.padStart(32, "l"), emoji(256)]),
);
const POLICY = {
  ...DEFAULT_POLICY,
  maxSends: 10,
  maxAttempts: 10,
  resendAfterSeconds: [6],
  blockAfterFailures: 100,
};
const { route } = startCommand({ id: "vrf_0" as VerificationId });

const idOf = (number: number) => `vrf_${String(number).padStart(26, "0")}` as VerificationId;
const codeOf = (number: number) => ({
  proof: `${number}`.padStart(43, "p") as CodeProof,
  sealed: `${number}`.padStart(80, "s") as SealedCode,
  fromCaller: false,
});
const keyOf = (number: number) => ({ key: `${number}`.padStart(43, "k"), content: MAC });

const act = fc.record({
  kind: fc.constantFrom(
    "start",
    "start",
    "start",
    "check",
    "check",
    "resend",
    "cancel",
    "approve",
    "refuse",
    "update",
    "link",
    "link",
    "prove",
  ),
  which: fc.nat(6),
  app: fc.constantFrom("default", "a".repeat(32), "b".repeat(32)),
  purpose: fc.nat(3),
  session: fc.nat(4),
  hasMetadata: fc.boolean(),
  hasLimits: fc.boolean(),
  waitMs: fc.constantFrom(0, 6_000, 6_000, 60_000, 3_600_000),
  queueWorks: fc.boolean(),
});
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

/** A number whose callers send the largest requests, as its object stores it after each. */
class World {
  state: PhoneState = EMPTY;
  now = 1_800_000_000_000;
  begun: number[] = [];
  keys = 0;
  /** What the newest send was for. */
  newest: VerificationId | null = null;

  /** As the object's step does. */
  run(each: Act): void {
    this.now += each.waitMs;
    const before = each.queueWorks ? { ...this.state, outbox: [] } : this.state;
    const decided = this.#decide(before, each);
    this.state = bounded(withEvents(before, withoutDoneJobs(decided), this.now));
  }

  #decide(before: PhoneState, act: Act): PhoneState {
    const { kind, which, app, purpose, session, hasMetadata, hasLimits } = act;
    const number = this.begun.at(-1 - (which % Math.max(1, this.begun.length))) ?? 0;
    const id = idOf(number);
    const known = findVerification(before, id);
    const scopes = {
      app: known?.app ?? ("default" as AppName),
      scope: null,
      sessions: [known?.session ?? null],
    };
    this.keys += 1;
    const idempotency = keyOf(this.keys);
    switch (kind) {
      case "start": {
        const next = (this.begun.at(-1) ?? 0) + 1;
        const { state, outcome } = start(
          before,
          startCommand({
            id: idOf(next),
            app: app as AppName,
            session: `${session}`.padStart(43, "t") as SessionTag,
            purpose: `${purpose}`.padStart(32, "p"),
            policy: POLICY,
            bind: { amount: "1".repeat(20), currency: "EUR", payee: emoji(140) },
            metadata: hasMetadata ? METADATA : {},
            attribution: {
              limits: hasLimits ? LIMITS : {},
              network: `${session}`.padStart(43, "n"),
              device: MAC,
            },
            rules: MANY_SENDS,
            subscribedTypes: VERIFICATION_EVENT_TYPES,
            channels: ["whatsapp", "sms"],
            code: codeOf(next),
            idempotency,
          }),
          this.now,
        );
        if (outcome.kind === "send" && outcome.created) this.begun.push(next);
        this.newest = outcome.kind === "send" ? outcome.verification.id : this.newest;
        return state;
      }
      case "link": {
        const next = (this.begun.at(-1) ?? 0) + 1;
        const { state, outcome } = openLink(
          before,
          {
            ...startCommand({ id: idOf(next) }),
            app: app as AppName,
            session: `${session}`.padStart(43, "t") as SessionTag,
            purpose: `${purpose}`.padStart(32, "p"),
            bind: { amount: "1".repeat(20), currency: "EUR", payee: emoji(140) },
            metadata: hasMetadata ? METADATA : {},
            attribution: { limits: hasLimits ? LIMITS : {}, network: MAC, device: MAC },
            subscribedTypes: VERIFICATION_EVENT_TYPES,
            link: {
              name: "n".repeat(16) as LinkName,
              sealed: "s".repeat(80) as SealedToken,
              sender: "1".repeat(20),
            },
            idempotency,
          },
          this.now,
        );
        if (outcome.kind === "link" && outcome.created) this.begun.push(next);
        return state;
      }
      case "prove": {
        const source = {
          number: "+628123456789012" as Subscriber,
          names: which > 2 ? [] : [ownerOf(id)],
          protectedNumber: { toMasked: "", toSealed: "", country: null },
          isAllowed: true,
        };
        const link = "n".repeat(16) as LinkName;
        const messageId = `${this.keys}`.padStart(22, "m");
        return prove(before, { id, link, source, messageId, at: this.now }, this.now).state;
      }
      case "check":
      case "approve": {
        const proofs = [codeOf(kind === "approve" ? number : -1).proof];
        return check(before, checkCommand({ which: { id }, ...scopes, proofs, idempotency }), this.now).state;
      }
      case "resend": {
        const command = {
          id,
          scope: null,
          channels: ["whatsapp"],
          code: codeOf(number),
          route,
          idempotency,
          rules: MANY_SENDS,
        } as const;
        return resend(before, command, this.now).state;
      }
      case "cancel":
        return cancel(before, id, null, this.now).state;
      case "refuse": {
        const error = { code: "131026", title: emoji(200), action: emoji(100), details: emoji(300) };
        const failure = { ...error, channel: "whatsapp", temporary: false } as const;
        const result = { kind: "refused", failure } as const;
        const ordinal = (known?.messages.length ?? 1) - 1;
        const settled = {
          id,
          ordinal,
          created: true,
          route,
          rules: MANY_SENDS,
          result,
          idempotencyKey: idempotency.key,
        };
        return settle(before, settled, this.now).state;
      }
      case "update": {
        const message = { id, ordinal: which % 3 };
        const providerMessageId = `wamid.${this.keys}`.padEnd(150, "w");
        const status = (["sent", "delivered", "read"] as const)[which % 3] ?? "sent";
        const update = {
          message,
          providerMessageId,
          status,
          at: this.now,
          error: null,
          pricing: null,
          sender: "9".repeat(20),
        };
        return recordUpdates(before, [update], this.now).state;
      }
    }
  }

  get storedBytes(): number {
    return serialize({ version: PHONE_STATE_VERSION, state: this.state, alarmAt: this.now }).length;
  }
}

/** The parts of a record that are counted by themselves, each without the parts that it contains. */
function partsOf(state: PhoneState): readonly (readonly [keyof typeof MOST_BYTES_OF, unknown])[] {
  const { verifications, sends, purposeFailures, idempotency, outbox, ...rest } = state;
  const snapshots = [
    ...outbox.flatMap((item) => (item.kind === "verification" ? [item.verification] : [])),
    ...idempotency.flatMap(({ answer }) => (answer === null ? [] : [answer.verification])),
  ];
  const entriesOf = (texts: Readonly<Record<string, string>>) => Object.entries(texts);
  return [
    ["record", rest],
    ...sends.map((send) => ["send", send] as const),
    ...purposeFailures.map((failures) => ["purposeFailures", failures] as const),
    ...idempotency.map((request) => ["request", { ...request, answer: null }] as const),
    ...outbox.map((item) => ["outboxItem", { ...item, verification: null }] as const),
    ...verifications.map(
      (v) =>
        [
          "verification",
          { ...v, messages: [], metadata: {}, attribution: { ...v.attribution, limits: {} } },
        ] as const,
    ),
    ...snapshots.map((s) => ["verification", { ...s, messages: [], metadata: {} }] as const),
    ...[...verifications, ...snapshots].flatMap(({ messages, metadata }) => [
      ...messages.map((message) => ["message", message] as const),
      ...entriesOf(metadata).map((entry) => ["metadata", entry] as const),
    ]),
    ...verifications.flatMap(({ attribution }) =>
      entriesOf(attribution.limits).map((entry) => ["limit", entry] as const),
    ),
  ];
}

describe("the record of a number, under the largest requests that the API takes", () => {
  it("has at most 64 KB after each, with a queue that works or is down, and keeps the newest verification", () => {
    return fc.assert(
      fc.property(fc.array(act, { maxLength: 120, size: "max" }), (acts) => {
        const world = new World();
        for (const each of acts) {
          world.run(each);
          expect(world.storedBytes, "the record is larger than 64 KB").toBeLessThanOrEqual(LARGEST_BYTES);
          const sent = each.kind === "start" && world.state.sends.at(-1)?.at === world.now;
          if (sent && world.newest !== null) {
            const newest = findVerification(world.state, world.newest);
            expect(newest?.code, "the code that was just sent is forgotten").toEqual(expect.anything());
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it("is never estimated smaller than it is stored", () => {
    return fc.assert(
      fc.property(fc.array(act, { maxLength: 30, size: "max" }), (acts) => {
        const world = new World();
        for (const each of acts) world.run(each);
        const { state } = world;
        const size = sizeOf(structuredClone(state));
        expect(size).toBeGreaterThanOrEqual(serialize(state).length - 64);
        expect(largestSizeOf(state), "the bound that looks at no text").toBeGreaterThanOrEqual(size);
      }),
      { numRuns: 30 },
    );
  });

  it("has no part that is larger than the bound of its kind", () => {
    return fc.assert(
      fc.property(fc.array(act, { maxLength: 30, size: "max" }), (acts) => {
        const world = new World();
        for (const each of acts) world.run(each);
        for (const [kind, part] of partsOf(world.state)) {
          expect(sizeOf(part), kind).toBeLessThanOrEqual(MOST_BYTES_OF[kind]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("is left as it is while it is small", () => {
    const { state } = start(EMPTY, startCommand({ id: idOf(1) }), 0);
    expect(bounded(state)).toBe(state);
  });
});
