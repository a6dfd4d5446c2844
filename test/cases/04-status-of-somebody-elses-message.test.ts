import { describe, expect, it, vi } from "vitest";
import {
  api,
  check,
  codeSentTo,
  messagesChange,
  messagesTo,
  newNumber,
  start,
  unixNow,
  useDeployment,
  type WebhookOrigin,
  webhook,
} from "../deployment.ts";

const deployment = useDeployment();

/** A status of another system's message to the same number, which carries no callback data of ours. */
const foreign = (to: string, status: string, code: number, origin?: WebhookOrigin) =>
  webhook(
    messagesChange(
      {
        statuses: [
          {
            id: "wamid.FOREIGN",
            status,
            timestamp: String(unixNow()),
            recipient_id: to.slice(1),
            errors: status === "failed" ? [{ code, title: "(Meta's title)" }] : undefined,
          },
        ],
      },
      origin,
    ),
  );

describe("04-status-of-somebody-elses-message", () => {
  it("a failed status of a message that this deployment did not send closes no verification", async () => {
    const to = newNumber();
    const { body } = await start({ to });
    expect((await foreign(to, "failed", 131049)).status).toBe(200);
    expect((await check(body.id, await codeSentTo(deployment, to))).body).toMatchObject({ valid: true });
  });

  it("a failed status of a sender that is not configured closes no verification, whatever its error", async () => {
    const to = newNumber();
    const { body } = await start({ to });
    for (const code of [131049, 131026, 131031]) {
      const answer = await foreign(to, "failed", code, { sender: "999000111222333" });
      expect(answer.status).toBe(200);
    }
    expect((await check(body.id, await codeSentTo(deployment, to))).body).toMatchObject({ valid: true });
  });

  it("a foreign read changes nothing, and our own failed status brings the SMS at once", async () => {
    const to = newNumber();
    const { body } = await start({ to, purpose: "either" });
    expect((await foreign(to, "read", 0)).status).toBe(200);
    const { body: unchanged } = await api("GET", `/v1/verifications/${body.id}`);
    expect(unchanged.messages).toMatchObject([{ status: "queued", provider_message_id: null }]);
    const failed = {
      id: body.messages[0].provider_message_id,
      status: "failed",
      timestamp: String(unixNow()),
      recipient_id: to.slice(1),
      biz_opaque_callback_data: `${body.id}.0`,
      errors: [{ code: 131026 }],
    };
    expect((await webhook(messagesChange({ statuses: [failed] }))).status).toBe(200);
    await vi.waitFor(async () => {
      expect((await messagesTo(deployment, to)).map(({ channel }) => channel)).toEqual(["sms", "whatsapp"]);
    });
  });

  it("a failure of any message to the recipient is ours where one message alone can be meant, sent before it", async () => {
    const to = newNumber();
    const { body } = await start({ to });
    const failure = (timestamp: number) => ({
      id: "wamid.UNKNOWN",
      status: "failed",
      timestamp: String(timestamp),
      recipient_id: to.slice(1),
      errors: [{ code: 131026 }],
    });
    await webhook(messagesChange({ statuses: [failure(unixNow() - 60)] }));
    expect((await api("GET", `/v1/verifications/${body.id}`)).body.status).toBe("pending");
    await webhook(messagesChange({ statuses: [failure(unixNow())] }));
    expect((await api("GET", `/v1/verifications/${body.id}`)).body).toMatchObject({
      status: "failed",
      reason: "undeliverable",
    });
  });

  it("a failure without callback data changes nothing where it could mean two messages", async () => {
    const to = newNumber();
    const both = [await start({ to }), await start({ to, purpose: "signup" })];
    await foreign(to, "failed", 131026);
    for (const { body } of both) {
      expect((await api("GET", `/v1/verifications/${body.id}`)).body.status).toBe("pending");
    }
  });
});
