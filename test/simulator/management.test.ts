import { describe, expect, it } from "vitest";
import { APP } from "./account/settings.ts";
import { createRig, NOW, type Rig, SETTINGS } from "./rig.ts";
import { ACCOUNT, APP_TOKEN, NUMBER, read, setAccount } from "./rig-account.ts";

describe("the app's webhook", () => {
  const APP_PATH = `/v26.0/${APP.id}/subscriptions`;
  const VERIFY_TOKEN = "a verify token";

  /** A rig whose Worker echoes the challenge for the right verify token, and the handshakes that it saw. */
  function rigWithWorker() {
    const handshakes: (string | null)[] = [];
    const rig = createRig({
      verifyToken: VERIFY_TOKEN,
      deliver: async (request) => {
        const { searchParams } = new URL(request.url);
        handshakes.push(searchParams.get("hub.verify_token"));
        return searchParams.get("hub.verify_token") === VERIFY_TOKEN
          ? new Response(searchParams.get("hub.challenge"))
          : new Response(null, { status: 403 });
      },
    });
    return { rig, handshakes };
  }

  async function subscribe(rig: Rig, choice: Record<string, string>, token = APP_TOKEN) {
    const parameters = {
      object: "whatsapp_business_account",
      callback_url: SETTINGS.webhookUrl,
      verify_token: VERIFY_TOKEN,
      ...choice,
    };
    const response = await rig.simulator.app.request(APP_PATH, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
      body: new URLSearchParams(parameters),
    });
    const body = await response.json();
    return body.error ?? body;
  }

  it("is set after a handshake within the call, with the fields that are named or with none", async () => {
    const { rig, handshakes } = rigWithWorker();
    await setAccount(rig, { webhook: { url: null, fields: [] } });
    expect((await read(rig, APP_PATH, APP_TOKEN)).body).toEqual({ data: [] });
    expect(await subscribe(rig, {})).toEqual({ success: true });
    const [bare] = (await read(rig, APP_PATH, APP_TOKEN)).body.data;
    expect(bare).toEqual({
      object: "whatsapp_business_account",
      callback_url: SETTINGS.webhookUrl,
      active: true,
    });
    expect(await subscribe(rig, { fields: "messages,account_update" })).toEqual({ success: true });
    const [named] = (await read(rig, APP_PATH, APP_TOKEN)).body.data;
    expect(named.fields).toMatchObject([{ name: "messages" }, { name: "account_update" }]);
    expect(handshakes).toEqual([VERIFY_TOKEN, VERIFY_TOKEN]);
  });

  it.each([
    ["another verify token", { verify_token: "another" }, 2200],
    ["a URL that answers nothing", { callback_url: "https://crm.example.com/" }, 2200],
    ["an unknown field", { fields: "messages,mesages" }, 100],
    ["another object", { object: "page" }, 100],
  ])("is refused for %s and stays as it was", async (_, choice, code) => {
    const { rig } = rigWithWorker();
    const before = await (await rig.control("GET", "/account")).json();
    expect(await subscribe(rig, choice)).toMatchObject({ code });
    expect(await (await rig.control("GET", "/account")).json()).toEqual(before);
  });

  it("belongs to the app: a system user's token is refused", async () => {
    const { rig } = rigWithWorker();
    expect(await subscribe(rig, {}, SETTINGS.accessToken)).toMatchObject({ code: 15 });
    expect((await read(rig, APP_PATH)).body).toMatchObject({ code: 15 });
  });

  it("can ignore the fields of a call, as has been reported of some apps", async () => {
    const { rig } = rigWithWorker();
    await setAccount(rig, { webhook: { fields: [], fields_by_api: false } });
    expect(await subscribe(rig, { fields: "messages" })).toEqual({ success: true });
    expect((await read(rig, APP_PATH, APP_TOKEN)).body.data[0].fields).toBeUndefined();
  });

  it("is removed whole, or field by field", async () => {
    const { rig } = rigWithWorker();
    const remove = (query: string) =>
      rig.simulator.app.request(`${APP_PATH}${query}`, {
        method: "DELETE",
        headers: { Authorization: `Bearer ${APP_TOKEN}` },
      });
    await setAccount(rig, { webhook: { fields: ["messages", "security"] } });
    await remove("?fields=security");
    expect((await read(rig, APP_PATH, APP_TOKEN)).body.data[0].fields).toMatchObject([{ name: "messages" }]);
    await remove("");
    expect((await read(rig, APP_PATH, APP_TOKEN)).body.data).toEqual([]);
  });

  it("is verified when its form in the dashboard is saved, also where the handshake fails", async () => {
    const { rig, handshakes } = rigWithWorker();
    await setAccount(rig, { webhook: { verify_token: "another" } });
    await setAccount(rig, { webhook: { fields: [] } });
    expect(handshakes).toEqual(["another"]);
  });

  it("hears of an account after the app is subscribed to it, there or at an override", async () => {
    const { rig } = rigWithWorker();
    const path = `${ACCOUNT}/subscribed_apps`;
    const apps = async () => (await read(rig, path)).body.data;
    expect(await apps()).toMatchObject([{ whatsapp_business_api_data: { id: APP.id } }]);
    await rig.graph("DELETE", path);
    expect(await apps()).toEqual([]);
    const override_callback_uri = "http://sandi.test/override";
    const refused = await rig.graph("POST", path, { override_callback_uri, verify_token: "another" });
    expect(await refused.json()).toMatchObject({ error: { code: 2200 } });
    await rig.graph("POST", path, { override_callback_uri, verify_token: VERIFY_TOKEN });
    expect(await apps()).toMatchObject([{ override_callback_uri }]);
    await rig.graph("POST", path);
    expect((await apps())[0].override_callback_uri).toBeUndefined();
    await setAccount(rig, { account_mode: "SANDBOX", subscribed: false });
    expect(await apps()).toMatchObject([
      { whatsapp_business_api_data: { name: expect.stringContaining("1P App") } },
    ]);
  });

  it("is passed over by the override of a number, until that is empty", async () => {
    const { rig } = rigWithWorker();
    const change = (url: string) =>
      rig.graph("POST", NUMBER, {
        webhook_configuration: { override_callback_uri: url, verify_token: VERIFY_TOKEN },
      });
    const number = async () => (await (await rig.control("GET", "/account")).json()).override.number;
    await change("http://sandi.test/number");
    expect(await number()).toBe("http://sandi.test/number");
    await change("");
    expect(await number()).toBeNull();
  });

  it("hears what Meta decides about the account", async () => {
    const rig = createRig();
    const change = { field: "account_update", value: { event: "ACCOUNT_RESTRICTION" } };
    expect(await (await rig.control("POST", "/account/changes", change)).json()).toEqual({
      webhook_status: 200,
    });
    expect(JSON.parse(rig.received[0]?.body ?? "").entry[0].changes).toEqual([change]);
  });
});

