import * as fc from "fast-check";
import { expect, it } from "vitest";
import { isoTime } from "../src/iso-time.ts";

const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

it("spells every time as the platform does, whichever day was spelled before", async () => {
  await fc.assert(
    fc.property(fc.integer({ min: 0, max: LATEST_MS }), fc.nat({ max: 200_000_000 }), (time, later) => {
      for (const at of [time, Math.min(time + later, LATEST_MS), time]) {
        expect(isoTime(at)).toBe(new Date(at).toISOString());
      }
    }),
  );
});

it.each([
  ["the epoch", 0],
  ["the first millisecond of a day", Date.UTC(2026, 10, 24)],
  ["the last millisecond of a day", Date.UTC(2026, 10, 24) - 1],
  ["a leap day", Date.UTC(2028, 1, 29, 9, 5, 7, 8)],
])("spells %s", (_, time) => {
  expect(isoTime(time)).toBe(new Date(time).toISOString());
});
