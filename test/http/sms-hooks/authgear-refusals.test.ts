import { describe, expect, it, vi } from "vitest";
import { PROBLEMS, Problem, type ProblemCode } from "../../../src/platform/problem.ts";
import { Verifications } from "../../../src/verification/verifications.ts";
import { newNumber, useDeployment } from "../../deployment.ts";
import { call, post } from "./rig.ts";

useDeployment();

/** The codes that Authgear decides by. */
const CODES: Readonly<Record<ProblemCode, string>> = {
  invalid_request: "unsupported_request",
  invalid_phone_number: "invalid_phone_number",
  unknown_purpose: "unsupported_request",
  unauthorized: "authentication_failed",
  forbidden: "authentication_failed",
  destination_not_allowed: "delivery_rejected",
  denied_by_policy: "delivery_rejected",
  not_found: "unsupported_request",
  idempotency_in_progress: "unsupported_request",
  window_closed: "unsupported_request",
  payload_too_large: "unsupported_request",
  idempotency_mismatch: "unsupported_request",
  invalid_message: "unsupported_request",
  template_rejected: "unsupported_request",
  resend_too_soon: "rate_limited",
  send_limit_reached: "rate_limited",
  number_locked: "rate_limited",
  rate_limited: "rate_limited",
  traffic_blocked: "rate_limited",
  internal: "unknown_error",
  channel_failed: "delivery_rejected",
  provider_failed: "unsupported_request",
  unavailable: "timeout",
  channel_unavailable: "timeout",
};

const message = () => ({ to: newNumber(), template_variables: { code: "482913" } });

describe("A refusal for Authgear", () => {
  it.each(Object.entries(CODES))("has a code for %s", async (code, expected) => {
    const problem = new Problem(code as ProblemCode, { retryAfterSeconds: 37 });
    vi.spyOn(Verifications.prototype, "start").mockRejectedValue(problem);
    const { status, headers, body } = await call("authgear", message());
    expect(status).toBe(PROBLEMS[code as ProblemCode][0]);
    expect(body).toEqual({ code: expected, description: expect.stringMatching(/./) });
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("retry-after")).toBe("37");
  });

  it("names what is wrong with a message", async () => {
    const { body } = await call("authgear", { to: newNumber(), template_variables: { link: "https://a" } });
    expect(body).toEqual({ code: "unsupported_request", description: "The message has no code." });
  });

  it("is JSON for a call that is not signed, and for every path under the hook", async () => {
    for (const path of ["authgear", "authgear/nothing"]) {
      const answer = await post(path, "{}", {});
      expect(answer).toMatchObject({ status: 401, body: { code: "authentication_failed" } });
    }
  });
});
