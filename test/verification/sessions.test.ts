import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { AppName } from "../../src/ids/app-name.ts";
import { ownerOf, parseVerificationId } from "../../src/ids/verification-id.ts";
import { api, check, codeSentTo, newNumber, start, useDeployment, wrong } from "../deployment.ts";
import { checkCommand } from "../phone-number/commands.ts";

const deployment = useDeployment();

/** Starts without a session and with one, on one number; each with the code that it sent. */
async function twoSessions() {
  const to = newNumber();
  const first = await start({ to, session: "browser one", metadata: { who: "first" } });
  const firstCode = await codeSentTo(deployment, to);
  const second = await start({ to, purpose: "login", session: "browser two" });
  return {
    to,
    first: { id: first.body.id as string, code: firstCode },
    second: { id: second.body.id as string, code: await codeSentTo(deployment, to) },
  };
}

describe("two sessions on one number", () => {
  it("are different verifications, and each finishes its own", async () => {
    const { first, second } = await twoSessions();
    expect(second.id).not.toBe(first.id);
    expect((await check(first.id, first.code, { session: "browser one" })).body).toMatchObject({
      valid: true,
      metadata: { who: "first" },
    });
    expect((await check(second.id, second.code, { session: "browser two" })).body.valid).toBe(true);
  });

  it("do not find, charge or end each other's verification, by id or by number", async () => {
    const { to, first, second } = await twoSessions();
    for (const session of [{ session: "browser two" }, {}]) {
      expect((await check(first.id, wrong(first.code), session)).status).toBe(404);
      expect((await check(first.id, first.code, session)).status).toBe(404);
    }
    const byNumber = { to, code: first.code, session: "browser two" };
    const other = await api("POST", "/v1/verifications/check", byNumber);
    expect(other.body).toMatchObject({ id: second.id, valid: first.code === second.code });
    const none = await api("POST", "/v1/verifications/check", { to, code: first.code });
    expect(none.body).toMatchObject({ status: "expired", valid: false });
    expect((await api("GET", `/v1/verifications/${first.id}`)).body.attempts_remaining).toBe(5);
    const own = await api("POST", "/v1/verifications/check", { ...byNumber, session: "browser one" });
    expect(own.body).toMatchObject({ id: first.id, valid: true });
  });

  it("keep their session out of every answer and of the record", async () => {
    const to = newNumber();
    const started = await start({ to, session: "a-secret-of-the-browser" });
    const listed = await api("GET", `/v1/verifications?to=${encodeURIComponent(to)}`);
    for (const { text } of [started, listed]) {
      expect(text).not.toContain("a-secret-of-the-browser");
      expect(text).not.toContain("session");
    }
  });

  it("begin a fourth time by superseding the oldest of three pending ones", async () => {
    const to = newNumber();
    const ids: string[] = [];
    for (const session of ["1", "2", "3", "4"]) {
      ids.push((await start({ to, session, metadata: { session } })).body.id);
    }
    const statuses = await Promise.all(
      ids.map(async (id) => (await api("GET", `/v1/verifications/${id}`)).body.status),
    );
    expect(statuses).toEqual(["canceled", "pending", "pending", "pending"]);
  });
});

it("a repeated start does not change the metadata of the first", async () => {
  const to = newNumber();
  const { body } = await start({ to, purpose: "patient", metadata: { order: "1" } });
  await start({ to, purpose: "patient", metadata: { order: "2" } });
  expect((await api("GET", `/v1/verifications/${body.id}`)).body.metadata).toEqual({ order: "1" });
});

describe("the object of a number", () => {
  it("answers not_found for another app's verification, whatever is asked of it", async () => {
    const { body } = await start({ to: newNumber() });
    const id = parseVerificationId(body.id);
    if (id === null) throw new Error("The answer has no id");
    const object = env.PHONE_NUMBERS.getByName(ownerOf(id));
    const other = "shop" as AppName;
    expect(await object.get(id, other)).toBeNull();
    expect(await object.open(id, other)).toBeNull();
    expect(await object.cancel(id, other)).toBeNull();
    expect(await object.list(other)).toEqual([]);
    const command = checkCommand({ which: { id }, app: other, scope: other, proofs: [] });
    expect(await object.check(command)).toEqual({ kind: "not_found" });
    expect((await object.get(id, null))?.status).toBe("pending");
  });
});
