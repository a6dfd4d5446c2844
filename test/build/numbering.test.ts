import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { plansFile } from "../../src/build/numbering.ts";

it("the Worker's numbering plans are those of libphonenumber-js (else run `npm run build:numbering`)", async () => {
  expect(await readFile("src/numbering/plans.json", "utf8")).toBe(plansFile());
});
