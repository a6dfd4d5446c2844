import { describe, expect, it, vi } from "vitest";
import { renderError, TwilioProblem } from "../../../src/http/twilio-verify/errors.ts";
import { PhoneNumber } from "../../../src/phone-number/phone-number.ts";
import { Problem, type ProblemCode } from "../../../src/platform/problem.ts";
import { type Answer, api, control, newNumber, useDeployment } from "../../deployment.ts";
import { GuardedService } from "../../guard/guarded-service.ts";
import { basic, check, create, toForm, twilio } from "./rig.ts";

const deployment = useDeployment();

/** The table of the contract. */
const TABLE: readonly (readonly [ProblemCode, status: number, code: number])[] = [
  ["unauthorized", 401, 20003],
  ["forbidden", 403, 20003],
  ["invalid_request", 400, 60200],
  ["invalid_phone_number", 400, 60200],
  ["unknown_purpose", 404, 20404],
  ["not_found", 404, 20404],
  ["destination_not_allowed", 403, 60605],
  ["denied_by_policy", 403, 60238],
  ["resend_too_soon", 429, 60212],
  ["send_limit_reached", 429, 60203],
  ["number_locked", 429, 60202],
  ["rate_limited", 429, 20429],
  ["traffic_blocked", 403, 60410],
  ["payload_too_large", 413, 20001],
  ["channel_failed", 502, 20500],
  ["channel_unavailable", 503, 20503],
  ["unavailable", 503, 20503],
  ["internal", 500, 20500],
];
const REQUEST = new Request("https://sandi.test/twilio/v2/Services");

describe("An error of Twilio", () => {
  it.each(TABLE)("for %s has status %i and code %i, and no type or title", async (problem, status, code) => {
    const response = renderError(new Problem(problem, { retryAfterSeconds: 7 }), "r1", REQUEST);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("retry-after")).toBe("7");
    expect(await response.json()).toEqual({
      code,
      message: expect.stringMatching(/\.$/),
      more_info: `https://www.twilio.com/docs/errors/${code}`,
      status,
    });
  });

  it("has a code of its own where Twilio has one, and Retry-After only where there is one", async () => {
    const response = renderError(new TwilioProblem("invalid_request", 60206, {}), "r1", REQUEST);
    expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ code: 60206 })]);
    expect(response.headers.get("retry-after")).toBeNull();
  });

  it("has a challenge for Basic where the credentials are wrong", () => {
    const response = renderError(new Problem("unauthorized"), "r1", REQUEST);
    expect(response.headers.get("www-authenticate")).toBe('Basic realm="sandi"');
  });
});

const createAt = (service: GuardedService) =>
  service.call(
    "POST",
    "/twilio/v2/Services/login/Verifications",
    toForm({ To: newNumber(), Channel: "whatsapp" }),
    basic(),
  );

/** How each error comes about. */
const CAUSES: Readonly<Record<number, () => Promise<Answer>>> = {
  20003: () => create({ To: newNumber() }, "login", basic("sandi_0")),
  20404: () => twilio("GET", "/Services/nothing"),
  20001: () => create({ To: newNumber(), Tags: "x".repeat(70_000) }),
  60605: () => create({ To: "+881612345678" }),
  60238() {
    const veto = { mode: "enforce", url: "https://team.test/veto", on_failure: "deny" };
    const secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    return createAt(new GuardedService({ veto }, { GUARD_VETO_SECRET: secret }));
  },
  async 60410() {
    const service = new GuardedService({ caps: { sends_per_day: 1 } });
    await createAt(service);
    return createAt(service);
  },
  async 60212() {
    const To = newNumber();
    await create({ To });
    return create({ To });
  },
  async 60203() {
    const To = newNumber();
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    for (let sends = 0; sends < 5; sends += 1) {
      await create({ To }, "patient");
      vi.setSystemTime(Date.now() + 6000);
    }
    return create({ To }, "patient");
  },
  async 20500() {
    await control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status: 400, code: 131026 }] });
    return create({ To: newNumber() });
  },
  async 20503() {
    await control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status: 400, code: 131056 }] });
    return create({ To: newNumber() });
  },
};

describe("A call of Twilio's client", () => {
  it.each(Object.entries(CAUSES))("is answered with %s, without a full number", async (code, cause) => {
    const { status, headers, body, text } = (await cause()) as Answer<Record<string, unknown>>;
    expect(body).toMatchObject({ code: Number(code), status });
    expect(TABLE.some((row) => row[1] === status && row[2] === Number(code))).toBe(true);
    expect(text).not.toMatch(/\+?\d{10,}/);
    expect(headers.get("x-request-id")).toBeTruthy();
    if (status === 429 || status === 503) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("is answered with 403 and 20003 where the key lacks the scope", async () => {
    const { body } = await api("POST", "/v1/keys", { name: "reader", scopes: ["reports"] });
    const answer = await check({ To: newNumber(), Code: "482913" }, "login", basic(body.key));
    expect([answer.status, answer.body.code]).toEqual([403, 20003]);
    expect((await twilio("GET", "/Attempts", undefined, basic(body.key))).status).toBe(200);
  });

  it.each([
    [false, 500, 20500],
    [true, 503, 20503],
  ])(
    "is answered in Twilio's shape when an object fails, overloaded: %s",
    async (overloaded, status, code) => {
      vi.spyOn(PhoneNumber.prototype, "start").mockImplementation(() => {
        throw Object.assign(new Error("the secret inner life of the object"), { overloaded });
      });
      const answer = await create({ To: newNumber() });
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      expect(answer.text).not.toContain("inner life");
    },
  );
});
