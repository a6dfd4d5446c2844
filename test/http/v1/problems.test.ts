import { describe, expect, it, vi } from "vitest";
import { PhoneNumber } from "../../../src/phone-number/phone-number.ts";
import { PROBLEMS, type ProblemCode } from "../../../src/platform/problem.ts";
import {
  type Answer,
  api,
  check,
  codeSentTo,
  control,
  newNumber,
  start,
  useDeployment,
  wrong,
} from "../../deployment.ts";
import { GuardedService } from "../../guard/guarded-service.ts";

const deployment = useDeployment();

/** Has WhatsApp refuse a template with an error of its own. */
function putTemplate(error: object): Promise<Answer> {
  vi.mocked(fetch).mockImplementationOnce(async () => Response.json({ error }, { status: 400 }));
  return api("PUT", "/v1/templates/codes", { category: "authentication", languages: ["id"] });
}

/** How each problem comes about. A code without a row here fails the table's own test below. */
const CAUSES: Record<ProblemCode, () => Promise<Answer>> = {
  invalid_request: () => start({ to: newNumber(), unknown: 1 }),
  invalid_phone_number: () => start({ to: "+1555" }),
  unknown_purpose: () => start({ to: newNumber(), purpose: "lottery" }),
  unauthorized: () => start({ to: newNumber() }, { authorization: "Bearer nonsense" }),
  async forbidden() {
    const { body } = await api("POST", "/v1/keys", { name: "reader", scopes: ["reports"] });
    return start({ to: newNumber() }, { authorization: `Bearer ${body.key}` });
  },
  not_found: () => api("GET", "/v1/verifications/vrf_00000000000000000000000000"),
  payload_too_large: () => start({ to: newNumber(), metadata: { a: "x".repeat(70_000) } }),
  async idempotency_mismatch() {
    const to = newNumber();
    await start({ to }, { "idempotency-key": "k" });
    return start({ to, locale: "id" }, { "idempotency-key": "k" });
  },
  async idempotency_in_progress() {
    const to = newNumber();
    let meanwhile: Answer | undefined;
    vi.mocked(fetch).mockImplementationOnce(async () => {
      meanwhile = await start({ to }, { "idempotency-key": "k" });
      return new Response(null, { status: 500 });
    });
    await start({ to }, { "idempotency-key": "k" });
    if (meanwhile === undefined) throw new Error("Nothing was sent");
    return meanwhile;
  },
  window_closed: () => api("POST", "/v1/messages", { to: newNumber(), text: "Hello" }),
  template_rejected: () => putTemplate({ code: 100, error_subcode: 2388019 }),
  provider_failed: () => putTemplate({ code: 190 }),
  destination_not_allowed: () => start({ to: "+881612345678" }),
  denied_by_policy() {
    const veto = { mode: "enforce", url: "https://team.test/nobody", on_failure: "deny" };
    const secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    return new GuardedService({ veto }, { GUARD_VETO_SECRET: secret }).start({ to: newNumber() });
  },
  async traffic_blocked() {
    const service = new GuardedService({ caps: { sends_per_day: 1 } });
    await service.start({ to: newNumber() });
    return service.start({ to: newNumber() });
  },
  async rate_limited() {
    const limits = { account: "u_42" };
    for (let sends = 0; sends < 10; sends += 1) await start({ to: newNumber(), limits });
    return start({ to: newNumber(), limits });
  },
  async resend_too_soon() {
    const to = newNumber();
    await start({ to });
    return start({ to });
  },
  async send_limit_reached() {
    const to = newNumber();
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    for (let send = 0; send < 10; send += 1) {
      const { body } = await start({ to });
      await api("DELETE", `/v1/verifications/${body.id}`);
    }
    return start({ to });
  },
  async number_locked() {
    const to = newNumber();
    for (let round = 0; round < 2; round += 1) {
      const { body } = await start({ to });
      for (let attempt = 0; attempt < 5; attempt += 1) {
        await check(body.id, wrong(await codeSentTo(deployment, to)));
      }
    }
    return start({ to });
  },
  invalid_message: () => api("POST", "/hooks/auth0", { recipient: newNumber() }),
  async channel_failed() {
    await control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status: 400, code: 131026 }] });
    return start({ to: newNumber() });
  },
  async channel_unavailable() {
    const busy = { http_status: 400, code: 131056 };
    await control(deployment, "PUT", "/behaviour", { fail_next: [busy] });
    return start({ to: newNumber() });
  },
  async unavailable() {
    vi.spyOn(PhoneNumber.prototype, "start").mockImplementation(() => {
      throw Object.assign(new Error("the secret inner life of the object"), { overloaded: true });
    });
    return start({ to: newNumber() });
  },
  async internal() {
    vi.spyOn(PhoneNumber.prototype, "start").mockImplementation(() => {
      throw new Error("the secret inner life of the object");
    });
    return start({ to: newNumber() });
  },
};

