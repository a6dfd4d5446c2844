import { describe, expect, it } from "vitest";
import { newNumber, useDeployment } from "../deployment.ts";
import { notify, useNotificationRig, userWrites } from "../notifications/rig.ts";

const deployment = useDeployment();
useNotificationRig(deployment);

const statusAfter = async (text: string) => {
  const to = newNumber();
  await userWrites(deployment, to, text);
  const { body } = await notify(to);
  return [body.status, body.error?.code ?? null];
};

describe("28-stop-as-people-write-it", () => {
  it.each([
    "STOP",
    " stop\n",
    "Stop.",
    "STOP!",
    "“STOP”",
    "STOP 🙏",
    "Unsubscribe.",
    "PARE",
    "DETENER",
    "BATAL",
    "Stop promotions",
  ])("after %j a notification is not sent", async (text) => {
    expect(await statusAfter(text)).toEqual(["failed", "opted_out"]);
  });

  it("a sentence that begins with the word is no opt-out", async () => {
    expect(await statusAfter("stop, he is not coming")).toEqual(["queued", null]);
  });
});
