import { env, exports } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { deploy } from "../../../src/deployment.ts";
import { maintain } from "../../../src/schedule.ts";
import {
  change as accountChange,
  api,
  control,
  messagesChange,
  messagesTo,
  newNumber,
  start,
  useDeployment,
  webhook,
} from "../../deployment.ts";
import type { AccountPatch } from "../../simulator/account/settings.ts";
import { codesIn, put } from "../../templates/rig.ts";

const deployment = useDeployment();

const NIGHTLY = "17 3 * * *";

interface ShownCheck {
  readonly id: string;
  readonly state: string;
  readonly sentence: string;
  readonly repair: { readonly by: string; readonly text: string } | null;
}
interface ShownExamination {
  readonly verdict: string;
  readonly checked_at: string;
  readonly next: string;
  readonly checks: readonly ShownCheck[];
}

const examine = async () => (await api<ShownExamination>("GET", "/v1/doctor?fresh=true")).body;
const repair = async (body: object) =>
  (await api<{ data: Record<string, unknown>[] }>("POST", "/v1/doctor/repairs", body)).body.data;
const change = (account: AccountPatch) => control(deployment, "PUT", "/account", account);
const red = ({ checks }: ShownExamination) =>
  checks.filter(({ state }) => state === "failed" || state === "warning").map(({ id }) => id);

/** Creates every template in every language; only the first test pays for it, the others have that fault as well. */
async function createTemplates(): Promise<void> {
  const { body } = await api("GET", "/v1/templates/verification_code");
  const languages = Object.keys(body.languages);
  await api("POST", "/v1/templates/setup", { languages });
  // Of the same life as the codes that it carries.
  await put("brief", Object.assign(codesIn(...languages), { message_send_ttl_seconds: 300 }));
}
const WITHOUT_TEMPLATES = "templates.present";

describe("The doctor of a deployment", () => {
  it("finds nothing where everything is as it has to be", async () => {
    await createTemplates();
    await webhook(messagesChange({ statuses: [] }));
    const examination = await examine();
    expect(red(examination)).toEqual([]);
    expect([examination.verdict, examination.next]).toEqual(["ready", "Nothing: every check is fine."]);
  });

  it("names the cause of missing webhooks, and skips what follows from it", async () => {
    await change({ subscribed: false });
    const { verdict, next, checks } = await examine();
    const cause = checks.find(({ id }) => id === "webhook.account");
    expect(checks.filter(({ state }) => state === "failed").map(({ id }) => id)).toEqual([
      "webhook.account",
      WITHOUT_TEMPLATES,
    ]);
    expect([verdict, next]).toEqual(["blocked", cause?.repair?.text]);
    const skipped = checks.filter(({ state }) => state === "skipped").map(({ id }) => id);
    expect(skipped).toEqual(expect.arrayContaining(["app.published", "webhook.silence"]));
  });

  it("answers within five seconds and fifteen calls while Meta hangs, and claims nothing", async () => {
    await control(deployment, "PUT", "/behaviour", { management: "hang" });
    deployment.graphCalls.length = 0;
    const before = Date.now();
    const examination = await examine();
    expect(Date.now() - before).toBeLessThan(5_000);
    expect(deployment.graphCalls.length).toBeLessThanOrEqual(15);
    expect(red(examination)).toEqual([]);
    expect(examination.checks.find(({ id }) => id === "token.valid")?.state).toBe("unknown");
  }, 10_000);

  it("shows no secret, token or whole number", async () => {
    await change({ subscribed: false, quality: "RED", payment: false });
    const { text } = await api("GET", "/v1/doctor?fresh=true");
    const { WHATSAPP_ACCESS_TOKEN, WHATSAPP_APP_SECRET, WHATSAPP_VERIFY_TOKEN, ADMIN_KEY, SECRET_KEY } = env;
    const planted = [
      WHATSAPP_ACCESS_TOKEN,
      WHATSAPP_APP_SECRET,
      WHATSAPP_VERIFY_TOKEN,
      ADMIN_KEY,
      SECRET_KEY,
      "2065550100",
      "206-555-0100",
    ];
    expect(planted.filter((value) => text.includes(value))).toEqual([]);
  });

  it("asks Meta once in a minute, unless a fresh examination is asked for", async () => {
    const { verdict } = await examine();
    deployment.graphCalls.length = 0;
    const { body } = await api<ShownExamination>("GET", "/v1/doctor");
    expect([body.verdict, deployment.graphCalls.length]).toEqual([verdict, 0]);
    await examine();
    expect(deployment.graphCalls.length).toBeGreaterThan(0);
  });
});

