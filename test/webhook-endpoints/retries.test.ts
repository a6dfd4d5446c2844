import { describe, expect, it } from "vitest";
import { delayAfterFault, delaySeconds, nextAttemptAt } from "../../src/webhook-endpoints/delivery.ts";

const NOW = Date.UTC(2026, 10, 23);
const MINUTE = 60;
const HOUR = 3600;

describe("The retry schedule of webhook deliveries", () => {
  it.each([
    [1, 5],
    [2, 5 * MINUTE],
    [3, 30 * MINUTE],
    [4, 2 * HOUR],
    [5, 5 * HOUR],
    [6, 10 * HOUR],
    [7, 14 * HOUR],
    [8, 20 * HOUR],
    [9, 24 * HOUR],
  ] as const)("after attempt %i the delay is %i seconds", (attempts, seconds) => {
    expect(nextAttemptAt(attempts, NOW)).toBe(NOW + seconds * 1000);
  });

  it.each([10, 11, 100])("no attempt follows attempt %i", (attempts) => {
    expect(nextAttemptAt(attempts, NOW)).toBeNull();
  });
});

describe("The delay of a message on the queue of deliveries", () => {
  it.each([
    ["due now", 0, 0],
    ["overdue", -5000, 0],
    ["due in a millisecond is rounded up", 1, 1],
    ["due in an hour", HOUR * 1000, HOUR],
    ["due in a day is the longest of a queue", 24 * HOUR * 1000, 12 * HOUR],
  ])("the delay of a message that is %s", (_, milliseconds, seconds) => {
    expect(delaySeconds(NOW + milliseconds, NOW)).toBe(seconds);
  });

  it("a message that fails on our side waits longer each time, up to ten minutes", () => {
    expect([1, 2, 3, 7, 100].map(delayAfterFault)).toEqual([10, 20, 40, 600, 600]);
  });
});
