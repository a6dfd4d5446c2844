import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SharedPace } from "../../../src/channels/whatsapp/sender-pace.ts";
import { type PaceReport, SenderShares } from "../../../src/channels/whatsapp/sender-shares.ts";
import { type Priority, senderSchema } from "../../../src/channels/whatsapp/senders.ts";
import { Throughput } from "../../../src/channels/whatsapp/throughput.ts";

const START = Date.UTC(2026, 11, 1);
const SENDER = senderSchema.parse({ phone_number_id: "66666", messages_per_second: 80 });

function report(isolate: string, codes: number, more: Partial<PaceReport> = {}): PaceReport {
  const nothing = { notifications: 0, sent: codes, refused: 0 };
  return Object.assign({ isolate, perSecond: 80, codes }, nothing, more);
}

const SHARE = { codes: null, notifications: null, againMs: null, isSilent: false };

/** Takes room for new messages, as long as there is some. */
function takeAll(throughput: Throughput, priority: Priority, now: number, firstTicket = 1): number {
  for (let taken = 0; ; taken += 1) {
    if (throughput.take(firstTicket + taken, priority, now) > 0) {
      throughput.leave(firstTicket + taken);
      return taken;
    }
  }
}

describe("the shares of a sender", () => {
  it("are not limited while all isolates together want less than its rate", () => {
    const shares = new SenderShares();
    expect(shares.report(report("a", 19), START)).toEqual(SHARE);
    expect(shares.report(report("b", 20), START)).toMatchObject({ codes: null, againMs: 5_000 });
    expect(shares.report(report("c", 30), START)).toMatchObject({ codes: null, againMs: 1_000 });
  });

  it("follow what each isolate wants, and add up to a little more than the rate", () => {
    const shares = new SenderShares();
    const wanted = { a: 120, b: 60, c: 20 };
    const reports = Object.entries(wanted).map(([isolate, codes]) => report(isolate, codes));
    for (const each of reports) shares.report(each, START);
    expect(reports.map((each) => shares.report(each, START).codes)).toEqual(
      [57.6, 28.8, 9.6].map((share) => expect.closeTo(share)),
    );
  });

  it("of an isolate that has ended fall to the others within a second of its next report", () => {
    const shares = new SenderShares();
    for (const isolate of ["a", "b"]) shares.report(report(isolate, 80), START);
    const shareAt = (at: number) => shares.report(report("a", 80), START + at).codes ?? 80;
    expect([shareAt(1_000), shareAt(2_250)]).toEqual([48, expect.closeTo(84.5, 0)]);
    expect([shareAt(10_000), shareAt(10_001)]).toEqual([expect.closeTo(96, 1), 80]);
  });

  it("of sixty-four isolates that appear at once are told to each within its first report", () => {
    const shares = new SenderShares();
    const all = Array.from({ length: 64 }, (_, index) => report(String(index), 3.75));
    for (const each of all) shares.report(each, START);
    const given = all.map((each) => shares.report(each, START + 100).codes ?? Number.NaN);
    expect(new Set(given)).toEqual(new Set([1.5]));
  });

  it("leave notifications what codes do not need, and at most three quarters", () => {
    const shares = new SenderShares();
    const wanted = (codes: number, notifications: number) =>
      shares.report(report("a", codes, { notifications }), START);
    expect(wanted(10, 200)).toMatchObject({ codes: 96, notifications: 60 });
    expect(wanted(60, 200)).toMatchObject({ codes: 96, notifications: 36 });
    expect(wanted(120, 200)).toMatchObject({ codes: 96, notifications: 0 });
  });

  it("are asked for less often by many isolates", () => {
    const shares = new SenderShares();
    const answers = Array.from({ length: 600 }, (_, index) => shares.report(report(`${index}`, 1), START));
    expect(answers.at(-1)?.againMs).toBe(3_000);
  });

  it("tell of silence only after half a minute of refusals of every isolate", () => {
    const shares = new SenderShares();
    const refusedAt = (seconds: number, sent = 0) =>
      shares.report(report("a", 5, { sent, refused: 5 }), START + seconds * 1000).isSilent;
    for (let second = 0; second < 30; second += 1) expect(refusedAt(second)).toBe(false);
    expect(refusedAt(30)).toBe(true);
    expect(refusedAt(31, 0.5)).toBe(false);
    // A message now and then that meets a refusal is no silence.
    for (const second of [40, 60, 80]) expect(refusedAt(second)).toBe(false);
  });
});

