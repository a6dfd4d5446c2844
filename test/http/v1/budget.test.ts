import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { PhoneNumber } from "../../../src/phone-number/phone-number.ts";
import { api, check, codeSentTo, newNumber, start, useDeployment } from "../../deployment.ts";

const deployment = useDeployment();

/** Counts every call that reaches an object, whichever it is. */
function countObjectCalls() {
  const methods = ["start", "resend", "settle", "check", "cancel", "recordUpdates", "get"] as const;
  const spies = methods.map((method) => vi.spyOn(PhoneNumber.prototype, method));
  return () => spies.reduce((calls, spy) => calls + spy.mock.calls.length, 0);
}

function countKvReads() {
  const namespaces = [env.TEMPLATES, env.API_KEYS, env.GUARD_LISTS];
  const spies = namespaces.flatMap((namespace) => [vi.spyOn(namespace, "get"), vi.spyOn(namespace, "list")]);
  return () => spies.reduce((calls, spy) => calls + spy.mock.calls.length, 0);
}

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
