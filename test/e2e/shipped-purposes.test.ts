import { expect, it } from "vitest";
import { policySchema } from "../../src/phone-number/policy.ts";
import { SETTINGS } from "../world/project.ts";

it("wrangler.toml ships message first on for signup, which learns the number, and off where an account exists", () => {
  const purposes = Object.entries(SETTINGS.vars.PURPOSES as Record<string, object>).map(([name, fields]) => {
    const { messageFirst, messageFirstLearnsNumber } = policySchema.parse(fields);
    return [name, messageFirst, messageFirstLearnsNumber];
  });
  expect(purposes).toEqual([
    ["login", "off", false],
    ["signup", "on", true],
    ["recovery", "off", false],
    ["transaction", "off", false],
  ]);
});