describe("an isolate's throughput", () => {
  it("is the sender's rate in any second, of which notifications get three quarters", () => {
    const throughput = new Throughput(SENDER);
    expect(takeAll(throughput, "notification", START)).toBe(60);
    expect(takeAll(throughput, "code", START, 100)).toBe(20);
    expect(throughput.take(500, "code", START + 400)).toBe(600);
    expect(throughput.take(500, "code", START + 1_000)).toBe(0);
  });

  it("serves codes in the order in which they came, and before notifications", () => {
    const throughput = new Throughput(SENDER);
    throughput.onAnswer(Object.assign({}, SHARE, { codes: 10, notifications: 10, againMs: 1_000 }), START);
    const taken = takeAll(throughput, "code", START);
    const waits = (["code", "code", "notification"] as const).map((priority, index) =>
      Math.round(throughput.take(100 + index, priority, START)),
    );
    expect([taken, ...waits]).toEqual([4, 100, 200, 0]);
  });

  it("keeps the place of a message whose request has ended for five seconds only", () => {
    const throughput = new Throughput({ ...SENDER, messagesPerSecond: 1 });
    expect(throughput.take(1, "code", START)).toBe(0);
    expect(throughput.take(2, "code", START + 1)).toBe(999);
    expect(throughput.take(3, "code", START + 5_001)).toBe(1_000);
    expect(throughput.take(3, "code", START + 5_002)).toBe(0);
  });

  it("is its share, which it may have saved for a moment", () => {
    const throughput = new Throughput(SENDER);
    throughput.onAnswer(Object.assign({}, SHARE, { codes: 20, againMs: 1_000 }), START);
    expect(takeAll(throughput, "code", START)).toBe(5);
    let taken = 0;
    for (let at = 0; at < 1_000; at += 10) taken += takeAll(throughput, "code", START + at, 1_000 + at * 10);
    expect(taken).toBe(19);
  });

  it("owes nothing for what it sent while no share or refusal limited it", () => {
    const throughput = new Throughput(SENDER);
    const answer = (codes: number | null, now: number) =>
      throughput.onAnswer(Object.assign({}, SHARE, { codes, againMs: 1_000 }), now);
    const refuse = (ticket: number, now: number) => {
      throughput.onRefused(ticket, "code", now, now);
      throughput.leave(ticket);
    };
    answer(20, START);
    expect(throughput.take(1, "code", START)).toBe(0);
    refuse(1, START);
    expect(throughput.take(2, "code", START + 500)).toBe(0);
    answer(null, START + 1_000);
    for (let at = 2_000; at < 60_000; at += 20) expect(throughput.take(at, "code", START + at)).toBe(0);
    // The share of a sender that many other isolates use by now.
    const later = START + 62_000;
    answer(2, later);
    expect(takeAll(throughput, "code", later, 100_000)).toBe(4);
    answer(null, later + 10_000);
    refuse(200_000, later + 10_000);
    expect(takeAll(throughput, "code", later + 10_000, 300_000)).toBe(4);
  });

  it("keeps the share that it had while the object does not answer, and then only the sender's rate", () => {
    const throughput = new Throughput(SENDER);
    throughput.onAnswer(Object.assign({}, SHARE, { codes: 20, againMs: 1_000 }), START);
    throughput.onAnswer(null, START + 1_000);
    expect(takeAll(throughput, "code", START + 5_900)).toBe(5);
    expect(takeAll(throughput, "code", START + 6_000, 100)).toBe(75);
  });

  it("after a refusal is a small number of tries, and never less than two a second", () => {
    const throughput = new Throughput(SENDER);
    expect(throughput.take(1, "code", START)).toBe(0);
    throughput.onRefused(1, "code", START, START + 100);
    throughput.leave(1);
    let taken = 0;
    for (let at = 100; at < 1_100; at += 10) taken += takeAll(throughput, "code", START + at, 100 + at * 100);
    expect(taken).toBeGreaterThanOrEqual(2);
    expect(taken).toBeLessThan(8);
  });

  it("does not count a message that WhatsApp refused, which keeps its place", () => {
    const throughput = new Throughput(
      senderSchema.parse({ phone_number_id: "77777", messages_per_second: 1 }),
    );
    expect([throughput.take(1, "code", START), throughput.take(2, "code", START)]).toEqual([0, 1_000]);
    throughput.onRefused(1, "code", START, START + 100);
    expect(throughput.take(2, "code", START + 300)).toBeGreaterThan(0);
    expect([throughput.take(1, "code", START + 300), throughput.take(2, "code", START + 300)]).toEqual([
      0, 1_000,
    ]);
  });

  it("is not asked for below a quarter of the rate, above it every few seconds, and at once after a refusal", () => {
    const busy = new Throughput(SENDER);
    const ask = (perSecond: number, from: number) => {
      let asks = 0;
      for (let at = from; at < from + 10_000; at += 1_000 / perSecond) {
        busy.take(at, "code", START + at);
        busy.onSent(START + at);
        if (busy.ask(START + at) === null) continue;
        asks += 1;
        busy.onAnswer(Object.assign({}, SHARE, { againMs: 5_000 }), START + at);
      }
      return asks;
    };
    expect([ask(15, 0), ask(25, 20_000)]).toEqual([0, 2]);

    const refused = new Throughput(SENDER);
    expect(refused.ask(START)).toBeNull();
    refused.take(1, "code", START);
    refused.onRefused(1, "code", START, START);
    expect(refused.ask(START)).toMatchObject({ codes: expect.closeTo(1.5), refused: 1 });
    // One question at a time; one that is never answered is given up.
    expect(refused.ask(START + 4_000)).toBeNull();
    refused.onRefused(1, "code", START, START + 6_000);
    expect(refused.ask(START + 6_000)).not.toBeNull();
  });
});

