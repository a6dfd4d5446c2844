import { describe, expect, it } from "vitest";
import { check, newNumber, start, useDeployment } from "../deployment.ts";

useDeployment();

describe("11-code-typed-in-native-digits", () => {
  it.each(["٤٨٢٩١٣", "۴۸۲۹۱۳", "४८२९१३", "４８２９１３"])(
    "the code 482913 typed as %s is valid",
    async (typed) => {
      const { body } = await start({ to: newNumber(), code: "482913" });
      expect((await check(body.id, typed)).body).toMatchObject({ valid: true, status: "approved" });
    },
  );

  it("a code without letters or digits is refused before anything is charged", async () => {
    const { body } = await start({ to: newNumber(), code: "482913" });
    for (const typed of ["---", "\u200b", "9".repeat(33), "-".repeat(129)]) {
      const { status, body: problem } = await check(body.id, typed);
      expect([status, problem.errors[0].pointer]).toEqual([400, "/code"]);
    }
    expect((await check(body.id, "000000")).body).toMatchObject({ valid: false, attempts_remaining: 4 });
  });
});
