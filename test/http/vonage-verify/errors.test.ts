import { describe, expect, it } from "vitest";
import { errorOf, renderError, VonageProblem } from "../../../src/http/vonage-verify/errors.ts";
import { parseVerificationId, toUuid } from "../../../src/ids/verification-id.ts";
import { PROBLEMS, Problem, type ProblemCode, type ProblemExtras } from "../../../src/platform/problem.ts";

const PENDING = parseVerificationId("vrf_3n9bzjphnsjg5qgs0jdxagb1w0");
const UUID = "1d549fb6-358d-6651-6f20-04b7dea96107";

async function render(problem: Problem, path = `/vonage/v2/verify/${UUID}`) {
  const response = renderError(problem, "req-1", new Request(`https://otp.example.com${path}`));
  expect(response.headers.get("content-type")).toBe("application/json");
  const body = (await response.json()) as Record<string, unknown>;
  expect(body).toMatchObject({
    title: expect.stringMatching(/./),
    detail: expect.stringMatching(/./),
    instance: "req-1",
  });
  const [base, fragment] = String(body.type).split("#");
  expect(base).toBe("https://developer.vonage.com/api-errors");
  return { status: response.status, fragment, headers: response.headers, body };
}

const rendered = (code: ProblemCode, extras?: ProblemExtras, path?: string) =>
  render(new Problem(code, extras), path);

describe("An error in Vonage's dialect", () => {
  it.each<[ProblemCode, number, string]>([
    ["unauthorized", 401, "unauthorized"],
    ["forbidden", 403, "forbidden"],
    ["destination_not_allowed", 403, "fraud-blocked"],
    ["denied_by_policy", 403, "fraud-blocked"],
    ["not_found", 404, "not-found"],
    ["payload_too_large", 413, "payload-too-large"],
    ["invalid_request", 422, "invalid-params"],
    ["invalid_phone_number", 422, "invalid-params"],
    ["unknown_purpose", 422, "invalid-params"],
    ["resend_too_soon", 429, "throttled"],
    ["send_limit_reached", 429, "throttled"],
    ["number_locked", 429, "throttled"],
    ["rate_limited", 429, "throttled"],
    ["traffic_blocked", 429, "throttled"],
    ["internal", 500, "internal-error"],
    ["channel_failed", 502, "channel-failed"],
    ["channel_unavailable", 503, "unavailable"],
    ["unavailable", 503, "unavailable"],
  ])("is, for %s, %i and %s", async (code, status, fragment) => {
    expect(await rendered(code)).toMatchObject({ status, fragment });
  });

  it.each<[VonageProblem["result"], number, string]>([
    ["wrong_code", 400, "invalid-code"],
    ["already_pending", 409, "conflict"],
    ["no_channel_left", 409, "conflict"],
    ["attempts_exhausted", 410, "expired"],
  ])("is, for the result %s, %i and %s, and the log names the result", async (result, status, fragment) => {
    const problem = new VonageProblem(result);
    expect(await render(problem)).toMatchObject({ status, fragment });
    expect(problem.outcome).toBe(result);
  });

  it("has a status for every problem, and 500 only for those that no call of this API has", () => {
    const internal = Object.keys(PROBLEMS).filter((code) => errorOf(code as ProblemCode)[0] === 500);
    expect(internal).toEqual([
      "idempotency_in_progress",
      "window_closed",
      "idempotency_mismatch",
      "invalid_message",
      "template_rejected",
      "internal",
    ]);
  });

  it("names the running request of a conflict by its UUID", async () => {
    if (PENDING === null) throw new Error("The id is none");
    const { body } = await render(new VonageProblem("already_pending", PENDING));
    expect(body.request_id).toBe(toUuid(PENDING));
  });

  it("names each invalid parameter with a reason, with indexes for the steps of a workflow", async () => {
    const errors = ["", "/brand", "/workflow/0/to", "/workflow/12", "/a~1b"].map((pointer) => ({
      pointer,
      detail: `About ${pointer}.`,
    }));
    const { body } = await rendered("invalid_request", { errors });
    expect(body.invalid_parameters).toEqual([
      { name: "body", reason: "About ." },
      { name: "brand", reason: "About /brand." },
      { name: "workflow[0].to", reason: "About /workflow/0/to." },
      { name: "workflow[12]", reason: "About /workflow/12." },
      { name: "a/b", reason: "About /a~1b." },
    ]);
  });

  it("has a Retry-After where the problem says when, and a challenge with 401", async () => {
    const throttled = await rendered("rate_limited", { retryAfterSeconds: 17 });
    expect(throttled.headers.get("retry-after")).toBe("17");
    expect((await rendered("unauthorized")).headers.get("www-authenticate")).toContain("Bearer");
  });

  it.each([
    [`/vonage/v2/verify/${UUID}`, `Request ${UUID} was not found or it has been verified already.`],
    [
      `/vonage/v2/verify/${UUID}/next_workflow`,
      `Request ${UUID} was not found or it has been verified already.`,
    ],
    ["/vonage/v2/verify/+6281234567890", "Request was not found or it has been verified already."],
    [`/vonage/v2/verify/${UUID}6281234567890`, "Request was not found or it has been verified already."],
  ])("tells for %s which request is not found, and repeats nothing that is no id", async (path, detail) => {
    expect((await rendered("not_found", {}, path)).body.detail).toBe(detail);
  });
});
