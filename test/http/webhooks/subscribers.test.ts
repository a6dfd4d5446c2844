import { describe, expect, it } from "vitest";
import { api, control, messagesTo, start, statuses, useDeployment, webhook } from "../../deployment.ts";
import { GuardedService } from "../../guard/guarded-service.ts";
import { notify, useNotificationRig, userWrites } from "../../notifications/rig.ts";

const deployment = useDeployment();
useNotificationRig(deployment);

describe.each([
  ["Brazil", "+5584963712772", "558463712772"],
  ["Mexico", "+525512345678", "5215512345678"],
  ["Côte d'Ivoire, Moov", "+2250140123456", "22540123456"],
  ["Côte d'Ivoire, MTN", "+2250504123456", "22504123456"],
  ["Côte d'Ivoire, Orange", "+2250707123456", "22507123456"],
  ["Benin", "+2290197123456", "22997123456"],
])("a person in %s, dialled as %s, whom WhatsApp calls %s", (_, dialled, waId) => {
  const knownAs = () => control(deployment, "PUT", `/numbers/${dialled}`, { wa_id: waId });

  it("is one object for a start, a denial, a window, an opt-out and a list", async () => {
    await knownAs();
    const { body } = await start({ to: dialled });
    const [message] = await messagesTo(deployment, dialled);
    const tap = { from: dialled, button_payload: "DID_NOT_REQUEST_CODE", context_id: message?.id };
    await control(deployment, "POST", "/inbound", tap);
    const { body: denied } = await api("GET", `/v1/verifications/${body.id}`);
    expect(denied).toMatchObject({ to: dialled, reason: "denied_by_user" });

    expect((await api("POST", "/v1/messages", { to: dialled, text: "Hello" })).status).toBe(202);
    await userWrites(deployment, dialled, "STOP");
    expect((await notify(dialled)).body.error.code).toBe("opted_out");

    const service = new GuardedService({});
    await service.call("POST", "/v1/guard/lists/block", { number: dialled, note: "why" });
    expect((await service.start({ to: dialled })).body.code).toBe("destination_not_allowed");
  });

  it("has the message of a failed status without callback data", async () => {
    await knownAs();
    const { body } = await start({ to: dialled });
    const id = body.messages[0].provider_message_id;
    const timestamp = String(Math.ceil(Date.now() / 1000));
    const failed = { id, status: "failed", timestamp, recipient_id: waId, errors: [{ code: 131026 }] };
    await webhook(statuses(failed));
    expect((await api("GET", `/v1/verifications/${body.id}`)).body.messages).toMatchObject([
      { status: "failed" },
    ]);
  });
});