describe("Meta's template library", () => {
  const list = async (query: string) =>
    (await read(createRig(), `/v26.0/message_template_library?${query}`)).body.data;
  const create = async (rig: Rig, more: object) => {
    const template = { name: "shipped", language: "en_US", category: "UTILITY", ...more };
    return (await rig.graph("POST", `${ACCOUNT}/message_templates`, template)).json();
  };

  it("is searched by name, language, use case and words", async () => {
    const [found, ...more] = await list("name=order_shipped&language=es");
    expect(found).toMatchObject({
      body: expect.stringContaining("{{2}}"),
      body_param_types: ["TEXT", "TEXT"],
    });
    expect(more).toEqual([]);
    expect(await list("usecase=payment_confirmation&search=Top-up")).toHaveLength(1);
    expect(await list("language=xx")).toEqual([]);
  });

  it("has texts that are approved at once, with either setting of review, and sent by numbers", async () => {
    const rig = createRig();
    await rig.control("PUT", "/behaviour", { review: "manual", delivery: "manual" });
    const created = await create(rig, { library_template_name: "order_shipped" });
    expect(created).toMatchObject({ status: "APPROVED", category: "UTILITY" });
    const { data } = (
      await read(rig, `${ACCOUNT}/message_templates?name=shipped&fields=library_template_name`)
    ).body;
    expect(data).toMatchObject([{ library_template_name: "order_shipped" }]);
    const parameters = ["Ana", "A-77"].map((text) => ({ type: "text", text }));
    const components = [{ type: "body", parameters }];
    const template = { name: "shipped", language: { code: "en_US" }, components };
    await rig.sent({ messaging_product: "whatsapp", to: "+6281234567890", type: "template", template });
  });

  it.each([
    ["an unknown name", { library_template_name: "order_lost" }],
    ["a language that it lacks", { library_template_name: "order_shipped", language: "fr" }],
    ["another category", { library_template_name: "order_shipped", category: "AUTHENTICATION" }],
    ["no input for a button", { library_template_name: "shipment_confirmation_4" }],
  ])("creates nothing from %s", async (_, more) => {
    expect(await create(createRig(), more)).toMatchObject({ error: { code: 100 } });
  });

  it("takes the address of a button as a list within a text", async () => {
    const url = { base_url: "https://shop.example.com/orders" };
    const library_template_button_inputs = JSON.stringify([{ type: "URL", url }]);
    const rig = createRig();
    await create(rig, { library_template_name: "shipment_confirmation_4", library_template_button_inputs });
    const { data } = (await read(rig, `${ACCOUNT}/message_templates?name=shipped&fields=components`)).body;
    expect(data[0].components.at(-1)).toMatchObject({ buttons: [{ url: url.base_url }] });
  });
});

