import { env, exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type Fetch, Sandi, SandiError } from "../../src/client/client.ts";
import { codeSentTo, messagesTo, newNumber, useDeployment, wrong } from "../deployment.ts";

const deployment = useDeployment();
const toWorker: Fetch = (url, init) => exports.default.fetch(url, init);

/** A client of the Worker, whose answers get lost as often as it is told. */
function clientOf(lostAnswers = 0, key: string = env.ADMIN_KEY) {
  let lost = 0;
  const fetch: Fetch = async (url, init) => {
    const response = await toWorker(url, init);
    await response.clone().text();
    lost += 1;
    if (lost <= lostAnswers) throw new TypeError("The connection was reset");
    return response;
  };
  return new Sandi({ url: "https://sandi.test", key, fetch, sleep: async () => {} });
}

describe("The client against a Worker", () => {
  it("sends one message for a start whose answers get lost twice", async () => {
    const to = newNumber();
    const started = await clientOf(2).verifications.start({ to });
    expect(started).toMatchObject({ status: "pending", to, sends_remaining: 4 });
    expect(await messagesTo(deployment, to)).toHaveLength(1);
  });

  it("gets the answer of a right code whose first answer got lost, and charges a wrong one once", async () => {
    const to = newNumber();
    const { id } = await clientOf().verifications.start({ to });
    const code = await codeSentTo(deployment, to);
    const missed = await clientOf(1).verifications.check(id, { code: wrong(code) });
    expect(missed).toMatchObject({ valid: false, attempts_remaining: 4 });
    expect(await clientOf(1).verifications.check(id, { code })).toMatchObject({ valid: true });
  });

  it("is told what a repeat without its key would find: the pending verification", async () => {
    const to = newNumber();
    const { id } = await clientOf().verifications.start({ to });
    const error = await clientOf()
      .verifications.start({ to })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SandiError);
    expect(error).toMatchObject({ code: "resend_too_soon", status: 429, verification: { id } });
    expect((error as SandiError).retryAfter).toBeGreaterThan(0);
    expect((error as SandiError).requestId).toMatch(/\S/);
  });

  it("is told every fault of its input", async () => {
    const call = clientOf().notifications.send({ to: "0812", template: "" });
    const error = await call.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "invalid_request", status: 400 });
    expect((error as SandiError).errors.map(({ pointer }) => pointer).sort()).toEqual(["/template", "/to"]);
  });

  it("iterates the keys of a deployment over its pages", async () => {
    const sandi = clientOf();
    for (const name of ["a", "b", "c"]) await sandi.keys.create({ name, scopes: ["verifications"] });
    const names: string[] = [];
    for await (const { name } of sandi.keys.list({ limit: 2 })) names.push(name);
    expect(names.sort()).toEqual(["a", "b", "c"]);
  });

  it("has a wrong key refused as unauthorized, and a key without the scope as forbidden", async () => {
    const sandi = clientOf();
    const { id, key } = await sandi.keys.create({ name: "a", scopes: ["reports"] });
    const reporter = clientOf(0, key);
    await expect(reporter.verifications.start({ to: newNumber() })).rejects.toMatchObject({
      code: "forbidden",
    });
    expect(await sandi.keys.revoke(id)).toBeUndefined();
    await expect(clientOf(0, "sandi_wrong").stats.read()).rejects.toMatchObject({ code: "unauthorized" });
  });
});
