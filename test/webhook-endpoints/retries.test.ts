import { describe, expect, it } from "vitest";
import { delayAfterFault, delaySeconds, nextAttemptAt } from "../../src/webhook-endpoints/delivery.ts";

const NOW = Date.UTC(2026, 10, 23);
const MINUTE = 60;
const HOUR = 3600;

describe("the schedule", () => {
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
  ] as const)("waits after attempt %i for %i seconds", (attempts, seconds) => {
    expect(nextAttemptAt(attempts, NOW)).toBe(NOW + seconds * 1000);
  });

  it.each([10, 11, 100])("ends before attempt %i would be followed", (attempts) => {
    expect(nextAttemptAt(attempts, NOW)).toBeNull();
  });
});

describe("a message", () => {
  it.each([
    ["due now", 0, 0],
    ["overdue", -5000, 0],
    ["due in a moment: never too early", 1, 1],
    ["due in an hour", HOUR * 1000, HOUR],
    ["due in a day: as long as a queue can", 24 * HOUR * 1000, 12 * HOUR],
  ])("that is %s", (_, milliseconds, seconds) => {
    expect(delaySeconds(NOW + milliseconds, NOW)).toBe(seconds);
  });

  it("that could not be worked off waits ever longer, up to ten minutes", () => {
    expect([1, 2, 3, 7, 100].map(delayAfterFault)).toEqual([10, 20, 40, 600, 600]);
  });
});
