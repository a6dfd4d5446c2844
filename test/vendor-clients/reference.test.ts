import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TWILIO_LINES, twilioSetUp } from "../../src/build/docs/samples/twilio.ts";
import { newNumber, startedByTwilio } from "../e2e/sample-subjects.ts";
import { SampleRunner } from "../e2e/samples.ts";

/** Runs the reference's samples for Twilio's own client against `npm run dev`. */

const runner = new SampleRunner();

beforeAll(() => runner.start(join(import.meta.dirname, "node_modules")));
afterAll(() => runner.stop());

/** Starts a verification by Twilio's dialect, and runs a sample that is about it. */
async function run(code: string): Promise<string> {
  const number = newNumber();
  const needsSid = !code.includes("const { sid }");
  const sid = needsSid ? await startedByTwilio(runner, number) : "";
  const program = [
    ...(code.includes("import twilio") ? [] : [twilioSetUp(runner.dev.api)]),
    ...(needsSid ? [`const sid = "${sid}";`] : []),
    code.replaceAll("+6281234567890", number).replace("482913", needsSid ? await runner.codeFor(number) : ""),
  ];
  const result = /^const (?:\{ (\w+) \}|(\w+)) =/m.exec(code.slice(code.lastIndexOf("const ")));
  return runner.node(`${program.join("\n")}\nconsole.log(JSON.stringify(${result?.[1] ?? result?.[2]}));`);
}

describe("The reference's samples for Twilio's client", () => {
  it.each(Object.keys(TWILIO_LINES))("%s: is what the reference shows, and runs", async (operation) => {
    const shown = runner.sample(`${operation} twilio`);
    expect(shown.trimEnd()).toBe(TWILIO_LINES[operation]);
    const printed = JSON.parse(await run(shown));
    if (shown.includes("verificationChecks")) expect(printed).toBe(true);
    else expect(printed).toBeTruthy();
    if (shown.includes("canceled")) expect(printed).toMatchObject({ status: "canceled" });
    if (shown.includes("approved")) expect(printed).toMatchObject({ status: "approved" });
  });

  it("the quick start leads to an approved number", async () => {
    expect(JSON.parse(await run(runner.sample("send-a-code twilio")))).toMatch(/^VE[0-9a-f]{32}$/);
    expect(JSON.parse(await run(runner.sample("check-the-code twilio")))).toBe(true);
  });
});
