import { describe, expect, it } from "vitest";
import { CamaraProblem, errorOf, renderError } from "../../../src/http/camara-otp/errors.ts";
import { PROBLEMS, Problem, type ProblemCode, type ProblemExtras } from "../../../src/platform/problem.ts";

const OTP = "ONE_TIME_PASSWORD_SMS";

async function render(problem: Problem, headers: Record<string, string> = {}) {
  const url = "https://otp.example.com/camara/one-time-password-sms/v1/send-code";
  const response = renderError(problem, "req-1", new Request(url, { headers }));
  expect(response.headers.get("content-type")).toBe("application/json");
  const body = (await response.json()) as Record<string, unknown>;
  expect(body).toEqual({
    status: response.status,
    code: expect.any(String),
    message: expect.stringMatching(/./),
  });
  return { status: response.status, code: body.code, message: body.message, headers: response.headers };
}

const rendered = (code: ProblemCode, extras?: ProblemExtras) => render(new Problem(code, extras));

describe("An error in CAMARA's dialect", () => {
  it.each<[ProblemCode, number, string]>([
    ["invalid_request", 400, "INVALID_ARGUMENT"],
    ["invalid_phone_number", 400, "INVALID_ARGUMENT"],
    ["unauthorized", 401, "UNAUTHENTICATED"],
    ["forbidden", 403, "PERMISSION_DENIED"],
    ["send_limit_reached", 403, `${OTP}.MAX_OTP_CODES_EXCEEDED`],
    ["destination_not_allowed", 403, `${OTP}.PHONE_NUMBER_NOT_ALLOWED`],
    ["channel_failed", 403, `${OTP}.PHONE_NUMBER_NOT_ALLOWED`],
    ["denied_by_policy", 403, `${OTP}.PHONE_NUMBER_BLOCKED`],
    ["number_locked", 403, `${OTP}.PHONE_NUMBER_BLOCKED`],
    ["not_found", 404, "NOT_FOUND"],
    ["payload_too_large", 413, "PAYLOAD_TOO_LARGE"],
    ["resend_too_soon", 429, "TOO_MANY_REQUESTS"],
    ["rate_limited", 429, "TOO_MANY_REQUESTS"],
    ["traffic_blocked", 429, "QUOTA_EXCEEDED"],
    ["internal", 500, "INTERNAL"],
    ["channel_unavailable", 503, "UNAVAILABLE"],
    ["unavailable", 503, "UNAVAILABLE"],
  ])("is, for %s, %i and %s", async (code, status, camaraCode) => {
    expect(await rendered(code)).toMatchObject({ status, code: camaraCode });
  });

  it.each<[CamaraProblem["result"], number, string]>([
    ["wrong_code", 400, `${OTP}.INVALID_OTP`],
    ["attempts_exhausted", 400, `${OTP}.VERIFICATION_FAILED`],
    ["over", 400, `${OTP}.VERIFICATION_EXPIRED`],
    ["block_list", 403, `${OTP}.PHONE_NUMBER_BLOCKED`],
  ])("is, for the result %s, %i and %s, and the log names the result", async (result, status, code) => {
    const problem = new CamaraProblem(result);
    expect(await render(problem)).toMatchObject({ status, code });
    expect(problem.outcome).toBe(result);
  });

  it("has a status for every problem, and 500 only for those that no call of this API has", () => {
    const internal = Object.keys(PROBLEMS).filter((code) => errorOf(code as ProblemCode)[0] === 500);
    expect(internal).toEqual([
      "unknown_purpose",
      "idempotency_in_progress",
      "window_closed",
      "idempotency_mismatch",
      "invalid_message",
      "template_rejected",
      "internal",
      "provider_failed",
    ]);
  });

  it("names each fault of the input in its message", async () => {
    const errors = [
      { pointer: "/phoneNumber", detail: "Give a number." },
      { pointer: "/message", detail: "Too long" },
    ];
    const { message } = await rendered("invalid_request", { errors });
    expect(message).toBe("Invalid argument phoneNumber: Give a number. Invalid argument message: Too long.");
  });

  it("has a Retry-After where the problem says when, and a challenge with 401", async () => {
    expect((await rendered("traffic_blocked", { retryAfterSeconds: 17 })).headers.get("retry-after")).toBe(
      "17",
    );
    expect((await rendered("unauthorized")).headers.get("www-authenticate")).toContain("Bearer");
  });

  it.each([
    ["that of the request", "b4333c46-49c0-4f62-80d7-f0ef930f1c46", "b4333c46-49c0-4f62-80d7-f0ef930f1c46"],
    ["every character of CAMARA's pattern", "aZ09-_:;./<>{}", "aZ09-_:;./<>{}"],
    ["of 256 characters", "x".repeat(256), "x".repeat(256)],
    ["the request's id where it is too long", "x".repeat(257), "req-1"],
    ["the request's id where it has another form", "a b", "req-1"],
    ["the request's id where it is empty", "", "req-1"],
  ])("has as its correlator %s", async (_, given, correlator) => {
    const { headers } = await render(new Problem("not_found"), { "x-correlator": given });
    expect(headers.get("x-correlator")).toBe(correlator);
  });
});
