import { describe, expect, it } from "vitest";
import { APP, BUSINESS_PORTFOLIO, SYSTEM_USER } from "./account/settings.ts";
import { authenticationSend, createRig, NOW, SETTINGS, SHIPPING_UPDATE, shippingSend } from "./rig.ts";
import { ACCOUNT, APP_TOKEN, NUMBER, read, setAccount } from "./rig-account.ts";

const USER = "+6281234567890";

describe("the account at Meta", () => {
  it("is healthy from the start, and an empty change leaves it so", async () => {
    const rig = createRig({ verifyToken: "a verify token" });
    const before = await (await rig.control("GET", "/account")).json();
    expect(before).toMatchObject({
      published: true,
      webhook: { url: SETTINGS.webhookUrl, verify_token: "a verify token" },
      subscribed: true,
      verification: "verified",
      limit: "TIER_2K",
      payment: true,
      status: "CONNECTED",
      token: { expires_at: 0, wabas: [SETTINGS.businessAccountId] },
      number_waba: SETTINGS.businessAccountId,
    });
    expect(await setAccount(rig, {})).toEqual(before);
    expect((await read(rig, `${NUMBER}?fields=health_status`)).body.health_status.can_send_message).toBe(
      "AVAILABLE",
    );
  });

  it("keeps what a change leaves out, also within webhook and token, until everything is forgotten", async () => {
    const rig = createRig();
    const before = await (await rig.control("GET", "/account")).json();
    await setAccount(rig, { webhook: { fields: [] }, token: { expires_at: 1 } });
    const after = await setAccount(rig, { limit: "TIER_250" });
    expect(after).toEqual({
      ...before,
      limit: "TIER_250",
      webhook: { ...before.webhook, fields: [] },
      token: { ...before.token, expires_at: 1 },
    });
    await rig.control("DELETE", "");
    expect(await (await rig.control("GET", "/account")).json()).toEqual(before);
  });

  it.each([{ limit: "TIER_3" }, { paid: true }, { pin: "12" }, { token: { expires: 0 } }])(
    "refuses a setting that it does not know: %o",
    async (part) => {
      const response = await createRig().control("PUT", "/account", part);
      expect(response.status).toBe(400);
    },
  );

  it("names its fields to a reader and refuses one that the node does not have", async () => {
    const rig = createRig();
    const account = await read(
      rig,
      `${ACCOUNT}?fields=business_verification_status,owner_business_info{id,name}`,
    );
    expect(account.body).toEqual({
      id: SETTINGS.businessAccountId,
      business_verification_status: "verified",
      owner_business_info: BUSINESS_PORTFOLIO,
    });
    const numbers = await read(rig, `${ACCOUNT}/phone_numbers?fields=id,status,is_pin_enabled`);
    expect(numbers.body.data).toEqual([
      { id: SETTINGS.phoneNumberId, status: "CONNECTED", is_pin_enabled: false },
    ]);
    const users = await read(rig, `${ACCOUNT}/assigned_users?business=${BUSINESS_PORTFOLIO.id}`);
    expect(users.body.data).toMatchObject([
      { id: SYSTEM_USER.id, tasks: expect.arrayContaining(["MANAGE"]) },
    ]);
    for (const path of [
      `${ACCOUNT}?fields=display_phone_number`,
      `${NUMBER}?fields=message_template_namespace`,
    ]) {
      expect(await read(rig, path)).toMatchObject({ status: 400, body: { code: 100 } });
    }
    expect(await read(rig, `${ACCOUNT}?fields=primary_funding_id`)).toMatchObject({ body: { code: 10 } });
  });

  it("lists a number under the account that it belongs to", async () => {
    const rig = createRig();
    const other = { id: "77", display_phone_number: "+1 206-555-0177", verified_name: "Shop" };
    await setAccount(rig, { more_numbers: [other] });
    const list = await read(rig, `${ACCOUNT}/phone_numbers?fields=verified_name`);
    expect(list.body.data).toMatchObject([{ verified_name: "Sandi" }, { id: "77", verified_name: "Shop" }]);
    expect((await read(rig, "/v26.0/77?fields=status")).body.status).toBe("CONNECTED");
    await setAccount(rig, { number_waba: "999" });
    expect((await read(rig, `${ACCOUNT}/phone_numbers`)).body.data).toEqual([]);
    expect((await read(rig, NUMBER)).status).toBe(200);
  });

  it.each([
    ["payment", { payment: false }, "BLOCKED", { entity_type: "WABA", errors: [{ error_code: 141006 }] }],
    [
      "verification",
      { verification: "pending" },
      "LIMITED",
      { entity_type: "BUSINESS", errors: [{ error_code: 141010 }] },
    ],
    [
      "display name",
      { name_status: "PENDING_REVIEW" },
      "LIMITED",
      { entity_type: "PHONE_NUMBER", additional_info: [expect.stringContaining("display name")] },
    ],
    ["registration", { platform_type: "NOT_APPLICABLE" }, "BLOCKED", { entity_type: "PHONE_NUMBER" }],
    [
      "app, as a test words it",
      { health: [{ entity_type: "APP", can_send_message: "LIMITED" }] },
      "LIMITED",
      { entity_type: "APP" },
    ],
  ])("has a health that names the missing %s", async (_, part, worst, entity) => {
    const rig = createRig();
    await setAccount(rig, part);
    const { body } = await read(rig, `${NUMBER}?fields=health_status`);
    expect(body.health_status.can_send_message).toBe(worst);
    const faulty = body.health_status.entities.filter(
      ({ can_send_message }: { can_send_message: string }) => can_send_message !== "AVAILABLE",
    );
    expect(faulty).toMatchObject([{ can_send_message: worst, ...entity }]);
  });

  it("has the health of a template, as the one of the number that sends it", async () => {
    const rig = createRig();
    await setAccount(rig, { payment: false });
    const { data } = (await read(rig, `${ACCOUNT}/message_templates?fields=id&limit=1`)).body;
    const { body } = await read(rig, `/v26.0/${data[0].id}?fields=name,health_status`);
    expect(body).toMatchObject({ name: "verification_code", health_status: { can_send_message: "BLOCKED" } });
  });
});

