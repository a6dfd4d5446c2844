import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { AppName } from "../../src/ids/app-name.ts";
import type { VerificationId } from "../../src/ids/verification-id.ts";
import { PhoneNumber } from "../../src/phone-number/phone-number.ts";
import { Redemptions } from "../../src/verification/redemptions.ts";
import { api, check, codeSentTo, newNumber, start, useDeployment, wrong } from "../deployment.ts";

const deployment = useDeployment();
const redemptions = new Redemptions(env.PHONE_NUMBERS);

afterEach(() => vi.restoreAllMocks());

async function approved(): Promise<VerificationId> {
  const to = newNumber();
  const { body } = await start({ to });
  await check(body.id, await codeSentTo(deployment, to));
  return body.id;
}

describe("an approval", () => {
  it("is redeemed once out of fifty concurrent redemptions, and the others end what the first one got", async () => {
    const id = await approved();
    const answers = await Promise.all(Array.from({ length: 50 }, () => redemptions.redeem(id, null)));
    expect(answers.filter((answer) => answer !== null)).toMatchObject([{ id, status: "approved" }]);
    expect(await redemptions.introduce(id, null)).toBeNull();
  });

  it("is introduced after its redemption, and no more after a second one", async () => {
    const id = await approved();
    expect(await redemptions.introduce(id, null)).toBeNull();
    expect(await redemptions.redeem(id, null)).toMatchObject({ id });
    expect(await redemptions.introduce(id, null)).toMatchObject({ id, status: "approved" });
    expect(await redemptions.redeem(id, null)).toBeNull();
    expect(await redemptions.introduce(id, null)).toBeNull();
  });

  it("is redeemed by a call whose answer was lost, which is repeated once", async () => {
    const id = await approved();
    const redeem = PhoneNumber.prototype.redeem;
    let calls = 0;
    vi.spyOn(PhoneNumber.prototype, "redeem").mockImplementation(function (this: PhoneNumber, command) {
      calls += 1;
      const answer = redeem.call(this, command);
      if (calls === 1) throw Object.assign(new Error("Durable Object reset"), { retryable: true });
      return answer;
    });
    expect(await redemptions.redeem(id, null)).toMatchObject({ id });
    expect(calls).toBe(2);
    expect(await redemptions.introduce(id, null)).toMatchObject({ id });
  });

  it("of another app is not found, and stays to be redeemed", async () => {
    const id = await approved();
    expect(await redemptions.redeem(id, "shop" as AppName)).toBeNull();
    expect(await redemptions.redeem(id, "default" as AppName)).toMatchObject({ id });
    expect(await redemptions.introduce(id, "shop" as AppName)).toBeNull();
  });
});

it("a verification that is pending, failed, canceled or unknown is not redeemed", async () => {
  const to = newNumber();
  const { body } = await start({ to });
  expect(await redemptions.redeem(body.id, null)).toBeNull();
  const code = await codeSentTo(deployment, to);
  for (let attempt = 0; attempt < 5; attempt += 1) await check(body.id, wrong(code));
  expect((await api("GET", `/v1/verifications/${body.id}`)).body.status).toBe("failed");
  expect(await redemptions.redeem(body.id, null)).toBeNull();

  const { body: other } = await start({ to: newNumber() });
  await api("DELETE", `/v1/verifications/${other.id}`);
  expect(await redemptions.redeem(other.id, null)).toBeNull();
  expect(
    await redemptions.redeem(`${other.id.slice(0, -12)}000000000000` as VerificationId, null),
  ).toBeNull();
});
