import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countPending } from "../../src/guard/budget/counters.ts";
import type { CountryPressure } from "../../src/guard/budget/measures.ts";
import {
  type Block,
  evaluateRange,
  recordComplaint,
  refund,
  settle,
  unblock,
  type Verdict,
} from "../../src/guard/budget/range-budget.ts";
import {
  FRESH,
  isForgotten,
  isWorthARow,
  type RangeState,
  toRecord,
} from "../../src/guard/budget/range-state.ts";
import { budgetSettings } from "../../src/guard/settings.ts";
import type { PhoneNumberName } from "../../src/ids/phone-number-name.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/platform/time.ts";

/** The default lifetime of a code. */
const EXPIRY_MS = 5 * MINUTE_MS;
/** Midnight UTC, so that slots begin with the hours and days of the tests. */
const START = Date.UTC(2026, 0, 5);
const ENFORCE = budgetSettings.parse({ mode: "enforce" });
const RECORD = budgetSettings.parse({});

const nameOf = (number: number) => `number ${number}` as PhoneNumberName;

/** A range in the memory of its object, and the last verdict. */
class Subject {
  state: RangeState = FRESH;
  /** How many rows were written. */
  rows = 0;
  verdict: Verdict = { kind: "allow" };
  readonly settings;
  #written: RangeState = FRESH;
  #numbers = 0;
  readonly #open: PhoneNumberName[] = [];

  constructor(settings = ENFORCE) {
    this.settings = settings;
  }

