import { describe, expect, it } from "vitest";
import { change, newNumber, useDeployment } from "../deployment.ts";
import { newService } from "./rig.ts";

const deployment = useDeployment();
const ANOTHER = { account: "299999999999999" };

describe("05-another-account-pauses-its-template", () => {
  it("the pause of another account's template changes no language of ours, and is logged once", async () => {
    const service = newService();
    const paused = {
      event: "PAUSED",
      message_template_id: 777_000_111_222_333,
      message_template_name: "verification_code",
      message_template_language: "id",
      reason: "NONE",
    };
    expect(await service.webhook(change("message_template_status_update", paused, ANOTHER))).toBe(200);
    const { body } = await service.call("GET", "/v1/templates/verification_code");
    expect(body.languages.id.status).toBe("APPROVED");
    const { body: started } = await service.start({ to: newNumber(), locale: "id" });
    expect(started.messages[0].language).toBe("id");
    const lines = deployment.logLines.filter((line) => line.includes("other accounts or senders"));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: "warn", count: 1, ids: ["account 299999999999999"] },
    ]);
  });

  it("the deletion of another account stops nothing", async () => {
    const service = newService();
    expect(await service.webhook(change("account_update", { event: "ACCOUNT_DELETED" }, ANOTHER))).toBe(200);
    expect((await service.start({ to: newNumber() })).status).toBe(201);
  });
});
