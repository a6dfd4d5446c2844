import { beforeEach, describe, expect, it } from "vitest";
import { CircuitBreakers, type CircuitChange } from "../../src/channels/circuit-breakers.ts";
import type { ProviderError } from "../../src/channels/failure.ts";

const SECOND = 1000;
const KEYS = ["sender/1", "account"];
const fix: ProviderError = { code: "131037", class: "fix", title: "The display name is not approved" };

let circuits: CircuitBreakers;
let changes: CircuitChange[];
beforeEach(() => {
  changes = [];
  circuits = new CircuitBreakers((change) => changes.push(change));
});

/** Makes a call, if allowed, and records its result. */
function call(result: Parameters<CircuitBreakers["leave"]>[1], now: number) {
  const permit = circuits.enter(KEYS, now);
  if (permit === "allow") circuits.leave(KEYS, result, now);
  return permit;
}

describe("a circuit", () => {
  it("opens at the first error that affects every call, and denies calls while open", () => {
    expect(call({ key: "sender/1", error: fix }, 0)).toBe("allow");
    expect(call("worked", 0)).toBe("deny");
    expect(call("worked", 29.9 * SECOND)).toBe("deny");
    expect(changes).toEqual([
      { key: "sender/1", open: { code: "131037", title: fix.title, since: 0, until: 30 * SECOND } },
    ]);
  });

  it("is closed by one successful probe, during which other calls are denied", () => {
    call({ key: "account", error: fix }, 0);
    const now = 30 * SECOND;
    expect(circuits.enter(KEYS, now)).toBe("allow");
    expect(circuits.enter(KEYS, now)).toBe("deny");
    circuits.leave(KEYS, "worked", now);
    expect(circuits.enter(KEYS, now)).toBe("allow");
    expect(changes.at(-1)).toEqual({ key: "account", open: null });
  });

  it("stays open twice as long after each failed probe, at most 15 minutes", () => {
    const openSeconds: number[] = [];
    let now = 0;
    for (let probe = 0; probe < 8; probe += 1) {
      expect(call({ key: "sender/1", error: fix }, now)).toBe("allow");
      const until = changes.at(-1)?.open?.until ?? 0;
      openSeconds.push((until - now) / SECOND);
      now = until;
    }
    expect(openSeconds).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
    expect(changes.every(({ open }) => open?.since === 0)).toBe(true);
  });

  it("opens after three timeouts in a row", () => {
    expect([call("timeout", 0), call("timeout", 0)]).toEqual(["allow", "allow"]);
    expect(call("worked", 0)).toBe("allow");
    for (let time = 0; time < 3; time += 1) expect(call("timeout", 0)).toBe("allow");
    expect(call("worked", 0)).toBe("deny");
  });

  it("is unchanged by a call that was not made", () => {
    expect(call("skipped", 0)).toBe("allow");
    expect(changes).toEqual([]);
  });

  it("does not affect other keys", () => {
    call({ key: "sender/1", error: fix }, 0);
    expect(circuits.enter(["sender/2", "account"], 0)).toBe("allow");
  });

  it("is adopted from other isolates, and closes with theirs when its time is over", () => {
    circuits.adopt({ "sender/1": { code: "1", title: "", since: 0, until: 10 * SECOND } }, 0);
    expect(call("worked", 0)).toBe("deny");
    circuits.adopt({}, 5 * SECOND);
    expect(call("worked", 5 * SECOND)).toBe("deny");
    circuits.adopt({}, 10 * SECOND);
    expect(call("worked", 10 * SECOND)).toBe("allow");
  });
});

describe("a circuit that another isolate opened", () => {
  it("stays open longer when its probe fails here", () => {
    circuits.adopt({ "sender/1": { code: "131037", title: "", since: 0, until: 30 * SECOND } }, 0);
    expect(call({ key: "sender/1", error: fix }, 30 * SECOND)).toBe("allow");
    expect(changes.at(-1)?.open).toMatchObject({ since: 0, until: 90 * SECOND });
    expect(call("worked", 89 * SECOND)).toBe("deny");
  });
});

describe("an unproven sender", () => {
  it("is tested by three calls while the others wait", () => {
    expect([1, 2, 3, 4].map(() => circuits.enter(KEYS, 0))).toEqual(["allow", "allow", "allow", "wait"]);
    circuits.leave(KEYS, "worked", 0);
    expect([1, 2, 3, 4].map(() => circuits.enter(KEYS, 0))).toEqual(["allow", "allow", "allow", "allow"]);
  });

  it("allows a caller that has waited its longest", () => {
    for (let probe = 0; probe < 3; probe += 1) circuits.enter(KEYS, 0);
    expect(circuits.enter(KEYS, 0, true)).toBe("allow");
  });

  it("is every sender after a minute without a success", () => {
    call("worked", 0);
    expect([1, 2, 3, 4].map(() => circuits.enter(KEYS, 60 * SECOND))).toEqual([
      "allow",
      "allow",
      "allow",
      "wait",
    ]);
  });
});
