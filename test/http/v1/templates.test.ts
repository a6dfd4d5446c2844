import { env, exports } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { deploy } from "../../../src/deployment.ts";
import { maintain } from "../../../src/schedule.ts";
import { setUpThroughApi } from "../../../src/templates/starter-set/command.ts";
import { STARTER_NAMES } from "../../../src/templates/starter-set/starter-set.ts";
import { api, control, messagesTo, newNumber, start, useDeployment } from "../../deployment.ts";
import {
  CODES,
  change,
  codesIn,
  ENGLISH,
  get,
  graph,
  inKv,
  languageSent,
  publish,
  put,
  review,
  reviewManually,
  SHIPPING,
  statuses,
  statusesOf,
  statusUpdate,
  sync,
} from "../../templates/rig.ts";

const deployment = useDeployment();
const toSimulator = async (input: RequestInfo | URL, init?: RequestInit) =>
  deployment.simulator.app.fetch(new Request(input, init));
const posts = () => deployment.graphCalls.filter(({ method }) => method === "POST").length;

it("a template is created in ten languages in one call, and sent in the user's language once it is approved", async () => {
  const languages = ["en_US", "id", "pt-BR", "fr", "es", "de", "it", "hi", "ar", "ja"];
  await reviewManually(deployment);
  const created = await put("brief", codesIn(...languages));
  expect([created.status, posts()]).toEqual([200, 1]);
  expect(new Set(Object.values(statusesOf(created.body)))).toEqual(new Set(["PENDING"]));

  const codes = languages.map((tag) => tag.replace("-", "_"));
  const reviews = await Promise.all(codes.map((code) => review(deployment, "brief", "APPROVED", code)));
  const heard = await Promise.all(reviews.map((answer) => answer.json()));
  expect(heard).toEqual(codes.map(() => ({ webhook_status: 200 })));
  await publish();
  expect(statusesOf(await inKv("brief"))).toEqual(
    Object.fromEntries(codes.map((code) => [code, "APPROVED"])),
  );

  const sent = ["pt-BR", "fr-CA", "xx"].map((locale) => languageSent(deployment, locale));
  expect(await Promise.all(sent)).toEqual(["pt_BR", "fr", "en_US"]);
});

