import { expect, it, vi } from "vitest";
import type { GuardLists } from "../../src/guard/destinations/lists.ts";
import { Guard } from "../../src/guard/guard.ts";
import type { GuardRequest, Rule, RuleMatch } from "../../src/guard/rule.ts";

const QUESTION = { to: "+6281234567890" } as GuardRequest;
const lists = { find: () => null } as unknown as GuardLists;
const background = (work: Promise<unknown>) => void work.catch(() => {});

function guardOf(...rules: readonly Rule[]): Guard {
  return new Guard({
    testNumbers: new Map(),
    lists,
    destinations: [],
    stages: [rules],
    reportDecision: async () => {},
  });
}

/** A rule that matches nothing, unless the test says otherwise. */
const rule = (more: Partial<Rule>): Rule => ({ evaluate: () => null, ...more });

const fail = () => {
  throw new Error("a fault of a rule");
};
const MATCH = { mode: "enforce" } as RuleMatch;

it("a rule that fails to record a send neither stops the message nor the other rules", () => {
  const errors = vi.spyOn(console, "error").mockImplementation(() => {});
  const other = vi.fn();
  void guardOf(rule({ onSent: fail }), rule({ onSent: other })).report(
    QUESTION,
    { sent: true, match: null },
    background,
  );
  expect(other).toHaveBeenCalledOnce();
  expect(errors).toHaveBeenCalledOnce();
});

it.each([
  ["throws", fail],
  ["rejects", async () => fail()],
])("asks the other rules where one %s", async (_, ask) => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  expect(await guardOf(rule({ evaluate: ask })).evaluate(QUESTION, background)).toBeNull();
  expect(
    await guardOf(rule({ evaluate: ask }), rule({ evaluate: () => MATCH })).evaluate(QUESTION, background),
  ).toBe(MATCH);
});

it.each([
  ["at once", () => MATCH],
  ["later", async () => MATCH],
])("heeds a rule that refuses %s, and tells the others that nothing goes out", async (_, ask) => {
  const [unsent, ownUnsent] = [vi.fn(async () => {}), vi.fn(async () => {})];
  const guard = guardOf(rule({ onNotSent: unsent }), rule({ evaluate: ask, onNotSent: ownUnsent }));
  expect(await guard.evaluate(QUESTION, background)).toBe(MATCH);
  expect([unsent.mock.calls.length, ownUnsent.mock.calls.length]).toEqual([1, 0]);
});
