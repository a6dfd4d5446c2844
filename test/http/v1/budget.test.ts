import { expect, it, vi } from "vitest";
import { Issuer } from "../../../src/keys/issuer/issuer.ts";
import { api, check, codeSentTo, newNumber, start, useDeployment } from "../../deployment.ts";
import { countKvReads, countObjectCalls } from "../counting.ts";

const deployment = useDeployment();

it("a start costs one call to the object and one to WhatsApp, a check one to the object, and neither reads KV when warm", async () => {
  const { body: key } = await api("POST", "/v1/keys", { name: "app", scopes: ["verifications"] });
  const headers = { authorization: `Bearer ${key.key}` };
  await start({ to: newNumber() }, headers);
  const objectCalls = countObjectCalls();
  const kvReads = countKvReads();
  deployment.graphCalls.length = 0;

  const to = newNumber();
  const { status, body } = await start({ to }, headers);
  expect([status, objectCalls(), deployment.graphCalls.length, kvReads()]).toEqual([201, 1, 1, 0]);

  const checked = await check(body.id, await codeSentTo(deployment, to), {}, headers);
  expect([checked.body.valid, objectCalls(), deployment.graphCalls.length, kvReads()]).toEqual([
    true,
    2,
    1,
    0,
  ]);
});

it("a check by number costs one call to the object", async () => {
  const to = newNumber();
  await start({ to });
  const objectCalls = countObjectCalls();
  await api("POST", "/v1/verifications/check", { to, code: await codeSentTo(deployment, to) });
  expect(objectCalls()).toBe(1);
});

it("a start with an Idempotency-Key costs a second call to the object, which stores its answer", async () => {
  await start({ to: newNumber() });
  const objectCalls = countObjectCalls();
  expect((await start({ to: newNumber() }, { "idempotency-key": "k" })).status).toBe(201);
  expect(objectCalls()).toBe(2);
});

it("a check that asks for a proof costs the same when warm, and one that does not never reads the signing keys", async () => {
  const { body: key } = await api("POST", "/v1/keys", { name: "app", scopes: ["verifications"] });
  const headers = { authorization: `Bearer ${key.key}` };
  const objectCalls = countObjectCalls();
  const reads = vi.spyOn(Issuer.prototype, "read");
  const costOf = async (more: object) => {
    const to = newNumber();
    const { body } = await start({ to }, headers);
    const code = await codeSentTo(deployment, to);
    const [calls, kvReads] = [objectCalls(), countKvReads()];
    const checked = await check(body.id, code, more, headers);
    return [
      checked.body.valid,
      "proof" in checked.body,
      objectCalls() - calls,
      kvReads(),
      reads.mock.calls.length,
    ];
  };
  expect(await costOf({})).toEqual([true, false, 1, 0, 0]);
  const proof = { audience: "https://orders.example.com" };
  expect(await costOf({ proof })).toEqual([true, true, 1, 0, 1]);
  expect(await costOf({ proof })).toEqual([true, true, 1, 0, 1]);
});