describe("the number", () => {
  const NEW = { status: "PENDING", platform_type: "NOT_APPLICABLE" };

  async function post(rig: Rig, path: string, body: object = {}) {
    const answer = await (await rig.graph("POST", `${NUMBER}${path}`, body)).json();
    return answer.error?.code ?? answer;
  }

  const registerWith = (rig: Rig, pin: string) =>
    post(rig, "/register", { messaging_product: "whatsapp", pin });
  const number = async (rig: Rig) =>
    (await read(rig, `${NUMBER}?fields=status,platform_type,is_pin_enabled`)).body;

  it("is connected by its registration, under a new PIN, and sends only then", async () => {
    const rig = createRig();
    await setAccount(rig, NEW);
    await expect(rig.sent()).rejects.toThrow('"code":133010');
    expect(await registerWith(rig, "123456")).toEqual({ success: true });
    expect(await number(rig)).toMatchObject({
      status: "CONNECTED",
      platform_type: "CLOUD_API",
      is_pin_enabled: true,
    });
    await rig.sent();
    const { data } = (await read(rig, `${ACCOUNT}/activities`)).body;
    expect(data.map(({ activity_type }: { activity_type: string }) => activity_type)).toEqual([
      "PHONE_NUMBER_REGISTERED_ON_CLOUD_API",
      "TWO_STEP_VERIFICATION_PIN_CHANGED",
    ]);
  });

  it("refuses a wrong PIN, locks after too many, and takes a new one", async () => {
    const rig = createRig();
    await setAccount(rig, { ...NEW, pin: "111111" });
    const codes: unknown[] = [];
    for (let guess = 0; guess < 6; guess += 1) codes.push(await registerWith(rig, "222222"));
    expect(codes).toEqual([133005, 133005, 133005, 133005, 133005, 133008]);
    expect(await post(rig, "", { pin: "333333" })).toEqual({ success: true });
    expect(await registerWith(rig, "333333")).toEqual({ success: true });
  });

  it("must be proven to be the business's before it is registered", async () => {
    const rig = createRig();
    await setAccount(rig, { ...NEW, code_verification_status: "NOT_VERIFIED" });
    expect(await registerWith(rig, "123456")).toBe(133006);
    await post(rig, "/request_code", { code_method: "SMS", language: "en_US" });
    const { requested_code } = await (await rig.control("GET", "/account")).json();
    expect(await post(rig, "/verify_code", { code: "no" })).toBe(136025);
    expect(await post(rig, "/verify_code", { code: requested_code })).toEqual({ success: true });
    expect(await registerWith(rig, "123456")).toEqual({ success: true });
  });

  it("waits five minutes after it was deregistered, and is registered ten times in three days at most", async () => {
    let now = NOW;
    const rig = createRig({ now: () => now });
    expect(await post(rig, "/deregister")).toEqual({ success: true });
    expect(await registerWith(rig, "123456")).toBe(133015);
    now += 5 * 60_000;
    for (let call = 2; call < 10; call += 1)
      expect(await registerWith(rig, "123456")).toEqual({ success: true });
    expect(await registerWith(rig, "123456")).toBe(133016);
    now += 3 * 24 * 60 * 60_000;
    expect(await registerWith(rig, "123456")).toEqual({ success: true });
  });

  it("is registered even if the client does not wait for it", async () => {
    const rig = createRig();
    await setAccount(rig, NEW);
    await rig.control("PUT", "/behaviour", { register_latency_ms: 30 });
    const client = new AbortController();
    const body = { messaging_product: "whatsapp", pin: "123456" };
    const held = rig.graph("POST", `${NUMBER}/register`, body, client.signal);
    client.abort();
    expect((await number(rig)).status).toBe("PENDING");
    await held;
    expect((await number(rig)).status).toBe("CONNECTED");
  });

  it("has its new display name reviewed, ten times a month at most", async () => {
    const rig = createRig();
    for (let call = 0; call < 10; call += 1) await post(rig, "", { new_display_name: `Shop ${call}` });
    const { body } = await read(rig, `${NUMBER}?fields=verified_name,new_display_name,new_name_status`);
    expect(body).toMatchObject({ new_display_name: "Shop 9", new_name_status: "PENDING_REVIEW" });
    const refused = await rig.graph("POST", NUMBER, { new_display_name: "Shop 10" });
    expect(await refused.json()).toMatchObject({ error: { code: 4, error_subcode: 2593011 } });
  });

  it("has Meta's identity check switched on", async () => {
    const rig = createRig();
    const settings = { user_identity_change: { enable_identity_key_check: true } };
    expect(await post(rig, "/settings", settings)).toEqual({ success: true });
    expect((await read(rig, `${NUMBER}/settings`)).body).toEqual(settings);
  });

  it("asks for the blue tick once, and wears it when Meta says so", async () => {
    const rig = createRig();
    const path = "/official_business_account";
    const badge = async () => (await read(rig, `${NUMBER}${path}?fields=oba_status,status_message`)).body;
    const request = {
      business_website_url: "https://example.com",
      primary_country_of_operation: "US",
      primary_language: "en",
      supporting_links: ["https://example.com/press"],
    };
    expect((await badge()).oba_status).toBe("NOT_STARTED");
    expect(await post(rig, path, request)).toEqual({ success: true });
    expect((await badge()).oba_status).toBe("PENDING");
    expect(await post(rig, path, request)).toBe(100);
    await setAccount(rig, { oba: "APPROVED" });
    const { body } = await read(rig, `${NUMBER}?fields=is_official_business_account`);
    expect(body.is_official_business_account).toBe(true);
  });
});
