import { describe, expect, it } from "vitest";
import { authenticationSend, createRig, NOW, type Rig, SETTINGS } from "./rig.ts";
import { STARTING_LANGUAGES } from "./templates/languages.ts";

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
  it("contains an approved verification_code in every known language at the start", async () => {
    const { data } = await list(createRig(), "?limit=100&status=approved");
    expect(data.map(({ language }) => language)).toEqual(STARTING_LANGUAGES);
    expect(new Set(data.map(({ name }) => name))).toEqual(new Set(["verification_code"]));
  });

  it("has pages until next is absent", async () => {
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

  it("has quality and rejection reason only when fields names them", async () => {
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
  it("approves the template at once and returns its OTP button as a URL button", async () => {
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

  it("accepts the lower-case spelling", async () => {
    const response = await createRig().graph("POST", `${account}/message_templates`, {
      ...request,
      category: "authentication",
      components: [{ type: "buttons", buttons: [{ type: "otp", otp_type: "copy_code" }] }],
    });
    expect(response.status).toBe(200);
  });

  it("rejects a name and language that already exist", async () => {
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
    languages: ["en_US", "id", "sv", "pt_BR", "fr", "de", "es", "it", "ja", "zh_CN"],
    components: [{ type: "BUTTONS", buttons: [{ type: "OTP", otp_type: "COPY_CODE" }] }],
  };

  it("creates in ten languages, then updates under the same ids", async () => {
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

  it("rejects custom button labels", async () => {
    const response = await createRig().graph("POST", `${account}/upsert_message_templates`, {
      ...upsert,
      components: request.components,
    });
    expect(response.status).toBe(400);
  });
});

describe("review", () => {
  it("stays pending in manual mode until a control call", async () => {
    const rig = createRig();
    await rig.control("PUT", "/behaviour", { review: "manual" });
    const response = await rig.graph("POST", `${account}/message_templates`, request);
    expect(await response.json()).toMatchObject({ status: "PENDING" });
    const send = authenticationSend({ name: "login_code" });
    expect((await rig.send(send)).status).toBe(404);
    const decision = await rig.control("POST", "/templates/login_code/status", { status: "APPROVED" });
    expect(await decision.json()).toEqual({ webhook_status: 200 });
    expect((await rig.send(send)).status).toBe(200);
    const { data } = await list(rig, "?name=login_code&fields=status");
    expect(data).toMatchObject([{ status: "APPROVED" }]);
  });

  it("posts a status update in Meta's format", async () => {
    const rig = createRig();
    const decision = { language: "pt_BR", status: "REJECTED", reason: "INVALID_FORMAT" };
    await rig.control("POST", "/templates/verification_code/status", decision);
    const [template] = (await list(rig, "?language=pt_BR&fields=status,rejected_reason")).data;
    expect(template).toMatchObject({ status: "REJECTED", rejected_reason: "INVALID_FORMAT" });
    expect(rig.received).toHaveLength(1);
    expect(rig.received[0]?.signature).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(JSON.parse(rig.received[0]?.body ?? "")).toEqual({
      object: "whatsapp_business_account",
      entry: [
        {
          id: SETTINGS.businessAccountId,
          time: expect.any(Number),
          changes: [
            {
              field: "message_template_status_update",
              value: {
                event: "REJECTED",
                message_template_id: Number(template?.id),
                message_template_name: "verification_code",
                message_template_language: "pt-BR",
                reason: "INVALID_FORMAT",
                message_template_category: "AUTHENTICATION",
              },
            },
          ],
        },
      ],
    });
  });

  it("posts a webhook with all languages when the call names none", async () => {
    const rig = createRig();
    await rig.control("POST", "/templates/verification_code/status", { status: "PAUSED" });
    expect(rig.received).toHaveLength(1);
    const { changes } = JSON.parse(rig.received[0]?.body ?? "").entry[0];
    expect(changes).toHaveLength(STARTING_LANGUAGES.length);
    expect(changes[0].value).toMatchObject({ event: "PAUSED", reason: null });
    expect((await list(rig, "?status=PAUSED&limit=100")).data).toHaveLength(STARTING_LANGUAGES.length);
  });

  it.each([
    ["PAUSED", "REINSTATED", "APPROVED"],
    ["ARCHIVED", "UNARCHIVED", "APPROVED"],
    ["APPROVED", "FLAGGED", "APPROVED"],
    ["PAUSED", "LOCKED", "PAUSED"],
  ])("of a %s template by the event %s leaves it %s", async (before, event, after) => {
    const rig = createRig();
    for (const status of [before, event]) {
      await rig.control("POST", "/templates/verification_code/status", { language: "id", status });
    }
    expect(rig.received.at(-1)?.body).toContain(`"event":"${event}"`);
    expect((await list(rig, "?language=id&fields=status")).data).toMatchObject([{ status: after }]);
  });

  it("posts a quality update with the previous score", async () => {
    const rig = createRig();
    for (const score of ["GREEN", "RED"]) {
      const path = "/templates/verification_code/quality";
      const answer = await rig.control("POST", path, { language: "en_US", score });
      expect(await answer.json()).toEqual({ webhook_status: 200 });
    }
    const [change] = JSON.parse(rig.received[1]?.body ?? "").entry[0].changes;
    expect(change).toEqual({
      field: "message_template_quality_update",
      value: {
        previous_quality_score: "GREEN",
        new_quality_score: "RED",
        message_template_id: expect.any(Number),
        message_template_name: "verification_code",
        message_template_language: "en-US",
      },
    });
    const [asked] = (await list(rig, "?language=en_US&fields=quality_score")).data;
    expect(asked).toMatchObject({ quality_score: { score: "RED" } });
  });

  it.each([
    ["/templates/nothing/status", { status: "PAUSED" }, 404],
    ["/templates/verification_code/status", { status: "PAUSED", language: "sv" }, 404],
    ["/templates/verification_code/status", { status: "GONE" }, 400],
    ["/templates/verification_code/quality", { score: "BLUE" }, 400],
    ["/templates/nothing/quality", { score: "RED" }, 404],
  ])("%s with %j gets no webhook", async (path, body, status) => {
    const rig = createRig();
    expect((await rig.control("POST", path, body)).status).toBe(status);
    expect(rig.received).toEqual([]);
  });
});

describe("deleting a template", () => {
  const remove = (rig: Rig, query: string) => rig.graph("DELETE", `${account}/message_templates?${query}`);
  const create = (rig: Rig, language = "en_US") =>
    rig.graph("POST", `${account}/message_templates`, { ...request, language });

  it("by name deletes every language and blocks the name for thirty days", async () => {
    let now = NOW;
    const rig = createRig({ now: () => now });
    await create(rig);
    await create(rig, "id");
    expect(await (await remove(rig, "name=login_code")).json()).toEqual({ success: true });
    expect((await list(rig, "?name=login_code")).data).toEqual([]);
    expect((await rig.send(authenticationSend({ name: "login_code" }))).status).toBe(404);
    now += 30 * 86_400_000 - 1;
    expect(await (await create(rig, "sv")).json()).toMatchObject({ error: { code: 100 } });
    now += 1;
    expect((await create(rig, "sv")).status).toBe(200);
  });

  it("by id and name deletes a single language", async () => {
    const rig = createRig();
    const { id } = await (await create(rig)).json();
    await create(rig, "id");
    expect((await remove(rig, `hsm_id=${id}&name=login_code`)).status).toBe(200);
    expect((await list(rig, "?name=login_code")).data).toMatchObject([{ language: "id" }]);
    expect((await create(rig)).status).toBe(400);
    expect((await create(rig, "sv")).status).toBe(200);
  });

  it("blocks no name of a template that was never approved", async () => {
    const rig = createRig();
    await rig.control("PUT", "/behaviour", { review: "manual" });
    await create(rig);
    await remove(rig, "name=login_code");
    expect((await create(rig)).status).toBe(200);
  });

  it.each(["name=nothing", "hsm_id=1&name=login_code", "", "hsm_id=594425479261000&name=login_code"])(
    "refuses %j",
    async (query) => {
      const rig = createRig();
      await create(rig);
      expect(await (await remove(rig, query)).json()).toMatchObject({ error: { code: 100 } });
      expect((await list(rig, "?limit=100")).data).toHaveLength(STARTING_LANGUAGES.length + 1);
    },
  );
});

describe("previews", () => {
  const preview = (query: string) =>
    createRig().graph("GET", `${account}/message_template_previews?${query}`);

  it.each(["language", "languages"])("show Meta's words in the %s asked for", async (name) => {
    const options = "add_security_recommendation=true&code_expiration_minutes=10&button_types=OTP";
    const response = await preview(`category=AUTHENTICATION&${name}=en_US,id&${options}`);
    expect(await response.json()).toEqual({
      data: [
        {
          body: "*{{1}}* is your verification code. For your security, do not share this code.",
          buttons: [{ autofill_text: "Autofill", text: "Copy code" }],
          footer: "This code expires in 10 minutes.",
          language: "en_US",
        },
        expect.objectContaining({ language: "id", footer: "Kode ini kedaluwarsa dalam 10 menit." }),
      ],
    });
  });

  it("omit the parts that are not requested", async () => {
    const { data } = await (await preview("category=authentication&language=en_US&button_types=otp")).json();
    expect(data).toEqual([
      {
        body: "*{{1}}* is your verification code.",
        buttons: [{ autofill_text: "Autofill", text: "Copy code" }],
        language: "en_US",
      },
    ]);
  });

  it.each(["button_types=OTP", "category=UTILITY&button_types=OTP", "category=AUTHENTICATION"])(
    "refuse %s",
    async (query) => {
      expect(await (await preview(query)).json()).toMatchObject({ error: { code: 100 } });
    },
  );
});
