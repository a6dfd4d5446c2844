import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROBLEMS, type ProblemCode } from "../../src/platform/problem.ts";
import type { PackageProject } from "../world/package.ts";
import { type AuthServer, installBetterAuth, listen, post, startAuth } from "./better-auth.ts";

/** What better-auth answers for each of Sandi's problems, which a stand-in for Sandi gives. */

const KEY = "sandi_key";
const DETAIL = "Try again later.";
/** Longer than the client waits for before it repeats a call. */
const RETRY_AFTER = "11";

let project: PackageProject;
let sandi: Server;
let url: string;
let server: AuthServer;
let answer: { readonly status: number; readonly body: string; readonly isProblem: boolean };

beforeAll(async () => {
  project = await installBetterAuth();
  sandi = createServer((_, response) => {
    response.setHeader("content-type", answer.isProblem ? "application/problem+json" : "text/html");
    response.setHeader("retry-after", RETRY_AFTER);
    if (answer.status !== HANGING) response.writeHead(answer.status).end(answer.body);
  });
  url = await listen(sandi);
  server = await startAuth(project, { url, key: KEY });
}, 120_000);

afterAll(async () => {
  server.stop();
  sandi.close();
  sandi.closeAllConnections();
  await project.remove();
});

const HANGING = 0;
const CONFIGURATION = { status: 500, body: { message: "Internal Server Error" } };

function passedOn(status: number, code: ProblemCode) {
  return { status, body: { code: code.toUpperCase(), message: DETAIL } };
}

/** Every problem of the API. Those that no user can cause are the configuration's, and show nothing. */
const ANSWERS: Readonly<Record<ProblemCode, object>> = {
  invalid_request: CONFIGURATION,
  invalid_message: CONFIGURATION,
  invalid_phone_number: passedOn(400, "invalid_phone_number"),
  unknown_purpose: CONFIGURATION,
  unauthorized: CONFIGURATION,
  forbidden: CONFIGURATION,
  destination_not_allowed: passedOn(403, "destination_not_allowed"),
  denied_by_policy: passedOn(403, "denied_by_policy"),
  not_found: CONFIGURATION,
  idempotency_in_progress: passedOn(503, "idempotency_in_progress"),
  window_closed: CONFIGURATION,
  payload_too_large: CONFIGURATION,
  idempotency_mismatch: CONFIGURATION,
  template_rejected: CONFIGURATION,
  resend_too_soon: passedOn(429, "resend_too_soon"),
  send_limit_reached: passedOn(429, "send_limit_reached"),
  number_locked: passedOn(429, "number_locked"),
  rate_limited: passedOn(429, "rate_limited"),
  traffic_blocked: passedOn(429, "traffic_blocked"),
  internal: CONFIGURATION,
  channel_failed: passedOn(503, "channel_failed"),
  provider_failed: CONFIGURATION,
  unavailable: passedOn(503, "unavailable"),
  channel_unavailable: passedOn(503, "channel_unavailable"),
};

describe("better-auth with sandiPhoneNumber", () => {
  it.each(Object.entries(ANSWERS))(
    "answers Sandi's %s alike on a send and a check",
    async (code, expected) => {
      const status = PROBLEMS[code as ProblemCode][0];
      const problem = { type: "x", title: "T", status, detail: DETAIL, code, request_id: "r-1" };
      answer = { status, body: JSON.stringify(problem), isProblem: true };
      const phoneNumber = "+6281234567890";
      const send = await post(server, "/phone-number/send-otp", { phoneNumber });
      const check = await post(server, "/phone-number/verify", { phoneNumber, code: "123456" });
      for (const { status, body, headers } of [send, check]) {
        expect({ status, body }).toEqual(expected);
        expect(headers.get("retry-after")).toBe(expected === CONFIGURATION ? null : RETRY_AFTER);
      }
    },
  );

  it.each([
    ["a proxy's 404", 404, CONFIGURATION],
    ["a proxy's 502", 502, { status: 503, body: { code: "UNEXPECTED_RESPONSE" } }],
  ])("answers %s in the place of Sandi's", async (_, status, expected) => {
    answer = { status, body: "<h1>No</h1>", isProblem: false };
    const sent = await post(server, "/phone-number/send-otp", { phoneNumber: "+6281234567890" });
    expect(sent).toMatchObject(expected);
  });

  it("answers with 503 when Sandi does not answer in time, and when it cannot be reached", async () => {
    answer = { status: HANGING, body: "", isProblem: false };
    const impatient = await startAuth(project, { url, key: KEY, timeoutMs: 50 });
    const alone = await startAuth(project, { url: "http://127.0.0.1:9", key: KEY });
    try {
      const number = { phoneNumber: "+6281234567890" };
      expect(await post(impatient, "/phone-number/send-otp", number)).toMatchObject({
        status: 503,
        body: { code: "TIMED_OUT" },
      });
      const unreached = await post(alone, "/phone-number/send-otp", number);
      expect(unreached).toMatchObject({ status: 503, body: { code: "CONNECTION_FAILED" } });
      expect(JSON.stringify(unreached.body)).not.toContain("127.0.0.1");
    } finally {
      impatient.stop();
      alone.stop();
    }
  });
});
