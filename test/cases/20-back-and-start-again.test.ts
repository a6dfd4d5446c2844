import { describe, expect, it } from "vitest";
import { type Answer, newNumber, start, useDeployment } from "../deployment.ts";

const deployment = useDeployment();

/** What an app needs to show its code page. */
function expectPending(refused: Answer, begun: Answer) {
  const { id, channel, expires_at, resend_at } = begun.body as Record<string, unknown>;
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(refused.body).toMatchObject({
    code: "resend_too_soon",
    verification: { id, status: "pending", channel, expires_at, resend_at },
  });
}

describe("20-back-and-start-again", () => {
  it("the same start within the cool-down is 429 with the pending verification in it", async () => {
    const to = newNumber();
    const begun = await start({ to });
    expectPending(await start({ to }), begun);
    expect(deployment.graphCalls).toHaveLength(1);
  });

  it("of two starts at once, one begins and the other gets its verification", async () => {
    const to = newNumber();
    const answers = await Promise.all([start({ to }), start({ to })]);
    const [begun, refused] = answers.toSorted((a, b) => a.status - b.status);
    if (begun === undefined || refused === undefined) throw new Error("Two answers are needed");
    expect(begun.status).toBe(201);
    expectPending(refused, begun);
  });

  it("a start of another session gets nothing of it", async () => {
    const to = newNumber();
    const begun = await start({ to, session: "one" });
    const other = await start({ to, session: "two" });
    expect(JSON.stringify(other.body)).not.toContain(begun.body.id);
  });
});