describe("the object of a sender's pace", () => {
  beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => {}));
  afterEach(() => void vi.restoreAllMocks());

  it("gives two isolates their shares in the background", async () => {
    const isolates = [new SharedPace(env.SENDER_PACE), new SharedPace(env.SENDER_PACE)];
    const now = Date.now();
    for (const isolate of isolates) {
      const throughput = isolate.of(SENDER);
      for (let ticket = 0; ticket < 200; ticket += 1) throughput.take(ticket, "code", now);
      isolate.sync(SENDER);
      await vi.waitFor(() => expect(throughput.isAsking(Date.now())).toBe(false));
    }
    const [, second] = isolates;
    const later = Date.now() + 2_000;
    // Both want the same, so that the second one has half of 96 a second, and saves a quarter of that.
    expect(second && takeAll(second.of(SENDER), "code", later, 1_000)).toBeLessThan(20);
  });

  it("that does not answer delays no message, and is asked again only after some seconds", async () => {
    const pace = new SharedPace({
      getByName: () => ({ report: () => Promise.reject(new Error("gone")) }),
    } as never);
    const throughput = pace.of(SENDER);
    const now = Date.now();
    throughput.take(1, "code", now);
    throughput.onRefused(1, "code", now, now);
    pace.sync(SENDER);
    await vi.waitFor(() => expect(throughput.isAsking(now)).toBe(false));
    expect(throughput.take(1, "code", now + 1_000)).toBe(0);
    expect([throughput.ask(now + 2_000), throughput.ask(now + 6_000)]).toEqual([
      null,
      expect.objectContaining({ perSecond: 80 }),
    ]);
  });
});