describe("a token", () => {
  it("is described to itself and to its app", async () => {
    const rig = createRig();
    await setAccount(rig, {
      token: { expires_at: NOW / 1000 + 1_000.5, scopes: ["whatsapp_business_messaging"] },
    });
    const path = `/v26.0/debug_token?input_token=${encodeURIComponent(SETTINGS.accessToken)}`;
    for (const token of [SETTINGS.accessToken, APP_TOKEN]) {
      const target_ids = [SETTINGS.businessAccountId];
      expect((await read(rig, path, token)).body.data).toMatchObject({
        app_id: APP.id,
        type: "SYSTEM_USER",
        is_valid: true,
        scopes: ["whatsapp_business_messaging"],
        granular_scopes: [{ scope: "whatsapp_business_messaging", target_ids }],
      });
    }
    expect((await read(rig, "/v26.0/debug_token?input_token=other", APP_TOKEN)).body.data).toMatchObject({
      is_valid: false,
      error: { code: 190 },
    });
    await setAccount(rig, { token: { app_id: "9" } });
    expect(await read(rig, path, APP_TOKEN)).toMatchObject({ status: 400, body: { code: 100 } });
    expect((await read(rig, "/v26.0/app?fields=id,name")).body.id).toBe("9");
    const withOurSecret = await read(rig, "/v26.0/9?fields=id", `9|${SETTINGS.appSecret}`);
    expect(withOurSecret.body).toMatchObject({ code: 1, message: "Error validating client secret." });
    expect((await read(rig, "/v26.0/8?fields=id", `8|${SETTINGS.appSecret}`)).body.code).toBe(101);
  });

  it("of an app with a wrong secret is refused: by debug_token with 190, else with 1", async () => {
    const rig = createRig();
    await setAccount(rig, { app_secret: "another secret" });
    expect(await read(rig, "/v26.0/debug_token?input_token=x", APP_TOKEN)).toMatchObject({
      status: 400,
      body: { code: 190 },
    });
    expect(await read(rig, `/v26.0/${APP.id}?fields=id`, APP_TOKEN)).toMatchObject({
      status: 400,
      body: { code: 1, message: "Error validating client secret." },
    });
    const right = await read(rig, `/v26.0/${APP.id}?fields=id,name`, `${APP.id}|another secret`);
    expect(right.body).toEqual(APP);
  });

  it.each([
    ["expired", { expires_at: NOW / 1000 - 0.5 }, 401, { code: 190, error_subcode: 463 }],
    ["without the scope", { scopes: ["whatsapp_business_messaging"] }, 403, { code: 200 }],
    ["not assigned to the account", { wabas: [] }, 400, { code: 100, error_subcode: 33 }],
  ])("that is %s reads neither account nor number", async (_, token, status, body) => {
    const rig = createRig();
    await setAccount(rig, { token });
    for (const path of [ACCOUNT, NUMBER, `${ACCOUNT}/phone_numbers`, `${ACCOUNT}/message_templates`]) {
      expect(await read(rig, path)).toMatchObject({ status, body });
    }
  });

  it.each([
    ["expired", { expires_at: 1 }, { code: 190 }],
    ["without the scope", { scopes: ["whatsapp_business_management"] }, { code: 10 }],
    ["not assigned to the account", { wabas: [] }, { code: 100, error_subcode: 33 }],
  ])("that is %s sends nothing", async (_, token, error) => {
    const rig = createRig();
    await setAccount(rig, { token });
    await expect(rig.sent()).rejects.toThrow(`"code":${error.code}`);
  });

  it("without the task of templates creates none", async () => {
    const rig = createRig();
    await setAccount(rig, { token: { tasks: ["MESSAGING"] } });
    const response = await rig.graph("POST", `${ACCOUNT}/message_templates`, {});
    expect(await response.json()).toMatchObject({
      error: { code: 100, message: expect.stringContaining("Need permission") },
    });
  });
});