describe("What a deployment knows by itself", () => {
  it("names the successor of a template whose name Meta does not take again", async () => {
    await put("login_code", codesIn("en_US"));
    await api("DELETE", "/v1/templates/login_code");
    expect(red(await examine())).toEqual([WITHOUT_TEMPLATES, "templates.name_blocked"]);
    expect(await repair({ checks: ["templates.name_blocked"] })).toMatchObject([{ outcome: "repaired" }]);
    expect(red(await examine())).toEqual([WITHOUT_TEMPLATES]);
  });

  it("is whether Meta tells it of what it sends", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);
    const to = newNumber();
    await start({ to });
    pass(61_000);
    expect(red(await examine())).toEqual(["app.published", WITHOUT_TEMPLATES]);
    const [message] = await messagesTo(deployment, to);
    await control(deployment, "POST", `/messages/${message?.id}/status`, { status: "sent" });
    pass(61_000);
    expect(red(await examine())).toEqual([WITHOUT_TEMPLATES]);
    await start({ to: newNumber() });
    pass(121_000);
    expect(red(await examine())).toEqual([WITHOUT_TEMPLATES, "webhook.silence"]);
  });

  it("is whether Meta has stopped the account's messages, beside other news of the account since", async () => {
    const tell = (value: object) => webhook(accountChange("account_update", value));
    const ban = (waba_ban_state: string) => ({ event: "DISABLED_UPDATE", ban_info: { waba_ban_state } });
    await tell(ban("DISABLE"));
    await tell({ event: "PARTNER_ADDED" });
    expect(red(await examine())).toContain("account.restricted");
    await tell(ban("REINSTATE"));
    expect(red(await examine())).not.toContain("account.restricted");
  });

  it("is how long events have waited to be consumed", async () => {
    const oldestMessageTimestamp = new Date(Date.now() - 3_600_000);
    const metrics = vi
      .spyOn(env.EVENTS, "metrics")
      .mockResolvedValue({ backlogCount: 1, backlogBytes: 1, oldestMessageTimestamp });
    expect(red(await examine())).toContain("cf.queues");
    metrics.mockRejectedValue(new Error("no metrics"));
    expect(red(await examine())).not.toContain("cf.queues");
  });
});

describe("The address of a deployment's webhook", () => {
  it("may be another host of the deployment than the one that is asked", async () => {
    const url = "https://verify.example.com/webhooks/whatsapp";
    await change({ webhook: { url } });
    expect(red(await examine())).toContain("webhook.url");
    const query = {
      "hub.mode": "subscribe",
      "hub.verify_token": env.WHATSAPP_VERIFY_TOKEN,
      "hub.challenge": "1",
    };
    await exports.default.fetch(`${url}?${new URLSearchParams(query)}`);
    expect(red(await examine())).toEqual([WITHOUT_TEMPLATES]);
  });
});

