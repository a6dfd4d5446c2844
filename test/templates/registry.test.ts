import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { deploy } from "../../src/deployment.ts";
import { maintain } from "../../src/schedule.ts";
import { DEFAULT_TEMPLATE } from "../../src/templates/template.ts";
import { REGISTRY_NAME } from "../../src/templates/templates.ts";
import { api, control, useDeployment } from "../deployment.ts";
import {
  CODES,
  change,
  codesIn,
  get,
  graph,
  inKv,
  languageSent,
  NO_CHANGE,
  publish,
  put,
  SHIPPING,
  statuses,
  statusUpdate,
  sync,
} from "./rig.ts";

const deployment = useDeployment();

const OTP = { type: "BUTTONS", buttons: [{ type: "OTP", otp_type: "COPY_CODE" }] };
/** Creates a template at WhatsApp, bypassing this service. */
const createAtWhatsApp = (name: string, ...languages: string[]) =>
  graph(deployment, "POST", "upsert_message_templates", {
    name,
    category: "AUTHENTICATION",
    languages,
    components: [{ type: "BODY" }, OTP],
  });
const names = async () =>
  (await api("GET", "/v1/templates")).body.data.map((template: { name: string }) => template.name);

describe("a template webhook", () => {
  it.each([
    "PAUSED",
    "DISABLED",
    "REJECTED",
    "PENDING",
    "ARCHIVED",
    "LIMIT_EXCEEDED",
    "IN_APPEAL",
    "NEW_IN_2027",
  ])("%s excludes a language from the next start", async (event) => {
    await put("brief", codesIn("en_US", "fr"));
    expect(await languageSent(deployment, "fr")).toBe("fr");
    expect((await statusUpdate(event, { message_template_language: "fr" })).status).toBe(200);
    expect(await languageSent(deployment, "fr")).toBe("en_US");
  });

  it.each([
    ["REJECTED", "REJECTED"],
    ["REINSTATED", "APPROVED"],
    ["UNARCHIVED", "APPROVED"],
    ["FLAGGED", "PAUSED"],
    ["LOCKED", "PAUSED"],
  ])("%s changes a paused template to %s", async (event, expected) => {
    await put("brief", codesIn("en_US"));
    await statusUpdate("PAUSED");
    await statusUpdate(event, { reason: "INVALID_FORMAT" });
    expect(await statuses("brief")).toEqual({ en_US: expected });
    const reason = event === "FLAGGED" || event === "LOCKED" ? null : "INVALID_FORMAT";
    expect((await get("brief")).languages.en_US.rejected_reason).toBe(reason);
  });

  it.each(["DELETED", "PENDING_DELETION"])("%s removes the language", async (event) => {
    await put("brief", codesIn("en_US", "id"));
    await statusUpdate(event);
    expect(await statuses("brief")).toEqual({ id: "APPROVED" });
  });

  it("about quality or the current category is applied", async () => {
    await put("shipping", SHIPPING);
    const about = { message_template_name: "shipping", message_template_language: "en-US" };
    await control(deployment, "POST", "/templates/shipping/quality", { score: "RED" });
    const announced = { new_category: "UTILITY", correct_category: "MARKETING" };
    await change("template_category_update", { ...about, ...announced });
    const template = { category: "utility", languages: { en_US: { quality: "RED", status: "APPROVED" } } };
    expect(await get("shipping")).toMatchObject(template);
    await put("shipping", SHIPPING);
    expect(await get("shipping")).toMatchObject(template);
    await change("template_category_update", { ...about, new_category: "MARKETING" });
    expect((await get("shipping")).category).toBe("marketing");
  });

  it("that is outdated or repeated changes nothing", async () => {
    const now = Math.floor(Date.now() / 1000);
    await put("brief", codesIn("en_US"));
    for (const [event, at] of [
      ["PAUSED", 10],
      ["APPROVED", 20],
      ["PAUSED", 10],
      ["APPROVED", 20],
    ] as const) {
      await statusUpdate(event, {}, now + at);
    }
    expect(await statuses("brief")).toEqual({ en_US: "APPROVED" });
  });

  it("older than a deletion does not restore the template", async () => {
    await put("brief", codesIn("en_US"));
    await api("DELETE", "/v1/templates/brief");
    await statusUpdate("APPROVED", {}, Math.floor(Date.now() / 1000) - 60);
    expect((await api("GET", "/v1/templates/brief")).status).toBe(404);
    await statusUpdate("APPROVED", {}, Math.floor(Date.now() / 1000) + 60);
    expect(await statuses("brief")).toEqual({ en_US: "APPROVED" });
  });

  it("older than WhatsApp's last list, or than a day, changes nothing", async () => {
    await put("brief", codesIn("en_US"));
    await sync();
    const now = Math.floor(Date.now() / 1000);
    await statusUpdate("PAUSED", {}, now - 300);
    await statusUpdate("PAUSED", { message_template_name: "unlisted" }, now - 2 * 86_400);
    expect(await statuses("brief")).toEqual({ en_US: "APPROVED" });
    expect((await api("GET", "/v1/templates/unlisted")).status).toBe(404);
  });

  it("is applied to an entry that a former version stored, whose later updates still win", async () => {
    const now = Date.now();
    const template = {
      ...DEFAULT_TEMPLATE,
      name: "brief",
      languages: { en_US: DEFAULT_TEMPLATE.languages.en_US, fr: DEFAULT_TEMPLATE.languages.fr },
    };
    const heard = { "status/en_US": { saidAt: now - 10_000, heardAt: now - 10_000 } };
    await runInDurableObject(env.TEMPLATE_REGISTRY.getByName(REGISTRY_NAME), (_, { storage }) => {
      storage.kv.put("template/brief", { template, heard });
    });
    const seconds = Math.floor(now / 1000);
    await statusUpdate("PAUSED", {}, seconds - 20);
    expect(await statuses("brief")).toEqual({ en_US: "APPROVED", fr: "APPROVED" });
    await statusUpdate("PAUSED", {}, seconds);
    await statusUpdate("PAUSED", { message_template_language: "fr" }, seconds);
    expect(await statuses("brief")).toEqual({ en_US: "PAUSED", fr: "PAUSED" });
  });

  it("creates an unknown template: usable for codes at once, for texts after a sync", async () => {
    await createAtWhatsApp("brief", "sv");
    await statusUpdate("APPROVED", { message_template_language: "sv" });
    expect(await languageSent(deployment, "sv-FI")).toBe("sv");
    expect((await get("brief")).languages.sv).toMatchObject({ status: "APPROVED", id: "7", body: null });
    await sync();
    expect((await get("brief")).languages.sv.body).toContain("{{1}}");
  });

  it.each([
    ["no name", { message_template_name: undefined }],
    ["an invalid name", { message_template_name: "../API_KEYS" }],
    ["a category of 2027", { message_template_category: "MARVEL" }],
    ["a number for a language", { message_template_language: 7 }],
  ])("with %s about an unknown template is ignored", async (_, more) => {
    expect((await statusUpdate("APPROVED", more)).status).toBe(200);
    expect(await names()).toEqual(["verification_code"]);
  });

  it("starts from KV's value, and ten concurrent ones lose nothing", async () => {
    const held = { name: "brief", category: "authentication", languages: { id: { status: "APPROVED" } } };
    await env.TEMPLATES.put("template/brief", JSON.stringify(held));
    const languages = ["en_US", "fr", "es", "de", "it", "hi", "ar", "ja", "ko", "nl"];
    const update = (language: string) => statusUpdate("APPROVED", { message_template_language: language });
    await Promise.all(languages.map(update));
    await publish();
    expect(Object.keys((await inKv("brief")).languages).toSorted()).toEqual([...languages, "id"].toSorted());
  });

  it.each(["{", "null", '{"name": "brief"}'])("ignores an invalid value in KV: %s", async (text) => {
    await env.TEMPLATES.put("template/brief", text);
    expect((await statusUpdate("APPROVED")).status).toBe(200);
    await publish();
    expect((await inKv("brief")).languages).toMatchObject({ en_US: { status: "APPROVED" } });
  });

  it("is not acknowledged before it is durable", async () => {
    vi.spyOn(env.TEMPLATE_REGISTRY, "getByName").mockImplementation(() => {
      throw new Error("no object");
    });
    expect((await statusUpdate("PAUSED")).status).toBe(500);
  });
});