describe("authentication templates", () => {
  const template = {
    name: "login_code",
    category: "AUTHENTICATION",
    components: [{ type: "BUTTONS", buttons: [{ type: "OTP", otp_type: "COPY_CODE" }] }],
  };

  it.each([
    { verification: "pending" },
    { limit: "TIER_250" },
    { limit: "TIER_1K" },
    { account_mode: "SANDBOX" },
  ])("cannot be made by an account with %o", async (part) => {
    const rig = createRig();
    await setAccount(rig, part);
    const calls = [
      rig.graph("POST", `${ACCOUNT}/message_templates`, { ...template, language: "fr" }),
      rig.graph("POST", `${ACCOUNT}/upsert_message_templates`, { ...template, languages: ["fr"] }),
    ];
    for (const response of await Promise.all(calls)) {
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ error: { code: 10, error_subcode: 2388185 } });
    }
    await setAccount(rig, { verification: "verified", limit: "TIER_UNLIMITED", account_mode: "LIVE" });
    const made = await rig.graph("POST", `${ACCOUNT}/upsert_message_templates`, {
      ...template,
      languages: ["fr"],
    });
    expect(await made.json()).toMatchObject({ data: [{ status: "APPROVED" }] });
  });
});

describe("webhooks of an account", () => {
  const inbound = { from: USER, text: "hello" };

  it.each([
    ["unpublished", { published: false }],
    ["not subscribed to the account", { subscribed: false }],
    ["without a webhook", { webhook: { url: null } }],
    ["subscribed to other fields only", { webhook: { fields: ["account_update"] } }],
    ["of another account than the number", { number_waba: "999" }],
  ])("about messages do not come to an app that is %s", async (_, part) => {
    const rig = createRig();
    await setAccount(rig, part);
    // A number of another account sends no template, and has no statuses either.
    await rig.send(authenticationSend());
    await rig.simulator.settled();
    expect(await (await rig.control("POST", "/inbound", inbound)).json()).toEqual({ webhook_status: null });
    expect(rig.received).toEqual([]);
  });

  it("are signed with the app's own secret", async () => {
    const rig = createRig();
    await rig.control("POST", "/inbound", inbound);
    await setAccount(rig, { app_secret: "another secret" });
    await rig.control("POST", "/inbound", inbound);
    const [first, second] = rig.received.map(({ signature }) => signature);
    expect(second).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(second).not.toBe(first);
  });

  it("go to the number's override, then to the account's, while templates stay with the app", async () => {
    const rig = createRig();
    const review = { status: "PAUSED", language: "id" };
    await setAccount(rig, { override: { account: "http://sandi.test/account" } });
    await rig.control("POST", "/inbound", inbound);
    await rig.control("POST", "/templates/verification_code/status", review);
    await setAccount(rig, { override: { number: "http://sandi.test/number" } });
    await rig.control("POST", "/inbound", inbound);
    const { body } = await read(rig, `${NUMBER}?fields=webhook_configuration`);
    expect(body.webhook_configuration).toEqual({
      application: SETTINGS.webhookUrl,
      whatsapp_business_account: "http://sandi.test/account",
      phone_number: "http://sandi.test/number",
    });
    expect(rig.received.map(({ url }) => url)).toEqual([
      "http://sandi.test/account",
      SETTINGS.webhookUrl,
      "http://sandi.test/number",
    ]);
  });

  it("to another host never leave the machine", async () => {
    const rig = createRig();
    await setAccount(rig, { webhook: { url: "https://crm.example.com/hook" } });
    await rig.control("POST", "/inbound", inbound);
    expect(rig.received).toEqual([]);
  });

  it("put the app on standby while Meta's agent answers", async () => {
    const rig = createRig();
    await setAccount(rig, { agent_active: true });
    await rig.control("POST", "/inbound", inbound);
    const [change] = JSON.parse(rig.received[0]?.body ?? "").entry[0].changes;
    expect(change).toMatchObject({ field: "standby", value: { messages: [{ text: { body: "hello" } }] } });
  });

  it("tell of a template that Meta moves to another category, which is then sent as one of that", async () => {
    const rig = createRig();
    await rig.graph("POST", `${ACCOUNT}/message_templates`, SHIPPING_UPDATE);
    await rig.control("PUT", "/behaviour", { delivery: "manual" });
    const moved = await rig.control("POST", "/templates/shipping_update/category", { category: "MARKETING" });
    expect(await moved.json()).toEqual({ webhook_status: 200 });
    const [change] = JSON.parse(rig.received.at(-1)?.body ?? "").entry[0].changes;
    expect(change).toMatchObject({
      field: "template_category_update",
      value: { previous_category: "UTILITY", new_category: "MARKETING" },
    });
    const { data } = (await read(rig, `${ACCOUNT}/message_templates?name=shipping_update`)).body;
    expect(data).toMatchObject([{ category: "MARKETING" }]);
    await rig.sent(shippingSend());
    const { messages } = await (await rig.control("GET", "/messages")).json();
    expect(messages[0].category).toBe("marketing");
  });

  it("of templates need their field", async () => {
    const rig = createRig();
    await setAccount(rig, { webhook: { fields: ["messages"] } });
    const paused = await rig.control("POST", "/templates/verification_code/status", { status: "PAUSED" });
    expect(await paused.json()).toEqual({ webhook_status: null });
    expect(rig.received).toEqual([]);
  });
});

