import { describe, expect, it } from "vitest";
import { STARTING_LANGUAGES } from "./languages.ts";
import { authenticationSend, createRig, type Rig, SETTINGS } from "./rig.ts";

const account = `/v26.0/${SETTINGS.businessAccountId}`;
const request = {
  name: "login_code",
  language: "en_US",
  category: "AUTHENTICATION",
  message_send_ttl_seconds: 60,
  components: [
    { type: "BODY", add_security_recommendation: true },
    { type: "FOOTER", code_expiration_minutes: 10 },
    { type: "BUTTONS", buttons: [{ type: "OTP", otp_type: "COPY_CODE", text: "Copy it" }] },
  ],
};

async function list(rig: Rig, query: string) {
  const response = await rig.graph("GET", `${account}/message_templates${query}`);
  const answer: { data: Record<string, unknown>[]; paging?: { next?: string } } = await response.json();
  return answer;
}

describe("the template list", () => {
  it("starts with an approved verification_code in every language the simulator speaks", async () => {
    const { data } = await list(createRig(), "?limit=100&status=approved");
    expect(data.map(({ language }) => language)).toEqual(STARTING_LANGUAGES);
    expect(new Set(data.map(({ name }) => name))).toEqual(new Set(["verification_code"]));
  });

  it("pages until next is absent", async () => {
    const rig = createRig();
    const languages: unknown[] = [];
    let query: string | undefined = "?limit=7";
    while (query !== undefined) {
      const { data, paging } = await list(rig, query);
      languages.push(...data.map(({ language }) => language));
      query = paging?.next && new URL(paging.next).search;
    }
    expect(languages).toEqual(STARTING_LANGUAGES);
  });

  it.each([
    ["?language=pt_BR", 1],
    ["?name=verification_code&language=id", 1],
    ["?name=nothing", 0],
    ["?status=PAUSED", 0],
  ])("filters by %s", async (query, count) => {
    expect((await list(createRig(), query)).data).toHaveLength(count);
  });

  it("has quality and rejection reason only when asked for them", async () => {
    const rig = createRig();
    const [plain] = (await list(rig, "?limit=1")).data;
    expect(Object.keys(plain ?? {}).toSorted()).toEqual(
      ["category", "components", "id", "language", "name", "parameter_format", "status"].toSorted(),
    );
    const [asked] = (await list(rig, "?limit=1&fields=quality_score,rejected_reason")).data;
    expect(asked).toEqual({
      id: plain?.id,
      quality_score: { score: "UNKNOWN" },
      rejected_reason: "NONE",
    });
  });

  it.each(["?limit=0", "?after=%21", "?fields=colour"])("refuses %s", async (query) => {
    const response = await createRig().graph("GET", `${account}/message_templates${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 100 } });
  });
});

describe("creating a template", () => {
  it("approves it at once and reads its OTP button back as a URL button", async () => {
    const rig = createRig();
    const response = await rig.graph("POST", `${account}/message_templates`, request);
    expect(await response.json()).toEqual({
      id: expect.stringMatching(/^\d+$/),
      status: "APPROVED",
      category: "AUTHENTICATION",
    });
    const { data } = await list(rig, "?name=login_code&fields=components,message_send_ttl_seconds");
    expect(data).toMatchObject([
      {
        message_send_ttl_seconds: 60,
        components: [
          {
            type: "BODY",
            text: "*{{1}}* is your verification code. For your security, do not share this code.",
          },
          { type: "FOOTER", code_expiration_minutes: 10 },
          {
            type: "BUTTONS",
            buttons: [
              {
                type: "URL",
                text: "Copy it",
                url: "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
              },
            ],
          },
        ],
      },
    ]);
    expect((await rig.send(authenticationSend({ name: "login_code" }))).status).toBe(200);
  });

  it("takes the lower-case spelling too", async () => {
    const response = await createRig().graph("POST", `${account}/message_templates`, {
      ...request,
      category: "authentication",
      components: [{ type: "buttons", buttons: [{ type: "otp", otp_type: "copy_code" }] }],
    });
    expect(response.status).toBe(200);
  });

  it("refuses a name and language that are there already", async () => {
    const rig = createRig();
    await rig.graph("POST", `${account}/message_templates`, request);
    const response = await rig.graph("POST", `${account}/message_templates`, request);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 100, error_subcode: 2388024 } });
  });

  const buttons = (button: object) => ({ ...request, components: [{ type: "BUTTONS", buttons: [button] }] });
  const apps = [{ package_name: "com.example.app", signature_hash: "K8a/AINcGX7" }];
  it.each<[string, object]>([
    ["a name with capitals", { ...request, name: "Login" }],
    ["another category", { ...request, category: "MARKETING" }],
    ["no button", { ...request, components: [{ type: "BODY" }] }],
    ["a life of 91 minutes", { ...request, components: [{ type: "FOOTER", code_expiration_minutes: 91 }] }],
    ["a time to live of 29 seconds", { ...request, message_send_ttl_seconds: 29 }],
    ["a label of 26 characters", buttons({ type: "OTP", otp_type: "COPY_CODE", text: "x".repeat(26) })],
    ["one-tap without apps", buttons({ type: "OTP", otp_type: "ONE_TAP" })],
    [
      "zero-tap without its terms",
      buttons({ type: "OTP", otp_type: "ZERO_TAP", supported_apps: apps, zero_tap_terms_accepted: false }),
    ],
    [
      "a signature hash of 10 characters",
      buttons({
        type: "OTP",
        otp_type: "ONE_TAP",
        supported_apps: [{ package_name: "com.example", signature_hash: "K8a/AINcGX" }],
      }),
    ],
  ])("refuses %s", async (_case, body) => {
    const response = await createRig().graph("POST", `${account}/message_templates`, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 100 } });
  });
});

describe("bulk upsert", () => {
  const { language: _one, ...rest } = request;
  const upsert = {
    ...rest,
    languages: ["en_US", "id", "sv"],
    components: [{ type: "BUTTONS", buttons: [{ type: "OTP", otp_type: "COPY_CODE" }] }],
  };

  it("creates in every language, then updates under the same ids", async () => {
    const rig = createRig();
    const first = await (await rig.graph("POST", `${account}/upsert_message_templates`, upsert)).json();
    expect(first).toEqual({
      data: upsert.languages.map((language) => ({
        id: expect.stringMatching(/^\d+$/),
        status: "APPROVED",
        language,
      })),
    });
    const again = await rig.graph("POST", `${account}/upsert_message_templates`, upsert);
    expect(await again.json()).toEqual(first);
  });

  it("refuses a label of one's own", async () => {
    const response = await createRig().graph("POST", `${account}/upsert_message_templates`, {
      ...upsert,
      components: request.components,
    });
    expect(response.status).toBe(400);
  });
});
