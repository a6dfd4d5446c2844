import { describe, expect, it } from "vitest";
import { classify } from "../../../src/channels/whatsapp/errors.ts";

type ErrorClass = ReturnType<typeof classify>["class"];

/** Expected classes by Meta's documentation, independent of the table under test. */
const EXPECTED: Readonly<Record<ErrorClass, readonly number[]>> = {
  retry: [1, 2, 131000, 131016, 131057, 133004],
  backoff: [4, 80007, 130429, 131056],
  fallback: [130472, 130497, 131021, 131026, 131049, 131050],
  fix: [
    0, 3, 10, 33, 190, 131005, 131030, 131037, 131045, 132001, 132007, 132015, 132016, 133000, 133005, 133006,
    133008, 133009, 133010, 133015, 133016, 134011,
  ],
  stop: [368, 131031, 131042, 131048, 131064],
  bug: [100, 131008, 131009, 131047, 131051, 131062, 132000, 132005, 132008, 132012, 132018, 135000],
};

const PERMISSIONS = Array.from({ length: 100 }, (_, index) => 200 + index);

/** Documented for other calls than a send, or never to be retried. */
const NEVER_REPEATED = [131052, 131053, 131063, 132068, 132069, 137000];

/** Documented without a class for a send, and codes that do not exist. */
const UNKNOWN = [
  130403, 131060, 1752041, 2388012, 2388019, 2388024, 2388039, 2388040, 2388047, 2388072, 2388073, 2388091,
  2388093, 2388103, 2388293, 2388299, 199, 300, 999_999, -1,
];

const HINTS = [
  {},
  { httpStatus: 400, isTransient: false },
  { httpStatus: 500 },
  { httpStatus: 503 },
  { isTransient: true },
];

const table = [
  ...Object.entries(EXPECTED).flatMap(([name, codes]) => codes.map((code) => [code, name] as const)),
  ...PERMISSIONS.map((code) => [code, "fix"] as const),
];

describe("a WhatsApp error code", () => {
  it.each(table)("%i is of class %s for every status and hint", (code, expected) => {
    for (const hint of HINTS) {
      expect(classify(code, hint)).toMatchObject({ code: String(code), class: expected });
    }
    expect(classify(code)).toEqual(classify(code, { httpStatus: 500, isTransient: true }));
  });

  it.each(NEVER_REPEATED)("%i is never retried, for every status and hint", (code) => {
    for (const hint of HINTS) {
      expect(["retry", "backoff"]).not.toContain(classify(code, hint).class);
    }
  });

  it.each(UNKNOWN)("%i, unknown, is retried only when it may be transient", (code) => {
    const classWith = (hint?: (typeof HINTS)[number]) => classify(code, hint).class;
    expect([classWith(), ...HINTS.map(classWith)]).toEqual([
      "fallback",
      "fallback",
      "fallback",
      "retry",
      "retry",
      "retry",
    ]);
    expect(classWith({ httpStatus: 499 })).toBe("fallback");
    expect(classify(code).code).toBe(String(code));
  });
});

describe("the title of a WhatsApp error", () => {
  it("is distinct for each code, and shared by the range of permission errors", () => {
    const titles = Object.values(EXPECTED).flatMap((codes) => codes.map((code) => classify(code).title));
    expect(new Set(titles).size).toBe(titles.length);
    expect(new Set(PERMISSIONS.map((code) => classify(code).title))).toEqual(new Set([classify(10).title]));
    expect(titles).not.toContain(classify(999_999).title);
  });
});