describe("sends of an account", () => {
  it.each([
    ["is banned", { status: "BANNED" }, 131031],
    ["has no payment method", { payment: false }, 131042],
    ["is a test account", { account_mode: "SANDBOX" }, 132001],
    ["does not own the number", { number_waba: "999" }, 132001],
    ["may not write to the country", { blocked_countries: ["ID"] }, 130497],
  ])("that %s are refused", async (_, part, code) => {
    const rig = createRig();
    await setAccount(rig, part);
    await expect(rig.sent()).rejects.toThrow(`"code":${code}`);
    expect(await (await rig.control("GET", "/messages")).json()).toEqual({ messages: [] });
  });

  it("for tests reach those who have written", async () => {
    const rig = createRig();
    await setAccount(rig, { account_mode: "SANDBOX" });
    const template = { name: "hello", language: "en_US", category: "UTILITY" };
    const components = [{ type: "BODY", text: "Hello there." }];
    await rig.graph("POST", `${ACCOUNT}/message_templates`, { ...template, components });
    const send = { messaging_product: "whatsapp", to: USER, type: "template" };
    const hello = { ...send, template: { name: "hello", language: { code: "en_US" } } };
    await expect(rig.sent(hello)).rejects.toThrow('"code":131030');
    await rig.control("POST", "/inbound", { from: USER, text: "hi" });
    await rig.sent(hello);
  });
});

describe("management calls", () => {
  it("fail on demand, while sends go on", async () => {
    const rig = createRig();
    await rig.control("PUT", "/behaviour", { management: "fail" });
    expect(await read(rig, ACCOUNT)).toMatchObject({ status: 503, body: { code: 2 } });
    await rig.sent();
  });

  it("hang on demand until their client disconnects", async () => {
    const rig = createRig();
    await rig.control("PUT", "/behaviour", { management: "hang" });
    const client = new AbortController();
    const held = rig.graph("GET", NUMBER, undefined, client.signal);
    expect(await Promise.race([held, rig.sent()])).toMatch(/^wamid/);
    client.abort();
    await held;
  });

  it("are listed without their query", async () => {
    const rig = createRig();
    await read(rig, `${NUMBER}?fields=status`);
    await rig.sent();
    await rig.graph("POST", `${ACCOUNT}/message_templates`, {});
    const listed = async (query = "") => (await (await rig.control("GET", `/calls${query}`)).json()).calls;
    expect(await listed()).toEqual([
      { method: "GET", path: NUMBER },
      { method: "POST", path: `${ACCOUNT}/message_templates` },
    ]);
    expect(await listed("?method=POST")).toHaveLength(1);
  });
});
