import { expect, it } from "vitest";
import { amrOf } from "../../src/verification/proof.ts";

it("a token names WhatsApp for a message that the user sent, as it names the channel of a code", () => {
  expect(amrOf({ method: "message", channel: null })).toEqual(["otp", "whatsapp"]);
  expect(amrOf({ method: "code", channel: "whatsapp" })).toEqual(["otp", "whatsapp"]);
  expect(amrOf({ method: "code", channel: "sms" })).toEqual(["otp", "sms"]);
  expect(amrOf({ method: "code", channel: null })).toEqual(["otp"]);
});
