import { describe, expect, it } from "vitest";
import { messagesChange, unixNow, useDeployment, webhook } from "../deployment.ts";

useDeployment();

const text = { body: "â 👍 a/b" };
const message = { id: "wamid.1", from: "6281210000001", type: "text", text };
const BODY = JSON.stringify(messagesChange({ messages: [{ ...message, timestamp: String(unixNow()) }] }));

/** The body as Meta spells it: non-ASCII characters and slashes escaped. */
const escaped = BODY.replace(
  /[\u0080-\uffff]/g,
  (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
).replaceAll("/", "\\/");

describe("22-signature-over-escaped-bytes", () => {
  it("a body with escaped characters, surrogates and slashes is accepted by the signature of its bytes", async () => {
    expect(escaped).toContain("\\u00e2");
    expect(escaped).toContain("\\ud83d\\udc4d");
    expect(escaped).toContain("a\\/b");
    expect((await webhook(escaped)).status).toBe(200);
  });

  it("the same body in UTF-8 is accepted by the signature of its own bytes", async () => {
    expect((await webhook(BODY)).status).toBe(200);
  });

  it("a body with the signature of another secret is refused", async () => {
    expect((await webhook(escaped, `sha256=${"ab".repeat(32)}`)).status).toBe(401);
  });
});
