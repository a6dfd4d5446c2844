import { Webhook } from "standardwebhooks";
import { describe, expect, it, vi } from "vitest";
import { newNumber, useDeployment } from "../deployment.ts";
import { describeRuleInEveryMode, GuardedService } from "./guarded-service.ts";

const deployment = useDeployment();

const URL_OF_TEAM = "https://team.test/check";
const SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const WITH_SECRET = { GUARD_VETO_SECRET: SECRET };

const settings = (veto: object) => ({ veto: { mode: "enforce", url: URL_OF_TEAM, ...veto } });
const guarded = (veto: object) => new GuardedService(settings(veto), WITH_SECRET);
const json = (body: object) => async () => Response.json(body);

/** Answers in place of the team's system, beside the simulator of WhatsApp, and records the requests. */
function team(answer: (request: Request) => Promise<Response>): Request[] {
  const asked: Request[] = [];
  const others = vi.mocked(fetch).getMockImplementation();
  vi.mocked(fetch).mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    if (request.url !== URL_OF_TEAM) return others?.(input, init) ?? Response.error();
    asked.push(request.clone());
    return answer(request);
  });
  return asked;
}

/** A system that accepts the request and never answers; the caller may abort. */
const silence = ({ signal }: Request) =>
  new Promise<Response>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });

describeRuleInEveryMode(
  "the team's veto",
  {
    rule: "team_veto",
    code: "denied_by_policy",
    request: { to: newNumber() },
    env: WITH_SECRET,
    guard: (mode) => settings({ mode }),
    prepare: async () => team(json({ decision: "deny", reason: "not a customer" })),
    figures: { reason: "not a customer" },
    limits: { on_failure: "allow", time_limit_ms: 1500 },
  },
  deployment,
);

describe("the team's veto", () => {
  it("the veto request carries number, client, limits and metadata, is signed by Standard Webhooks, and may allow the send", async () => {
    const asked = team(json({ decision: "allow" }));
    const request = {
      to: newNumber(),
      purpose: "signup",
      limits: { account: "u_42" },
      metadata: { order_id: "A-77" },
      client: { ip: "203.0.113.9", device_id: "d-1" },
    };
    const service = guarded({});
    expect((await service.start(request)).status).toBe(201);
    expect(service.events).toEqual([]);
    const [question] = asked;
    if (question === undefined) throw new Error("Nobody was asked");
    const text = await question.text();
    const headers = Object.fromEntries(question.headers);
    expect(new Webhook(SECRET).verify(text, headers)).toEqual({
      type: "verification.requested",
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: { ...request, app: "default", country: "ID" },
    });
    expect(() => new Webhook(SECRET).verify(`${text} `, headers)).toThrow("No matching signature");
    expect([question.method, question.redirect, headers["webhook-id"]]).toEqual([
      "POST",
      "manual",
      expect.stringMatching(/^chk_/),
    ]);
  });

  it("the veto is requested before a resend as well", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const decisions = ["allow", "deny"];
    const asked = team(async () => Response.json({ decision: decisions.shift() }));
    const service = guarded({});
    const { body } = await service.start({ to: newNumber() });
    vi.setSystemTime(Date.now() + 30_000);
    const again = await service.call("POST", `/v1/verifications/${body.id}/resend`);
    expect([again.body.code, asked.length]).toEqual(["denied_by_policy", 2]);
  });

  it("a missing or invalid veto answer counts as on_failure says", async () => {
    const failures: Record<string, (request: Request) => Promise<Response>> = {
      "an error": async () => new Response(null, { status: 500 }),
      "a redirect": async () => new Response(null, { status: 302, headers: { location: URL_OF_TEAM } }),
      "a denial with an error's status": async () => Response.json({ decision: "deny" }, { status: 403 }),
      "no JSON": async () => new Response("allow"),
      "another word": json({ decision: "maybe" }),
      "no connection": async () => Promise.reject(new Error("connection refused")),
    };
    for (const [name, failure] of Object.entries(failures)) {
      team(failure);
      const lenient = guarded({ on_failure: "allow" });
      expect([name, (await lenient.start({ to: newNumber() })).status]).toEqual([name, 201]);
      const strict = guarded({ on_failure: "deny" });
      const { status, body } = await strict.start({ to: newNumber() });
      expect([name, status, body.code]).toEqual([name, 403, "denied_by_policy"]);
      expect(strict.events[0]?.decision.figures).toEqual({ reason: "no answer" });
    }
  });

  it("a veto answer is awaited for a second and a half", async () => {
    const limits: number[] = [];
    const never = AbortSignal.timeout;
    vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
      limits.push(ms);
      return ms === 1500 ? AbortSignal.abort(new DOMException("too late", "TimeoutError")) : never(ms);
    });
    team(silence);
    expect((await guarded({ on_failure: "deny" }).start({ to: newNumber() })).body.code).toBe(
      "denied_by_policy",
    );
    expect((await guarded({ on_failure: "allow" }).start({ to: newNumber() })).status).toBe(201);
    expect(limits.filter((ms) => ms === 1500)).toHaveLength(2);
  });

  it("the reason of a veto goes to the team and not to the caller, shortened and without phone numbers", async () => {
    const to = newNumber();
    team(json({ decision: "deny", reason: `${to} is a fraud ${"!".repeat(300)}` }));
    const service = guarded({});
    const { text } = await service.start({ to });
    const reason = String(service.events[0]?.decision.figures.reason);
    expect(reason).toMatch(/^\+\* is a fraud !+$/);
    expect(reason.length).toBeLessThanOrEqual(200);
    expect(text).not.toContain("fraud");
  });

  it.each([
    ["no address", { veto: { mode: "enforce" } }, WITH_SECRET, /^GUARD\.veto\.url is not an https address/],
    ["a number in clear", settings({ url: "http://team.test/check" }), WITH_SECRET, /^GUARD\.veto\.url/],
    ["no secret", settings({}), {}, /^GUARD_VETO_SECRET is missing/],
    ["a weak secret", settings({}), { GUARD_VETO_SECRET: "whsec_c2hvcnQ=" }, /^GUARD_VETO_SECRET/],
    ["a word of its own", settings({ on_failure: "ask" }), WITH_SECRET, /^GUARD\.veto\.on_failure/],
  ])("with %s does not start", (_, guard, secret, complaint) => {
    expect(() => new GuardedService(guard, secret)).toThrow(complaint);
  });

  it("the veto may be on the developer's own machine, and needs no secret while it is off", () => {
    for (const url of ["http://localhost:3000/check", "http://127.0.0.1/"]) guarded({ url });
    new GuardedService(settings({ mode: "off", url: "nonsense" }));
  });
});