describe("publishing templates to KV", () => {
  it("combines the changes of many webhooks into one write a moment later", async () => {
    await put("brief", codesIn("en_US", "id"));
    await publish();
    // Alarms use the runtime's clock, so none runs by itself while the test's clock is ahead.
    vi.useFakeTimers({ now: Date.now() + 86_400_000, toFake: ["Date"] });
    const writes = vi.spyOn(env.TEMPLATES, "put");
    for (const event of ["PAUSED", "APPROVED", "DISABLED"]) await statusUpdate(event);
    expect(writes).not.toHaveBeenCalled();
    await publish();
    expect(writes).toHaveBeenCalledTimes(1);
    expect((await inKv("brief")).languages.en_US.status).toBe("DISABLED");
    expect(await publish()).toBe(false);
  });

  it("repeats an unchanged template that is written again, in case KV has lost it", async () => {
    await put("codes", CODES);
    await env.TEMPLATES.delete("template/codes");
    await put("codes", CODES);
    expect(await inKv("codes")).toMatchObject({ languages: { id: { status: "APPROVED" } } });
  });

  it("retries failed writes without failing the caller", async () => {
    const writes = vi.spyOn(env.TEMPLATES, "put").mockRejectedValue(new Error("KV is down"));
    expect((await put("codes", CODES)).status).toBe(200);
    expect(await inKv("codes")).toBeNull();
    await publish();
    expect(deployment.logLines.join()).toContain("KV is down");
    writes.mockRestore();
    await publish();
    expect(await inKv("codes")).toMatchObject({ languages: { id: { status: "APPROVED" } } });
    expect(await publish()).toBe(false);
  });

  it("loses no change that arrives during its writes", async () => {
    const english = (name: string) => ({ message_template_name: name });
    for (const name of ["brief", "codes"]) {
      await put(name, codesIn("en_US"));
      await statusUpdate("PAUSED", english(name));
    }
    const write = env.TEMPLATES.put.bind(env.TEMPLATES);
    vi.spyOn(env.TEMPLATES, "put").mockImplementation(async (key, value) => {
      await write(key, value as string);
      if (key !== "template/codes") return;
      // During one slow write, a template changes that has been written already.
      await new Promise((resume) => setTimeout(resume, 20));
      for (const name of ["brief", "codes"]) await statusUpdate("APPROVED", english(name));
    });
    for (let round = 0; round < 3; round += 1) await publish();
    const held = await Promise.all(["brief", "codes"].map(inKv));
    expect(held.map(({ languages }) => languages.en_US.status)).toEqual(["APPROVED", "APPROVED"]);
  });
});