describe("PUT /v1/templates/{name}", () => {
  it("creates an authentication template with one call to WhatsApp", async () => {
    const { status, body } = await put("codes", CODES);
    expect([status, posts()]).toEqual([200, 1]);
    expect(body).toMatchObject({
      name: "codes",
      category: "authentication",
      time_to_live_seconds: 300,
      parameters: [],
      add_security_recommendation: true,
      code_expiration_minutes: 5,
    });
    expect(statusesOf(body)).toEqual({ en_US: "APPROVED", id: "APPROVED", pt_BR: "APPROVED" });
    expect(statusesOf(await inKv("codes"))).toEqual(statusesOf(body));
  });

  it("does not edit an authentication template in languages where it is the same already", async () => {
    await put("codes", { ...CODES, languages: ["id", "fr"] });
    deployment.graphCalls.length = 0;
    await put("codes", { ...CODES, languages: ["id", "fr"] });
    expect(posts()).toBe(0);
    await put("codes", { ...CODES, languages: ["id", "fr", "es"] });
    const upsert = vi.mocked(fetch).mock.calls.findLast(([, init]) => init?.method === "POST");
    expect(JSON.parse(String(upsert?.[1]?.body)).languages).toEqual(["es"]);
  });

  const { category, languages } = codesIn("id");
  const app = { button: "one_tap", supported_apps: CODES.supported_apps };
  it.each([
    [{}, { code_expiration_minutes: 7 }],
    [{}, { add_security_recommendation: false }],
    [{}, { message_send_ttl_seconds: 60 }],
    [{}, app],
    [app, {}],
    [app, app],
  ])("writes an authentication template anew that is %j and is to be %j", async (before, after) => {
    await put("codes", { category, languages, ...before });
    deployment.graphCalls.length = 0;
    await put("codes", { category, languages, ...after });
    expect(posts()).toBe(1);
  });

  it("creates a utility template and stores its texts", async () => {
    const { status, body, text } = await put("shipping", SHIPPING);
    expect(status, text).toBe(200);
    expect(body).toMatchObject({ category: "utility", parameters: ["name", "order"] });
    expect(body.languages.en_US).toMatchObject({ status: "APPROVED", ...ENGLISH });
    expect((await inKv("shipping")).languages).toEqual(body.languages);
  });

  it("rejects what is out of bounds without a call to WhatsApp", async () => {
    const { status, body } = await put("shipping", {
      ...SHIPPING,
      languages: { en_US: { body: "{{name}}" } },
    });
    expect([status, body.code, deployment.graphCalls.length]).toEqual([400, "invalid_request", 0]);
    expect(body.errors).toContainEqual({ pointer: "/languages/en_US/body", detail: expect.any(String) });
  });

  it.each(["Codes", "my-codes", "codes%20", "%C3%A9", "x".repeat(501)])(
    "refuses the name %s",
    async (name) => {
      const { status, body } = await put(name, CODES);
      expect([status, body.errors]).toEqual([400, [{ pointer: "/name", detail: expect.any(String) }]]);
      expect(deployment.graphCalls).toHaveLength(0);
    },
  );

  it("skips languages that are unchanged, edits those that differ, and creates new ones", async () => {
    await put("shipping", SHIPPING);
    deployment.graphCalls.length = 0;
    await put("shipping", SHIPPING);
    expect(posts()).toBe(0);
    await reviewManually(deployment);
    const languages = { en_US: { ...ENGLISH, footer: "Another shop" }, "id-ID": ENGLISH };
    const { body } = await put("shipping", { category: "utility", languages });
    expect(statusesOf(body)).toEqual({ en_US: "PENDING", id: "PENDING" });
    expect(body.languages.en_US.footer).toBe("Another shop");
  });

  it("edits a template whose time to live changes", async () => {
    await put("shipping", SHIPPING);
    deployment.graphCalls.length = 0;
    expect(
      (await put("shipping", { ...SHIPPING, message_send_ttl_seconds: 3600 })).body.time_to_live_seconds,
    ).toBe(3600);
    expect(posts()).toBe(1);
  });

  it("does not confuse templates whose names begin alike", async () => {
    const [longer, shorter] = [await put("shipping_update", SHIPPING), await put("shipping", SHIPPING)];
    expect(shorter.body.languages.en_US.id).not.toBe(longer.body.languages.en_US.id);
  });

  it("reads the status of an edit, which WhatsApp's answer does not contain", async () => {
    await put("shipping", SHIPPING);
    const languages = { en_US: { ...ENGLISH, footer: "Another shop" } };
    expect(statusesOf((await put("shipping", { ...SHIPPING, languages })).body)).toEqual({
      en_US: "APPROVED",
    });
  });

  it("leaves languages that it does not name as they are", async () => {
    await put("codes", codesIn("en_US", "id"));
    await put("codes", codesIn("fr"));
    expect(await statuses("codes")).toEqual({ en_US: "APPROVED", id: "APPROVED", fr: "APPROVED" });
  });

  it("of the default template replaces what was assumed about it", async () => {
    expect(Object.keys(await statuses("verification_code"))).toHaveLength(20);
    const node = { id: "1", name: "verification_code", language: "en_US", status: "PENDING" };
    vi.mocked(fetch).mockImplementation(async () =>
      Response.json({ data: [{ ...node, category: "AUTHENTICATION" }] }),
    );
    await put("verification_code", codesIn("en_US"));
    expect(await statuses("verification_code")).toEqual({ en_US: "PENDING" });
  });

  it("succeeds even when WhatsApp does not list the template afterwards", async () => {
    await put("codes", codesIn("id"));
    for (const lost of [
      async () => Response.json({ data: [] }),
      () => Promise.reject(new TypeError("Lost.")),
    ]) {
      vi.mocked(fetch)
        .mockImplementationOnce(toSimulator)
        .mockImplementationOnce(toSimulator)
        .mockImplementationOnce(lost);
      expect((await put("codes", codesIn("en_US"))).status).toBe(200);
      expect(await statuses("codes")).toEqual({ id: "APPROVED", en_US: "APPROVED" });
    }
  });

  it("keeps the name of a URL's parameter, which WhatsApp does not store", async () => {
    const buttons = [{ type: "url", text: "Track", url: "https://example.com/t/{{order}}" }];
    await put("shipping", { ...SHIPPING, languages: { en_US: { ...ENGLISH, buttons } } });
    await sync();
    expect((await get("shipping")).languages.en_US.buttons).toEqual(buttons);
  });

  it("does not overwrite the status of a webhook that came meanwhile", async () => {
    await reviewManually(deployment);
    vi.mocked(fetch).mockImplementation(async (input, init) => {
      const answer = await toSimulator(input, init);
      await new Promise((resume) => setTimeout(resume, 2));
      if (init?.method === "POST") await statusUpdate("APPROVED");
      return answer;
    });
    await put("brief", codesIn("en_US"));
    expect(await statuses("brief")).toEqual({ en_US: "APPROVED" });
  });

  it("names each language that WhatsApp rejected, and keeps the rest", async () => {
    const terse = { body: "A {{name}} b {{order}}.", examples: ENGLISH.examples };
    const languages = { en_US: ENGLISH, "id-ID": terse };
    const { status, body } = await put("shipping", { ...SHIPPING, languages });
    expect([status, body.code]).toEqual([422, "template_rejected"]);
    expect(body.provider).toMatchObject({ channel: "whatsapp", code: "100", subcode: "2388293" });
    const detail = expect.stringContaining("too short for its number of parameters");
    expect(body.errors).toEqual([{ pointer: "/languages/id", detail }]);
    expect(await statuses("shipping")).toEqual({ en_US: "APPROVED" });
  });
});

