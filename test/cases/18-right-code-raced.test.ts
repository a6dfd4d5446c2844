import { describe, expect, it } from "vitest";
import { check, codeSentTo, newNumber, start, useDeployment, wrong } from "../deployment.ts";

const deployment = useDeployment();

async function begin() {
  const to = newNumber();
  const { body } = await start({ to });
  return { id: body.id as string, code: await codeSentTo(deployment, to) };
}

describe("18-right-code-raced", () => {
  it("one of forty right checks at once is valid", async () => {
    const { id, code } = await begin();
    const answers = await Promise.all(Array.from({ length: 40 }, () => check(id, code)));
    expect(answers.filter(({ body }) => body.valid)).toHaveLength(1);
  });

  it("five of thirty wrong checks at once are charged, and the right code after them is refused", async () => {
    const { id, code } = await begin();
    const answers = await Promise.all(Array.from({ length: 30 }, () => check(id, wrong(code))));
    const left = answers.map(({ body }) => body.attempts_remaining as number);
    expect(left.filter((attempts) => attempts > 0).toSorted()).toEqual([1, 2, 3, 4]);
    expect((await check(id, code)).body).toMatchObject({
      valid: false,
      status: "failed",
      reason: "attempts_exhausted",
    });
  });
});