describe("syncing templates", () => {
  it("reports what was added, changed and removed, and nothing when repeated", async () => {
    await put("shipping", SHIPPING);
    await put("brief", codesIn("en_US"));
    await put("codes", codesIn("id"));
    // Texts and qualities learned for the first time are not changes.
    expect(await sync()).toEqual(NO_CHANGE);
    await statusUpdate("PAUSED");
    const about = { message_template_name: "codes", message_template_language: "id" };
    await change("message_template_quality_update", { ...about, new_quality_score: "YELLOW" });
    await createAtWhatsApp("fresh", "sv");
    await graph(deployment, "DELETE", "message_templates?name=shipping");
    expect(await sync()).toEqual({
      added: [{ template: "fresh", language: "sv", before: null, after: "APPROVED" }],
      changed: [
        { template: "brief", language: "en_US", before: "PAUSED", after: "APPROVED" },
        { template: "codes", language: "id", before: "APPROVED", after: "APPROVED" },
      ],
      removed: [{ template: "shipping", language: "en_US", before: "APPROVED", after: null }],
    });
    expect([await inKv("fresh"), await inKv("shipping")]).toMatchObject([
      { category: "authentication" },
      null,
    ]);
    expect(await names()).toEqual(["brief", "codes", "fresh", "verification_code"]);
    expect((await get("codes")).languages.id.quality).toBe("UNKNOWN");
    expect(await sync()).toEqual(NO_CHANGE);
  });

  it("reads all pages, never follows the address in `next`, and skips unknown templates", async () => {
    const languages = ["en_US", "id", "es", "fr"];
    const node = (language: string) => ({
      id: "1",
      name: "paged",
      language,
      status: "APPROVED",
      category: "UTILITY",
      quality_score: { score: "GREEN" },
      rejected_reason: "NONE",
      message_send_ttl_seconds: language === "es" ? 3600 : -1,
      components: [{ type: "BODY", text: "Hi {{1}}, it is on.", example: { body_text: [["Ana"]] } }],
    });
    const urls: URL[] = [];
    vi.mocked(fetch).mockImplementation(async (input) => {
      const url = new URL(String(input));
      urls.push(url);
      const at = Number(url.searchParams.get("after") ?? 0);
      const next = at + 1 < languages.length ? { next: "https://evil.test/?access_token=x" } : {};
      const data = [node(languages[at] ?? ""), { id: "new in 2027" }];
      return Response.json({ data, paging: { cursors: { after: String(at + 1) }, ...next } });
    });
    await sync();
    expect(new Set(urls.map(({ host }) => host))).toEqual(new Set([new URL(env.WHATSAPP_BASE_URL).host]));
    expect(urls[0]?.searchParams.get("fields")).toBe(
      "id,name,language,status,category,components,rejected_reason,quality_score,message_send_ttl_seconds",
    );
    // The shortest time to live of all languages counts.
    const template = await get("paged");
    expect(Object.keys(template.languages).toSorted()).toEqual(languages.toSorted());
    expect(template).toMatchObject({
      category: "utility",
      parameters: ["1"],
      time_to_live_seconds: 3600,
      languages: { id: { quality: "GREEN", rejected_reason: null, examples: { 1: "Ana" } } },
    });
  });

  it.each([
    ["a file in its header", { type: "HEADER", format: "IMAGE" }],
    ["a flow behind a button", { type: "BUTTONS", buttons: [{ type: "FLOW", text: "Go" }] }],
    ["cards", { type: "CAROUSEL", cards: [] }],
  ])("does not treat a template with %s as sendable with texts alone", async (_, component) => {
    const body = { type: "BODY", text: "Hi there" };
    const node = { id: "1", name: "rich", language: "en_US", status: "APPROVED", category: "UTILITY" };
    vi.mocked(fetch).mockImplementation(async () =>
      Response.json({ data: [{ ...node, components: [component, body] }] }),
    );
    await sync();
    expect((await get("rich")).languages.en_US).toMatchObject({ status: "APPROVED", body: null });
  });

  it.each([
    ["with no answer", () => Promise.reject(new TypeError("Network connection lost."))],
    ["with nothing that can be read", async () => Response.json({ data: [{ id: 1, title: "of 2027" }] })],
  ])("that fails %s changes nothing", async (_, answer) => {
    await put("codes", CODES);
    vi.mocked(fetch).mockImplementationOnce(answer);
    expect((await api("POST", "/v1/templates/sync")).status).toBe(502);
    expect(await statuses("codes")).toMatchObject({ id: "APPROVED" });
  });

  it("runs once a day, and its failure does not stop the other daily work", async () => {
    const daily = () => maintain(deploy(env), "17 3 * * *");
    await daily();
    expect(await inKv("verification_code")).toMatchObject({
      languages: { ko: { body: expect.any(String) } },
    });
    vi.mocked(fetch).mockRejectedValueOnce(new TypeError("Network connection lost."));
    await daily();
    expect(deployment.logLines.join()).toContain("Template sync from WhatsApp failed");
    deployment.graphCalls.length = 0;
    await maintain(deploy(env), "*/10 * * * *");
    expect(deployment.graphCalls).toHaveLength(0);
  });
});