  /** Requests sends at one time, each to another number; returns how many were allowed. */
  asks(count: number, at: number, country: CountryPressure = "normal"): number {
    let allowed = 0;
    for (let send = 0; send < count; send += 1) {
      this.#numbers += 1;
      const name = nameOf(this.#numbers);
      this.verdict = this.asksFor(name, at, country);
      if (this.verdict.kind === "allow") allowed += 1;
      if (this.verdict.kind !== "block") this.#open.push(name);
    }
    return allowed;
  }

  asksFor(name: PhoneNumberName, at: number, country: CountryPressure = "normal"): Verdict {
    const { state, verdict } = evaluateRange(this.state, name, this.settings, country, START + at);
    this.#keep(state, at);
    return verdict;
  }

  /** Approves open verifications, the newest first. */
  approves(count: number, at: number): void {
    for (let closing = 0; closing < count; closing += 1) this.#closes(true, at, at);
  }

  /** Closes open verifications without approval. */
  fails(count: number, at: number, startedAt = at): void {
    for (let closing = 0; closing < count; closing += 1) this.#closes(false, at, startedAt);
  }

  closes(name: PhoneNumberName, sends: number, approved: boolean, at: number, startedAt = at): void {
    const closing = { name, sends, approved, wasPending: true, startedAt: START + startedAt };
    this.#keep(settle(this.state, closing, this.settings, START + at), at);
  }

  givesBack(name: PhoneNumberName, at: number): void {
    this.#keep(refund(this.state, name, START + at), at);
  }

  /** Evicts the object; it comes back with what it has stored. */
  forgets(): void {
    this.#written = toRecord(this.#written);
    this.state = this.#written;
  }

  #closes(approved: boolean, at: number, startedAt: number): void {
    this.closes(this.#open.pop() ?? nameOf(0), 1, approved, at, startedAt);
  }

  #keep(state: RangeState, at: number): void {
    this.state = state;
    if (!isWorthARow(this.#written, state, START + at)) return;
    this.#written = state;
    this.rows += 1;
  }

  get block(): Block {
    if (this.verdict.kind === "allow") throw new Error("It was allowed");
    return this.verdict;
  }
}

/** A range that was blocked at 00:00 without any approval. */
function blocked(settings = ENFORCE): Subject {
  const subject = new Subject(settings);
  subject.asks(21, 0);
  return subject;
}

describe("a range's budget", () => {
  it("a budget allows the first twenty sends of an unknown range, and refuses the next with its figures and wait", () => {
    const subject = new Subject();
    expect(subject.asks(30, 0)).toBe(20);
    expect(subject.verdict).toEqual({
      kind: "block",
      rule: "range_hour",
      windowMs: HOUR_MS,
      unverified: 20,
      limit: 20,
      verified: 0,
      bestDay: 0,
      consecutiveBlocks: 1,
      retryAfterMs: HOUR_MS,
    });
  });

  it.each([
    { rule: "range_hour", limit: 30, of: "the approvals of the hour", before: [20, 0], at: 0 },
    { rule: "range_hour", limit: 50, of: "the best of fourteen days", before: [100, 0], at: 13 * DAY_MS },
    {
      rule: "range_hour",
      limit: 20,
      of: "the floor, when that day is past",
      before: [100, 0],
      at: 15 * DAY_MS,
    },
  ])(
    "allows $limit unverified sends because of $of",
    ({ rule, limit, before: [count = 0, at = 0], at: later }) => {
      const subject = new Subject();
      for (let send = 0; send < count; send += 1) {
        subject.asks(1, at);
        subject.approves(1, at);
      }
      expect(subject.asks(200, later)).toBe(limit);
      expect(subject.block).toMatchObject({ rule, limit, unverified: limit });
    },
  );

  it("a budget refuses sends that are under each hour's limit and over the day's", () => {
    const subject = new Subject();
    const allowed = Array.from({ length: 8 }, (_, hour) => {
      const count = subject.asks(5, hour * HOUR_MS);
      subject.fails(count, hour * HOUR_MS + EXPIRY_MS);
      return count;
    });
    expect(allowed).toEqual([5, 5, 5, 5, 0, 3, 0, 0]);
    expect(subject.block).toMatchObject({
      rule: "range_probation",
      windowMs: DAY_MS,
      unverified: 3,
      limit: 3,
    });
  });

  it("a budget names the day's limit when it is the one exceeded", () => {
    const subject = new Subject();
    for (let hour = 0; hour < 5; hour += 1) {
      subject.fails(subject.asks(5, hour * HOUR_MS), hour * HOUR_MS + EXPIRY_MS);
    }
    expect(subject.block).toMatchObject({ rule: "range_day", windowMs: DAY_MS, unverified: 20, limit: 20 });
  });

  it("a budget does not match during days of traffic of which 70 % is approved", () => {
    const subject = new Subject();
    let refused = 0;
    for (let minute = 0; minute < 3 * 24 * 60; minute += 1) {
      refused += 1 - subject.asks(1, minute * MINUTE_MS);
      if (minute % 10 < 7) subject.approves(1, minute * MINUTE_MS);
      else subject.fails(1, minute * MINUTE_MS + EXPIRY_MS);
    }
    expect(refused).toBe(0);
  });

  it("a budget counts every message of an approved verification as verified", () => {
    const allowed = [1, 2].map((sends) => {
      const subject = new Subject();
      for (let send = 0; send < 20; send += 1) subject.asksFor(nameOf(-1 - Math.floor(send / sends)), 0);
      for (let closing = 0; closing < 5; closing += 1) subject.closes(nameOf(-1 - closing), sends, true, 0);
      return subject.asks(30, 0);
    });
    expect(allowed).toEqual([5, 10]);
  });

  it("a budget counts an owner's denial as five unverified sends", () => {
    const subject = new Subject();
    for (let denial = 0; denial < 3; denial += 1) subject.state = recordComplaint(subject.state, START);
    expect(subject.asks(30, 0)).toBe(5);
  });

  it("a budget drops an hour's sends gradually, and not at the full hour", () => {
    const settings = budgetSettings.parse({ mode: "enforce", day: { floor: 1000 } });
    const allowed = [60, 90, 119].map((minute) => {
      const subject = new Subject(settings);
      subject.fails(subject.asks(19, 59 * MINUTE_MS), 59 * MINUTE_MS);
      return subject.asks(30, minute * MINUTE_MS);
    });
    expect(allowed).toEqual([1, 10, 20]);
  });

  it("a budget gives an unknown range no more than its probes while its country is over its own budget", () => {
    const [unknown, proven] = [new Subject(), new Subject()];
    for (let send = 0; send < 20; send += 1) {
      proven.asks(1, 0);
      proven.approves(1, 0);
    }
    expect([unknown.asks(30, 0, "restricted"), proven.asks(50, 0, "restricted")]).toEqual([3, 30]);
  });
});

describe("a send whose verification is open", () => {
  it("an open send counts as unverified, and as much when it is not verified", () => {
    const subject = new Subject();
    subject.asks(15, 0);
    subject.fails(7, EXPIRY_MS);
    expect(subject.asks(30, EXPIRY_MS)).toBe(5);
  });

  it("an open send counts for eleven minutes if its end is never reported", () => {
    const allowed = [11 * MINUTE_MS - 1, 11 * MINUTE_MS].map((at) => {
      const subject = new Subject();
      subject.asks(15, 0);
      return subject.asks(30, at);
    });
    expect(allowed).toEqual([5, 20]);
  });

  it("open sends to one number close separately", () => {
    const subject = new Subject();
    const name = nameOf(-1);
    for (let send = 0; send < 15; send += 1) subject.asksFor(name, 0);
    subject.closes(name, 4, true, 0);
    expect(countPending(subject.state.pending, START)).toBe(11);
    // A fallback was sent as well, which the range was not asked about.
    subject.closes(name, 12, true, 0);
    expect(countPending(subject.state.pending, START)).toBe(0);
  });

  it("an open send that was not made is refunded, even if the refund arrives first", () => {
    const subject = new Subject();
    subject.asks(10, 0);
    subject.asksFor(nameOf(-1), 0);
    subject.givesBack(nameOf(-1), 0);
    subject.givesBack(nameOf(-2), 0);
    subject.asksFor(nameOf(-2), 0);
    expect([subject.state.pending.size, subject.asks(30, 0)]).toEqual([10, 10]);
  });

  it("an open send that the object has lost counts when it is not verified", () => {
    const subject = new Subject();
    for (let send = 0; send < 20; send += 1) {
      subject.asks(1, 0);
      subject.forgets();
    }
    subject.fails(20, EXPIRY_MS);
    expect(subject.asks(1, EXPIRY_MS)).toBe(0);
  });
});

describe("a row", () => {
  it("approved traffic of a quiet range writes no row", () => {
    const subject = new Subject();
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      subject.asks(1, minute * MINUTE_MS);
      subject.approves(1, minute * MINUTE_MS + 1000);
    }
    expect(subject.rows).toBe(0);
    expect(subject.state.counters.days).toMatchObject([{ sends: 1440, approvals: 1440 }]);
  });

  it("a row is written for an unverified send, with the approvals before it", () => {
    const subject = new Subject();
    subject.asks(10, 0);
    subject.approves(8, 0);
    expect(subject.rows).toBe(0);
    subject.fails(1, 0);
    expect(subject.rows).toBe(1);
    subject.forgets();
    expect(subject.state.counters.days).toMatchObject([{ sends: 9, approvals: 8 }]);
  });

  it.each([
    { unverified: 2, rows: 0 },
    { unverified: 3, rows: 1 },
  ])("is $rows for an approval in a range with $unverified unverified sends", ({ unverified, rows }) => {
    const subject = new Subject();
    subject.asks(unverified + 1, 0);
    subject.fails(unverified, 0);
    expect(subject.rows).toBe(unverified);
    subject.approves(1, 0);
    expect(subject.rows).toBe(unverified + rows);
  });

  it("a row is written for a block, for a denial, and for an approval in a blocked range", () => {
    const subject = blocked();
    expect(subject.rows).toBe(1);
    subject.approves(1, 0);
    expect(subject.rows).toBe(2);
    const denied = recordComplaint(FRESH, START);
    expect(isWorthARow(FRESH, denied, START)).toBe(true);
  });

  it("a row contains no open sends, unless the range is on probation", () => {
    const subject = blocked();
    subject.forgets();
    expect([subject.state.status.kind, subject.state.pending.size]).toEqual(["blocked", 0]);
    subject.asks(1, HOUR_MS);
    subject.forgets();
    expect([subject.state.status.kind, subject.state.pending.size]).toEqual(["probation", 1]);
  });
});

describe("a blocked range", () => {
  it("a blocked range gets no more probes by an eviction between them", () => {
    const subject = blocked();
    let allowed = 0;
    for (let probe = 0; probe < 10; probe += 1) {
      subject.forgets();
      allowed += subject.asks(1, HOUR_MS + probe * MINUTE_MS);
    }
    expect(allowed).toBe(3);
  });

  it("a blocked range is not charged for verifications that began before its block ended", () => {
    const subject = blocked();
    subject.asks(1, HOUR_MS);
    subject.fails(2, HOUR_MS + MINUTE_MS, HOUR_MS - MINUTE_MS);
    expect(subject.asks(5, HOUR_MS + MINUTE_MS)).toBe(3);
    const held = blocked();
    held.asks(1, HOUR_MS);
    held.fails(2, HOUR_MS + MINUTE_MS, HOUR_MS);
    expect(held.asks(5, HOUR_MS + MINUTE_MS)).toBe(1);
  });

  it("a range stays blocked longer each time its probes are not verified", () => {
    const subject = blocked();
    const hours: number[] = [];
    for (let minute = 1; minute < 3 * 24 * 60; minute += 1) {
      if (subject.asks(1, minute * MINUTE_MS) === 1) hours.push(Math.floor(minute / 60));
    }
    expect(hours).toEqual([1, 1, 1, 5, 5, 5, 29, 29, 29, 53, 53, 53]);
    expect(subject.block).toMatchObject({ rule: "range_probation", consecutiveBlocks: 5 });
  });

  it("a blocked range writes nothing for a send that it refuses", () => {
    const subject = blocked();
    const before = subject.state;
    expect(subject.asks(5, MINUTE_MS)).toBe(0);
    expect(subject.state).toBe(before);
  });

  it("a blocked range opens early when its sends are approved after all", () => {
    const subject = blocked();
    subject.approves(9, MINUTE_MS);
    expect(subject.asks(1, MINUTE_MS)).toBe(0);
    subject.approves(1, MINUTE_MS);
    expect(subject.state.status).toEqual({ kind: "open", since: START + MINUTE_MS });
    expect(subject.asks(5, MINUTE_MS)).toBe(5);
  });

  it.each([
    { probes: "++", becomes: "probation" },
    { probes: "+++", becomes: "open" },
    { probes: "--+++", becomes: "open" },
    { probes: "++--++", becomes: "open" },
    { probes: "--+", becomes: "probation" },
    { probes: "---+", becomes: "blocked" },
    { probes: "-+-+-+", becomes: "blocked" },
  ])("is $becomes after probes of which those marked + are approved: $probes", ({ probes, becomes }) => {
    const subject = blocked();
    [...probes].forEach((probe, minute) => {
      const at = HOUR_MS + minute * MINUTE_MS;
      if (subject.asks(1, at) === 1 && probe === "+") subject.approves(1, at);
    });
    expect(subject.state.status.kind).toBe(becomes);
  });

  it("a range on probation opens by its probes, not by approvals before them", () => {
    const subject = blocked();
    subject.approves(5, MINUTE_MS);
    subject.asks(1, HOUR_MS);
    subject.approves(1, HOUR_MS);
    expect(subject.state.status).toMatchObject({ kind: "probation", approvals: 1 });
  });

  it("a range on probation is measured by half of its probes, not by its former limit", () => {
    const subject = blocked(budgetSettings.parse({ mode: "enforce", probes: 10 }));
    subject.asks(10, HOUR_MS);
    subject.approves(4, HOUR_MS);
    expect(subject.state.status.kind).toBe("probation");
    subject.approves(1, HOUR_MS);
    expect(subject.state.status.kind).toBe("open");
  });

  it("a range that failed its probes opens when they are approved after all, by the same measure", () => {
    const subject = blocked(budgetSettings.parse({ mode: "enforce", probes: 10 }));
    subject.asks(11, HOUR_MS);
    subject.approves(4, HOUR_MS);
    expect(subject.state.status).toMatchObject({ kind: "blocked", consecutiveBlocks: 2 });
    subject.approves(1, HOUR_MS);
    expect(subject.state.status.kind).toBe("open");
  });

  it("a range that is blocked again keeps the approvals of its probation", () => {
    const subject = blocked();
    subject.asks(2, HOUR_MS);
    subject.approves(2, HOUR_MS);
    expect(subject.asks(4, HOUR_MS)).toBe(3);
    subject.approves(1, HOUR_MS);
    expect(subject.state.status.kind).toBe("open");
  });

  it("a blocked range is opened by an operator without unverified sends", () => {
    const subject = blocked();
    subject.state = unblock(subject.state, START + MINUTE_MS);
    expect(subject.asks(30, MINUTE_MS)).toBe(20);
    expect(subject.block.consecutiveBlocks).toBe(1);
  });
});

describe("a range that is only recorded", () => {
  it("a range in record_only reports its would-be block and counts all of its sends", () => {
    const subject = new Subject(RECORD);
    expect(subject.asks(50, 0)).toBe(20);
    expect(subject.block).toMatchObject({ kind: "would_block", rule: "range_hour", unverified: 20 });
    expect(countPending(subject.state.pending, START)).toBe(50);
    subject.approves(40, MINUTE_MS);
    expect(subject.asks(1, MINUTE_MS)).toBe(1);
  });
});

describe("a range's record", () => {
  it("a range's record holds at most 25 hours and 15 days, and the figures of every refusal reach its limit", () => {
    const step = fc.record({
      passed: fc.integer({ min: 0, max: 36 * HOUR_MS }),
      sends: fc.integer({ min: 0, max: 30 }),
      approvals: fc.integer({ min: 0, max: 30 }),
      country: fc.constantFrom<CountryPressure>("normal", "restricted"),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 40, maxLength: 60 }), (steps) => {
        const subject = new Subject();
        let now = 0;
        for (const { passed, sends, approvals, country } of steps) {
          now += passed;
          subject.asks(sends, now, country);
          subject.approves(approvals, now);
          const { hours, days } = subject.state.counters;
          expect(hours.length).toBeLessThanOrEqual(25);
          expect(days.length).toBeLessThanOrEqual(15);
          if (subject.verdict.kind === "allow") continue;
          expect(subject.verdict.unverified).toBeGreaterThanOrEqual(subject.verdict.limit);
          expect(subject.verdict.retryAfterMs).toBeGreaterThan(0);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("a range's record is deleted after two weeks without traffic, and not before", () => {
    const subject = blocked();
    subject.fails(20, 0);
    const { state } = subject;
    const later = START + 15 * DAY_MS;
    expect([START, later - DAY_MS, later].map((at) => isForgotten(state, at))).toEqual([false, false, true]);
  });
});
