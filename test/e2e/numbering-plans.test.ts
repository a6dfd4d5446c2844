import { expect, it } from "vitest";
import { numberingPlans } from "../../src/numbering/numbering-plans/generate.ts";
import plans from "../../src/numbering/numbering-plans/plans.json" with { type: "json" };

it("numbering plans are those of the installed libphonenumber-js (npm run numbering-plans makes them so)", () => {
  expect(plans).toEqual(numberingPlans());
});