describe.each(Object.entries(CAUSES))("%s", (code, cause) => {
  it("is a problem of the catalogue, with its headers", async () => {
    const { status, headers, body, text } = (await cause()) as Answer<Record<string, unknown>>;
    const [expected, title] = PROBLEMS[code as ProblemCode];
    expect(status).toBe(expected);
    expect(body).toMatchObject({ type: `urn:sandi:problem:${code}`, title, status: expected, code });
    expect(body.detail).toEqual(expect.any(String));
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(headers.get("x-request-id")).toBe(body.request_id);
    expect(text).not.toContain("inner life");
    if (status === 429) {
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
      expect(headers.get("ratelimit-policy")).toMatch(/^"[a-z-]+";q=\d+;w=\d+$/);
      expect(headers.get("ratelimit")).toMatch(/^"[a-z-]+";r=0;t=\d+$/);
    }
    if (status === 401) expect(headers.get("www-authenticate")).toMatch(/^Bearer/);
    if (status === 503 || code === "idempotency_in_progress")
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("invalid input", () => {
  it("is answered with every fault at once, each with its pointer", async () => {
    const { status, body } = await start({
      to: 7,
      purpose: "lottery",
      locale: "not a tag!",
      channels: ["pigeon"],
      code: "1",
      surprise: true,
      bind: { amount: 5, currency: "euro", payee: "" },
      metadata: { "a/b~c": 5 },
      client: { ip: "here" },
      limits: { Account: "x" },
    });
    expect([status, body.code]).toEqual([400, "invalid_request"]);
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual([
      "/bind/amount",
      "/bind/currency",
      "/bind/payee",
      "/channels/0",
      "/client/ip",
      "/code",
      "/limits/Account",
      "/locale",
      "/metadata/a~1b~0c",
      "/purpose",
      "/surprise",
      "/to",
    ]);
  });

  it("is answered with a missing binding beside the other faults", async () => {
    const { body } = await start({ to: "nobody", purpose: "transaction" });
    expect(body).toMatchObject({
      code: "invalid_request",
      errors: [{ pointer: "/to" }, { pointer: "/bind" }],
    });
  });

  it.each([
    [
      "too many metadata keys",
      { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, "v"])) },
    ],
    ["a metadata value that is too long", { metadata: { k: "v".repeat(257) } }],
    ["a code with a space", { code: "12 34" }],
    ["a code of 16 characters", { code: "1".repeat(16) }],
    ["a channel twice", { channels: ["whatsapp", "whatsapp"] }],
    ["no channel", { channels: [] }],
    ["an empty limit", { limits: { account: "" } }],
    ["null where a string belongs", { locale: null }],
  ])("is refused: %s", async (_, fields) => {
    expect(await start({ to: newNumber(), ...fields })).toMatchObject({
      status: 400,
      body: { code: "invalid_request" },
    });
    expect(deployment.graphCalls).toHaveLength(0);
  });
});
