import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { api, newNumber, start, useDeployment } from "../deployment.ts";

useDeployment();

describe("34-hundred-rows-at-once", () => {
  it("130 verifications that are started and canceled at once are 130 rows of the journal", async () => {
    const ids = await Promise.all(
      Array.from({ length: 130 }, async () => {
        const { body } = await start({ to: newNumber() });
        await api("DELETE", `/v1/verifications/${body.id}`);
        return body.id as string;
      }),
    );
    expect(new Set(ids).size).toBe(130);
    const rows = () =>
      env.JOURNAL.prepare("SELECT count(*) AS count FROM verifications WHERE status = 'canceled'").first(
        "count",
      );
    await vi.waitFor(async () => expect(await rows()).toBe(130), { timeout: 20_000, interval: 200 });
  }, 60_000);
});