describe("A repair", () => {
  it("turns its check green, and calls nothing the second time", async () => {
    await change({ subscribed: false });
    expect(await repair({ checks: ["webhook.account"] })).toMatchObject([
      { check: "webhook.account", outcome: "repaired", pin: null },
    ]);
    expect(red(await examine())).toEqual([WITHOUT_TEMPLATES]);
    deployment.graphCalls.length = 0;
    expect(await repair({ checks: ["webhook.account"] })).toMatchObject([{ outcome: "not_needed" }]);
    expect(deployment.graphCalls.filter(({ method }) => method !== "GET")).toEqual([]);
  });

  it("makes the ground of the next one", async () => {
    await change({ subscribed: false, webhook: { fields: [] } });
    const repaired = await repair({ checks: ["webhook.account", "webhook.fields"] });
    expect(repaired.map(({ outcome }) => outcome)).toEqual(["repaired", "repaired"]);
    expect(red(await examine())).toEqual([WITHOUT_TEMPLATES]);
  });

  it("registers a number, and shows its new PIN this once", async () => {
    await change({ status: "PENDING", platform_type: "NOT_APPLICABLE" });
    const [repaired] = await repair({ checks: ["number.registered"] });
    expect(repaired).toMatchObject({ outcome: "repaired", pin: expect.stringMatching(/^\d{6}$/) });
    const { text } = await api("GET", "/v1/doctor?fresh=true");
    expect(text).not.toContain(repaired?.pin);
  });

  it("takes another project's webhook over where the caller agrees to it", async () => {
    await change({ webhook: { url: "https://crm.example.com/webhook?secret=of-another-project" } });
    expect((await api("GET", "/v1/doctor?fresh=true")).text).not.toContain("of-another-project");
    const [asked] = await repair({ checks: ["webhook.url"] });
    expect(asked).toMatchObject({
      outcome: "needs_consent",
      sentence: expect.stringContaining("crm.example.com"),
    });
    const [taken] = await repair({ checks: ["webhook.url"], take_over: true });
    expect(taken).toMatchObject({ outcome: "repaired" });
    expect(red(await examine())).toEqual([WITHOUT_TEMPLATES]);
  });

  it("creates what is missing of the starter set, in the languages that it has texts in", async () => {
    const { body } = await api("GET", "/v1/templates/verification_code");
    expect(Object.keys(body.languages)).toContain("ja");
    const [repaired] = await repair({ checks: ["templates.present"] });
    expect(repaired).toMatchObject({ outcome: "repaired" });
  });

  it("says that templates wait where Meta does not allow them yet", async () => {
    await change({ verification: "pending", limit: "TIER_250" });
    const [waiting] = await repair({ checks: ["templates.present"] });
    expect(waiting).toMatchObject({ outcome: "waits" });
  });

  it("of an unknown check is refused", async () => {
    const { status, body } = await api("POST", "/v1/doctor/repairs", { checks: ["webhook.everything"] });
    expect([status, body.code]).toEqual([400, "invalid_request"]);
  });

  it("leaves an audit entry with the checks and what became of them", async () => {
    await change({ subscribed: false });
    await repair({ checks: ["webhook.account"] });
    const { body } = await api("GET", "/v1/audit?action=repairDeployment");
    expect(body.data[0]).toMatchObject({ target: "webhook.account", outcome: "repaired" });
  });
});

describe("The nightly examination", () => {
  const published = () => {
    const events: { type: string; data: Record<string, unknown> }[] = [];
    const send = vi.spyOn(env.EVENTS, "sendBatch").mockImplementation(async (messages) => {
      const told = [...messages].map(({ body }) => body as (typeof events)[number]);
      events.push(...told.filter(({ data }) => data.check === "webhook.account"));
      return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
    });
    return { events, send };
  };

  it("tells once that a check has turned red, and once that it is red no more", async () => {
    const { events } = published();
    await change({ subscribed: false });
    await maintain(deploy(env), NIGHTLY);
    await maintain(deploy(env), NIGHTLY);
    expect(events).toMatchObject([
      { type: "deployment.degraded", data: { check: "webhook.account", state: "failed" } },
    ]);
    await change({ subscribed: true });
    await maintain(deploy(env), NIGHTLY);
    expect(events.slice(1)).toMatchObject([
      { type: "deployment.recovered", data: { check: "webhook.account", state: "ok" } },
    ]);
  });

  it("tells again the next night what the queue did not take, under the same id", async () => {
    const { events, send } = published();
    await change({ subscribed: false });
    send.mockRejectedValueOnce(new Error("Queue send failed"));
    await maintain(deploy(env), NIGHTLY);
    expect(events).toEqual([]);
    await maintain(deploy(env), NIGHTLY);
    expect(events).toMatchObject([{ type: "deployment.degraded" }]);
  });

  it("takes silence of Meta for no change", async () => {
    const { events } = published();
    await change({ subscribed: false });
    await maintain(deploy(env), NIGHTLY);
    await control(deployment, "PUT", "/behaviour", { management: "fail" });
    await maintain(deploy(env), NIGHTLY);
    expect(events).toHaveLength(1);
  });
});