describe("a rejection by WhatsApp", () => {
  const refuse = (error: object) =>
    vi.mocked(fetch).mockImplementationOnce(async () => {
      return Response.json({ error: { message: "internal", ...error } }, { status: 400 });
    });

  it.each([
    [{ code: 100, error_subcode: 2388019 }, 422, /maximum number of templates/],
    [{ code: 100, error_subcode: 2388024 }, 422, /already exists in this language/],
    [{ code: 100, error_subcode: 2388039 }, 422, /cannot be edited now/],
    [{ code: 100, error_subcode: 2388040 }, 422, /longer than WhatsApp allows/],
    [{ code: 100, error_subcode: 2388047 }, 422, /header's format/],
    [{ code: 100, error_subcode: 2388072 }, 422, /body's format/],
    [{ code: 100, error_subcode: 2388073 }, 422, /footer's format/],
    [{ code: 100, error_subcode: 2388293 }, 422, /too short for its number of parameters/],
    [{ code: 100, error_subcode: 2388299 }, 422, /starts or ends with a parameter/],
    [{ code: 100 }, 422, /a value as invalid/],
    [{ code: 100, error_user_msg: "Words for users." }, 422, /WhatsApp says: Words for users\.$/],
    [{ code: 100, error_subcode: 33 }, 502, /unknown or was deleted/],
    [{ code: 190 }, 502, /access token has expired/],
    [{ code: 0 }, 502, /access token is invalid/],
    [{ code: 10 }, 502, /permission is missing/],
    [{ code: 200 }, 502, /permission is missing/],
    [{ code: 368 }, 502, /restricted/],
    [{ code: 2 }, 502, /down or overloaded/],
    [{ code: 999_999 }, 502, /Unknown WhatsApp error/],
  ])("with %o says what to do", async (error, expected, detail) => {
    refuse(error);
    const { status, body, text } = await put("codes", CODES);
    expect([status, body.code]).toEqual([
      expected,
      expected === 422 ? "template_rejected" : "provider_failed",
    ]);
    expect(body.detail).toMatch(detail);
    expect(body.provider).toMatchObject({ channel: "whatsapp", code: String(error.code) });
    const pointers = body.errors.map(({ pointer }: { pointer: string }) => pointer);
    expect(pointers).toEqual(["/languages/0", "/languages/1", "/languages/2"]);
    expect(text).not.toContain("internal");
    expect(await inKv("codes")).toBeNull();
  });

  it.each([4, 80007])("for too many calls (%i) answers with Retry-After", async (code) => {
    refuse({ code });
    expect((await put("codes", CODES)).headers.get("retry-after")).toBe("600");
  });

  it.each([
    ["a page of HTML", async () => new Response("<html>", { status: 502 })],
    ["a redirect", async () => Response.redirect("https://elsewhere.test/", 307)],
    ["nothing", () => Promise.reject(new TypeError("Network connection lost."))],
    ["half an answer", async () => Response.json({ data: [{ id: "1" }] })],
  ])("that is none, but %s, is no success", async (_, answer) => {
    vi.mocked(fetch).mockImplementationOnce(toSimulator).mockImplementationOnce(answer);
    const { status, body } = await put("codes", CODES);
    expect([status, body.provider.code]).toEqual([502, "no_answer"]);
    expect(vi.mocked(fetch).mock.calls.map(([, init]) => init?.redirect)).toEqual(["manual", "manual"]);
    expect(deployment.logLines.join()).not.toContain(env.WHATSAPP_ACCESS_TOKEN);
  });
});

describe("GET /v1/templates", () => {
  it("lists templates by name, a page at a time, beginning with the default template", async () => {
    for (const name of ["beta", "alpha"]) await put(name, codesIn("en_US"));
    const pages: string[][] = [];
    for (let after = ""; pages.length < 9; ) {
      const { body } = await api("GET", `/v1/templates?limit=2${after}`);
      pages.push(body.data.map(({ name }: { name: string }) => name));
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    expect(pages).toEqual([["alpha", "beta"], ["verification_code"]]);
    expect(await statuses("verification_code")).toMatchObject({ id: "APPROVED", ko: "APPROVED" });
  });

  it.each(["nothing", "Not%20a%20name", "..%2FAPI_KEYS", "x".repeat(600)])(
    "does not find %s",
    async (name) => {
      for (const path of [name, `${name}/preview`]) {
        expect((await api("GET", `/v1/templates/${path}`)).status).toBe(404);
      }
      expect((await api("DELETE", `/v1/templates/${name}`)).status).toBe(404);
    },
  );
});

describe("DELETE /v1/templates/{name}", () => {
  it("deletes at WhatsApp and here, in all languages, and warns about the name", async () => {
    await put("brief", codesIn("en_US", "fr"));
    const { status, body } = await api("DELETE", "/v1/templates/brief");
    // WhatsApp has the last word on a template that is unknown here, in the default language; then comes the fallback.
    await start({ to: newNumber(), purpose: "brief", locale: "fr" });
    const sent = vi
      .mocked(fetch)
      .mock.calls.slice(-2)
      .map(([, init]) => String(init?.body));
    expect(sent[0]).toContain('"name":"brief","language":{"code":"en_US"}');
    expect(sent[1]).toContain('"name":"verification_code","language":{"code":"fr"}');
    expect([status, body]).toEqual([200, { name: "brief", warning: expect.stringContaining("30 days") }]);
    expect([await inKv("brief"), (await api("GET", "/v1/templates/brief")).status]).toEqual([null, 404]);
    expect(await (await graph(deployment, "GET", "message_templates?name=brief")).json()).toMatchObject({
      data: [],
    });
    const again = await put("brief", codesIn("en_US"));
    expect(again.body).toMatchObject({
      code: "template_rejected",
      detail: expect.stringContaining("30 days"),
    });
  });

  it("of the default template is not undone by the default", async () => {
    await api("DELETE", "/v1/templates/verification_code");
    expect(await inKv("verification_code")).toMatchObject({ languages: {} });
    expect((await api("GET", "/v1/templates")).body.data).toEqual([]);
  });

  it("deletes a template that exists only at WhatsApp, and one that exists only here", async () => {
    const choice = { name: "there", category: "AUTHENTICATION", languages: ["sv"] };
    const components = [
      { type: "BODY" },
      { type: "BUTTONS", buttons: [{ type: "OTP", otp_type: "COPY_CODE" }] },
    ];
    await graph(deployment, "POST", "upsert_message_templates", { ...choice, components });
    await put("here", codesIn("en_US"));
    await graph(deployment, "DELETE", "message_templates?name=here");
    for (const name of ["there", "here"])
      expect((await api("DELETE", `/v1/templates/${name}`)).status).toBe(200);
    expect(await inKv("here")).toBeNull();
  });
});

describe("a preview of a template", () => {
  const preview = (name: string, locale?: string) =>
    api("GET", `/v1/templates/${name}/preview${locale ? `?locale=${locale}` : ""}`);

  it("shows an authentication template in WhatsApp's wording with its options", async () => {
    await put("codes", { ...codesIn("en_US", "pt_BR"), code_expiration_minutes: 7 });
    expect((await preview("codes", "pt")).body).toEqual({
      template: "codes",
      language: "pt_BR",
      header: null,
      body: "Seu código de verificação é *{{1}}*. Para sua segurança, não o compartilhe.",
      footer: "Este código expira em 7 minutos.",
      buttons: [{ type: "otp", text: "Copiar código" }],
    });
    await put("codes", { ...codesIn("en_US"), add_security_recommendation: false });
    const { body } = await preview("codes");
    expect([body.body, body.footer]).toEqual(["*{{1}}* is your verification code.", null]);
  });

  it("shows a utility template with its examples, approved or not", async () => {
    await reviewManually(deployment);
    await put("shipping", SHIPPING);
    expect((await preview("shipping", "id")).body).toEqual({
      template: "shipping",
      language: "en_US",
      header: "Order update",
      footer: "Example Shop",
      body: "Hi Ana, order A-77 has shipped.",
      buttons: [{ type: "url", text: "Track", url: "https://example.com/t/A-77" }],
    });
  });
});

describe("the starter set of templates", () => {
  const setUp = async (body: object) => (await api("POST", "/v1/templates/setup", body)).body.data;

  it("is created by one call, which answers with WhatsApp's status of each", async () => {
    await reviewManually(deployment);
    const rows = await setUp({ languages: ["en-US", "id", "de"] });
    expect(rows).toHaveLength(STARTER_NAMES.length * 3);
    const told = (template: string, language: string) =>
      rows.find((row: Record<string, string>) => row.template === template && row.language === language);
    expect(told("login_code", "de")).toMatchObject({ asked: true, status: "PENDING", detail: null });
    expect(told("payment_confirmation", "id")).toMatchObject({
      asked: true,
      status: "PENDING",
      detail: null,
    });
    const detail = expect.stringContaining("PUT /v1/templates/payment_confirmation");
    expect(told("payment_confirmation", "de")).toMatchObject({ asked: false, status: null, detail });
    expect(await get("payment_confirmation")).toMatchObject({ parameters: ["name", "amount", "order"] });
  });

  it("takes a text of Meta's library where it fits, approved at once, and else has its own reviewed", async () => {
    await reviewManually(deployment);
    const body = { languages: ["en_US", "de", "fr"], templates: ["shipping_update"] };
    const rows = await setUp(body);
    expect(rows.map(({ language, status }: Record<string, string>) => [language, status])).toEqual([
      ["en_US", "APPROVED"],
      ["de", "APPROVED"],
      ["fr", "PENDING"],
    ]);
    const { parameters, languages } = await get("shipping_update");
    expect(parameters).toEqual(["name", "order"]);
    expect(languages.en_US).toMatchObject({
      header: "Order shipped",
      body: expect.stringMatching(/^Hi \{\{name\}\},\s+Your order \{\{order\}\} has been shipped/),
      library: { name: "order_shipped" },
    });
    expect(languages.fr.library).toBeUndefined();
    deployment.graphCalls.length = 0;
    expect(await setUp(body)).toEqual(rows);
    expect(posts()).toBe(0);
  });

  it("sends a text of Meta's library by the names of its parameters, also after a sync", async () => {
    await setUp({ languages: ["en_US"], templates: ["shipping_update"] });
    const send = async (parameters: object) => {
      const to = newNumber();
      const body = { to, template: "shipping_update", locale: "en", parameters };
      return { to, status: (await api("POST", "/v1/notifications", body)).status };
    };
    const named = { order: "A-77", name: "Ana" };
    const before = await send(named);
    await sync();
    for (const { to } of [before, await send(named)]) {
      await expect
        .poll(async () => (await messagesTo(deployment, to))[0]?.text)
        .toBe("Order shipped\nHi Ana,\n\nYour order A-77 has been shipped and is on its way.");
    }
    expect((await send({ "1": "Ana", "2": "A-77" })).status).toBe(400);
    const preview = (await api("GET", "/v1/templates/shipping_update/preview?locale=en")).body;
    expect(preview.body).toContain("Hi John,");
  });

  it("submits its own text where the library is not answered", async () => {
    await reviewManually(deployment);
    vi.mocked(fetch)
      .mockImplementationOnce(toSimulator)
      .mockRejectedValueOnce(new TypeError("Network connection lost."));
    const [row] = await setUp({ languages: ["en_US"], templates: ["shipping_update"] });
    expect(row).toMatchObject({ language: "en_US", status: "PENDING" });
    const { languages } = await get("shipping_update");
    expect(languages.en_US.body).toContain("Hi {{name}}, your order {{order}} has been shipped");
  });

  it("submits its own text where WhatsApp refuses the library's", async () => {
    await reviewManually(deployment);
    vi.mocked(fetch)
      .mockImplementationOnce(toSimulator)
      .mockImplementationOnce(toSimulator)
      .mockImplementationOnce(async () => Response.json({ error: { code: 100 } }, { status: 400 }));
    const [row] = await setUp({ languages: ["en_US"], templates: ["shipping_update"] });
    expect(row).toMatchObject({ language: "en_US", status: "PENDING" });
  });

  it("can be set up again, and in part", async () => {
    const body = { languages: ["fr"], templates: ["suspicious_activity"] };
    const first = await setUp(body);
    deployment.graphCalls.length = 0;
    expect(await setUp(body)).toEqual(first);
    expect(posts()).toBe(0);
  });

  it("continues after a rejection, and reports it", async () => {
    vi.mocked(fetch).mockImplementationOnce(async () =>
      Response.json({ error: { code: 190 } }, { status: 401 }),
    );
    const rows = await setUp({ languages: ["en_US"], templates: ["verification_code", "login_code"] });
    const detail = expect.stringContaining("access token");
    expect(rows).toEqual([
      { template: "verification_code", language: "en_US", asked: true, status: null, waiting: false, detail },
      {
        template: "login_code",
        language: "en_US",
        asked: true,
        status: "APPROVED",
        waiting: false,
        detail: null,
      },
    ]);
  });

  const LIMITED = { verification: "pending", limit: "TIER_250" };
  const ELIGIBLE = { verification: "verified", limit: "TIER_2K" };
  const setAccount = (part: object) => control(deployment, "PUT", "/account", part);
  const limited = { languages: ["en_US", "id"], templates: ["login_code", "signup_code", "shipping_update"] };
  const daily = () => maintain(deploy(env), "17 3 * * *");
  const nextDay = () => void vi.setSystemTime(Date.now() + 24 * 60 * 60_000);

  it("says of codes that they wait while Meta does not allow them, and creates the rest", async () => {
    await setAccount(LIMITED);
    const rows = await setUp(limited);
    const waiting = {
      asked: true,
      status: null,
      waiting: true,
      detail: expect.stringContaining("Waiting: "),
    };
    const created = { asked: true, status: "APPROVED", waiting: false, detail: null };
    expect(rows).toEqual([
      { template: "login_code", language: "en_US", ...waiting },
      { template: "login_code", language: "id", ...waiting },
      { template: "signup_code", language: "en_US", ...waiting },
      { template: "signup_code", language: "id", ...waiting },
      { template: "shipping_update", language: "en_US", ...created },
      { template: "shipping_update", language: "id", ...created },
    ]);
    const [first] = rows;
    expect(first.detail).toContain(
      "Meta has to verify the business and to raise its messaging limit to 2,000.",
    );
  });

  it("creates what waits by the daily run, which tries one template a day until Meta allows it", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    await setAccount(LIMITED);
    await setUp(limited);
    const creations = () =>
      deployment.graphCalls.filter(({ method, url }) => method === "POST" && url.includes("templates"))
        .length;
    deployment.graphCalls.length = 0;
    await daily();
    expect(creations()).toBe(0);
    nextDay();
    await daily();
    expect(creations()).toBe(1);
    await setAccount(ELIGIBLE);
    nextDay();
    await daily();
    expect(statusesOf(await get("login_code"))).toEqual({ en_US: "APPROVED", id: "APPROVED" });
    expect(statusesOf(await get("signup_code"))).toEqual({ en_US: "APPROVED", id: "APPROVED" });
    expect(creations()).toBe(3);
    nextDay();
    await daily();
    expect(creations()).toBe(3);
  });

  it("creates what waits once a webhook brings news of the account", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    await setAccount(LIMITED);
    await setUp({ languages: ["fr"], templates: ["login_code"] });
    await setAccount(ELIGIBLE);
    vi.setSystemTime(Date.now() + 60_000);
    const raised = { max_daily_conversations_per_business: "TIER_2K" };
    await change("business_capability_update", raised);
    await expect.poll(async () => (await api("GET", "/v1/templates/login_code")).status).toBe(200);
    expect(statusesOf(await get("login_code"))).toEqual({ fr: "APPROVED" });
  });

  it("does not create what waited and was deleted or written meanwhile", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    await setAccount(LIMITED);
    await setUp({ languages: ["fr"], templates: ["login_code", "signup_code"] });
    await setAccount(ELIGIBLE);
    await put("signup_code", { category: "authentication", languages: ["fr"], code_expiration_minutes: 9 });
    await put("login_code", { category: "authentication", languages: ["fr"] });
    await api("DELETE", "/v1/templates/login_code");
    deployment.graphCalls.length = 0;
    nextDay();
    await daily();
    expect(posts()).toBe(0);
    expect(await get("signup_code")).toMatchObject({ code_expiration_minutes: 9 });
  });

  it("is also created by a command, which prints a line for each template and a table of statuses", async () => {
    const lines: string[] = [];
    const run = (key: string, ...languages: string[]) =>
      setUpThroughApi({
        origin: "https://sandi.test",
        key,
        languages,
        print: (line) => void lines.push(line),
        fetch: (url, init) => exports.default.fetch(url, init),
      });
    expect(await run(env.ADMIN_KEY, "en_US", "de")).toBe(true);
    expect(lines.slice(0, 2)).toEqual([
      "Creating 9 templates in en_US, de through https://sandi.test",
      "  verification_code: APPROVED en_US, de",
    ]);
    expect(lines).toContain("  payment_confirmation: APPROVED en_US; not created de");
    expect(lines).toContain("template              language  WhatsApp says");
    expect(lines).toContain("login_code            de        APPROVED");
    expect(lines.at(-1)).toMatch(/^suspicious_activity {3}de {8}The starter set has no text/);

    vi.mocked(fetch).mockImplementationOnce(async () =>
      Response.json({ error: { code: 190 } }, { status: 401 }),
    );
    expect(await run(env.ADMIN_KEY, "en_US")).toBe(false);
    lines.length = 0;
    expect(await run("sandi_wrong", "en_US")).toBe(false);
    expect(lines.at(-1)).toBe("  verification_code: A valid API key is needed.");
    expect(await run(env.ADMIN_KEY, "xx")).toBe(false);
    expect(lines.at(-1)).toContain("WhatsApp has no templates in this language.");
  });

  it.each([
    [{ languages: [] }, "/languages"],
    [{ languages: ["xx"] }, "/languages/0"],
    [{ languages: ["id"], templates: ["lottery"] }, "/templates/0"],
  ])("is not set up with %j", async (body, pointer) => {
    const answer = await api("POST", "/v1/templates/setup", body);
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, pointer]);
  });
});
