import { describe, expect, it, vi } from "vitest";
import type { Problem } from "../../../src/platform/problem.ts";
import { PROBLEMS, type ProblemCode, Problem as ProblemError } from "../../../src/platform/problem.ts";
import { Verifications } from "../../../src/verification/verifications.ts";
import { newNumber, useDeployment } from "../../deployment.ts";
import { call, post } from "./rig.ts";

useDeployment();

/** What the hook answers to each problem: its own status, and the status and sentence that the app gets. */
const ROWS: Readonly<Record<ProblemCode, readonly [status: number, httpCode: number, message: RegExp]>> = {
  invalid_request: [200, 422, /could not be sent/],
  invalid_phone_number: [200, 422, /not a valid phone number/],
  unknown_purpose: [200, 422, /could not be sent/],
  unauthorized: [401, 401, /signature/],
  forbidden: [200, 403, /could not be sent/],
  destination_not_allowed: [200, 403, /cannot be sent to this number/],
  denied_by_policy: [200, 403, /cannot be sent to this number/],
  not_found: [404, 404, /no such hook/],
  idempotency_in_progress: [200, 422, /could not be sent/],
  window_closed: [200, 422, /could not be sent/],
  payload_too_large: [200, 422, /could not be sent/],
  idempotency_mismatch: [200, 422, /could not be sent/],
  invalid_message: [200, 422, /could not be sent/],
  template_rejected: [200, 422, /could not be sent/],
  resend_too_soon: [200, 429, /in 37 seconds/],
  send_limit_reached: [200, 429, /Too many codes.* in 37 seconds/],
  number_locked: [200, 429, /locked.* in 37 seconds/],
  rate_limited: [200, 429, /Too many codes.* in 37 seconds/],
  traffic_blocked: [200, 429, /Too many codes.* in 37 seconds/],
  internal: [500, 500, /could not be sent/],
  channel_failed: [200, 503, /could not be sent/],
  provider_failed: [200, 503, /could not be sent/],
  unavailable: [200, 503, /in 37 seconds/],
  channel_unavailable: [200, 503, /in 37 seconds/],
};

const message = () => ({ sms: { phone: newNumber(), otp: "561166" } });

describe("A refusal for Supabase", () => {
  it.each(Object.entries(ROWS))("has a status and a sentence for %s", async (code, expected) => {
    const problem: Problem = new ProblemError(code as ProblemCode, { retryAfterSeconds: 37 });
    vi.spyOn(Verifications.prototype, "start").mockRejectedValue(problem);
    const answer = await call("supabase", message());
    const [status, httpCode, sentence] = expected;
    expect([answer.status, answer.body.error.http_code]).toEqual([status, httpCode]);
    expect(answer.body.error.message).toMatch(sentence);
    expect(Object.keys(answer.body)).toEqual(["error"]);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("retry-after")).toBeNull();
    expect(answer.headers.get("x-request-id")).toBeTruthy();
  });

  it("has 429 for every 429 problem and 403 for every 403", () => {
    for (const [code, [status]] of Object.entries(PROBLEMS)) {
      if (status === 429 || status === 403) expect(ROWS[code as ProblemCode][1], code).toBe(status);
    }
  });

  it("counts the seconds of a cool-down", async () => {
    const body = message();
    await call("supabase", { ...body, metadata: { uuid: "u-1" } });
    const { sms } = body;
    const again = await call("supabase", { sms: { ...sms, otp: "135791" }, metadata: { uuid: "u-2" } });
    expect(again.status).toBe(200);
    expect(again.body.error).toEqual({
      http_code: 429,
      message: expect.stringMatching(/^A code was sent a moment ago\. Try again in (29|30) seconds\.$/),
    });
  });

  it("names what is wrong with a message", async () => {
    const { body } = await call("supabase", { sms: { phone: newNumber() } });
    expect(body.error).toEqual({
      http_code: 422,
      message: "The code could not be sent. The message has no code.",
    });
  });

  it("is JSON for every path under the hook", async () => {
    const answer = await post("supabase/nothing", "{}", {});
    expect(answer).toMatchObject({ status: 401, body: { error: { http_code: 401 } } });
  });
});

describe("A refusal for another platform", () => {
  it("has problem details with Retry-After", async () => {
    const to = newNumber();
    await call("logto", { to, payload: { code: "482913" } });
    const { status, headers, body } = await call("logto", { to, payload: { code: "135791" } });
    expect([status, body.code, headers.get("content-type")]).toEqual([
      429,
      "resend_too_soon",
      "application/problem+json",
    ]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect(body.verification).toBeUndefined();
  });

  it("names all that a message lacks", async () => {
    const { body } = await call("logto", { to: "" });
    expect(body).toMatchObject({
      code: "invalid_message",
      detail: "The message names no phone number. The message has no code.",
    });
  });
});
