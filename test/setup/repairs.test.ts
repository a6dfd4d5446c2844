import { describe, expect, it, vi } from "vitest";
import type { CheckId } from "../../src/setup/checks/ids.ts";
import { subscriptionOf } from "../../src/setup/checks/webhook.ts";
import type { MetaError } from "../../src/setup/graph.ts";
import { repair } from "../../src/setup/repairs/index.ts";
import type { RepairOutcome, RepairTools } from "../../src/setup/repairs/repair.ts";
import { HANDSHAKE_MS } from "../../src/setup/webhook-address.ts";
import { NOW, SETTINGS } from "../simulator/rig.ts";
import {
  AccountAtMeta,
  type Changes,
  createStarter,
  examineAll,
  faultsOf,
  LANGUAGES,
  VERIFY_TOKEN,
} from "./account-at-meta.ts";

const ELSEWHERE = "https://crm.example.com/hook";
const UNREGISTERED = { status: "PENDING", platform_type: "NOT_APPLICABLE" } as const;

/** Repairs once, as the doctor does: it looks, examines and mends. */
async function mend(at: AccountAtMeta, id: CheckId, tools: Partial<RepairTools> = {}) {
  const findings = await at.look();
  const graph = at.graph();
  const outcome = await repair(id, examineAll(findings), findings, {
    graph,
    verifyToken: VERIFY_TOKEN,
    mayTakeOver: false,
    newPin: () => "482913",
    createTemplates: async (names, languages) => {
      for (const name of names) await createStarter(at.rig, name, languages);
      return { kind: "repaired" };
    },
    ...tools,
  });
  return { outcome, calls: graph.calls };
}

interface RepairCase {
  readonly id: CheckId;
  readonly what: string;
  readonly changes: Changes;
  readonly mayTakeOver?: boolean;
  readonly outcome?: RepairOutcome;
}

const CASES: readonly RepairCase[] = [
  { id: "webhook.account", what: "subscribes the app", changes: { account: { subscribed: false } } },
  {
    id: "webhook.fields",
    what: "subscribes to the fields",
    changes: { account: { webhook: { fields: ["messages", "flows"] } } },
  },
  {
    id: "webhook.url",
    what: "sets the webhook",
    changes: { account: { webhook: { url: null, fields: [] } } },
  },
  {
    id: "webhook.url",
    what: "takes the webhook over where it may",
    changes: { account: { webhook: { url: ELSEWHERE } } },
    mayTakeOver: true,
  },
  {
    id: "webhook.override",
    what: "removes the number's redirection",
    changes: { account: { override: { number: ELSEWHERE } } },
  },
  {
    id: "webhook.override",
    what: "removes the number's and the account's redirection",
    changes: { account: { override: { number: ELSEWHERE, account: ELSEWHERE } } },
  },
  {
    id: "number.registered",
    what: "registers with a new PIN",
    changes: { account: UNREGISTERED },
    outcome: { kind: "repaired", secret: "482913" },
  },
  {
    id: "number.pin",
    what: "sets a new PIN and registers with it",
    changes: {
      account: { ...UNREGISTERED, pin: "111111" },
      memory: { registrationRefusal: { code: 133005, at: NOW } },
    },
    mayTakeOver: true,
    outcome: { kind: "repaired", secret: "482913" },
  },
  {
    id: "templates.present",
    what: "creates what is missing",
    changes: { missing: ["login_code", "shipping_update"] },
  },
  {
    id: "templates.ttl",
    what: "shortens the time to live",
    changes: { settings: { templates: [{ name: "login_code", purposes: ["login"], codeLifeSeconds: 120 }] } },
  },
  {
    id: "templates.name_blocked",
    what: "creates the successor",
    changes: {
      missing: ["login_code"],
      memory: { deletedTemplates: { login_code: NOW } },
    },
  },
  {
    id: "number.identity_check",
    what: "switches the identity check on",
    changes: { account: { identity_check: false } },
  },
];

describe("A repair", () => {
  it.each(CASES)("of $id $what, and does nothing the second time", async (given) => {
    const { id, changes, mayTakeOver = false, outcome = { kind: "repaired" } } = given;
    const at = await AccountAtMeta.with(changes);
    expect((await mend(at, id, { mayTakeOver })).outcome).toEqual(outcome);
    expect(faultsOf(examineAll(await at.look()))).toEqual([]);
    expect(await mend(at, id, { mayTakeOver })).toEqual({ outcome: { kind: "not_needed" }, calls: 0 });
  });

  it("keeps the webhook's fields that Sandi does not read", async () => {
    const at = await AccountAtMeta.with({ account: { webhook: { fields: ["flows"] } } });
    await mend(at, "webhook.fields");
    const { fields } = subscriptionOf(await at.look()) ?? {};
    expect(fields).toEqual(expect.arrayContaining(["flows", "messages", "security"]));
  });

  it.each([
    ["webhook.url", { account: { webhook: { url: ELSEWHERE } } }, "goes to crm.example.com"],
    [
      "number.pin",
      { account: UNREGISTERED, memory: { registrationRefusal: { code: 133008, at: NOW } } },
      "two-step PIN would be replaced",
    ],
  ] as const)("of %s changes nothing of another's without consent", async (id, changes, sentence) => {
    const at = await AccountAtMeta.with(changes);
    const { outcome, calls } = await mend(at, id);
    expect(outcome).toEqual({ kind: "needs_consent", sentence: expect.stringContaining(sentence) });
    expect(calls).toBe(0);
  });

  it("waits for the check that comes first, and leaves to people what is theirs", async () => {
    const at = await AccountAtMeta.with({ account: { verification: "pending", limit: "TIER_250" } });
    expect(await mend(at, "templates.present")).toEqual({
      outcome: { kind: "waits", sentence: "Not examined: template.eligibility comes first." },
      calls: 0,
    });
    expect((await mend(at, "template.eligibility")).outcome).toMatchObject({ kind: "by_hand" });
  });

  it("tells Meta's words where Meta refuses, and does not try a PIN again", async () => {
    const refusals: (MetaError | null)[] = [];
    const at = await AccountAtMeta.with({ account: { ...UNREGISTERED, pin: "111111" } });
    const { outcome, calls } = await mend(at, "number.registered", {
      onRegistration: async (refusal) => void refusals.push(refusal),
    });
    expect(outcome).toMatchObject({ kind: "refused", error: { code: 133005 } });
    expect(calls).toBe(1);
    expect(refusals).toMatchObject([{ code: 133005 }]);
  });

  it("looks before it says that a registration without an answer has failed", async () => {
    const at = await AccountAtMeta.with({ account: UNREGISTERED });
    let registrations = 0;
    const graph = at.graph({
      fetch: async (url, init) => {
        const answer = await at.rig.simulator.app.request(url, init);
        if (!url.endsWith("/register")) return answer;
        registrations += 1;
        throw new DOMException("late", "TimeoutError");
      },
    });
    expect((await mend(at, "number.registered", { graph })).outcome).toEqual({
      kind: "repaired",
      secret: "482913",
    });
    expect(registrations).toBe(1);
  });

  it("says so where Meta takes the call but not the fields", async () => {
    const at = await AccountAtMeta.with({
      account: { webhook: { fields: ["messages"], fields_by_api: false } },
    });
    expect((await mend(at, "webhook.fields")).outcome).toEqual({
      kind: "by_hand",
      sentence: expect.stringContaining("App dashboard, WhatsApp, Configuration, Webhook fields"),
    });
  });

  it("waits for Meta's handshake with the deployment longer than for a read", async () => {
    const at = await AccountAtMeta.with({ account: { webhook: { fields: ["messages"] } } });
    const limits = vi.spyOn(AbortSignal, "timeout");
    expect((await mend(at, "webhook.fields")).outcome).toEqual({ kind: "repaired" });
    expect(limits.mock.calls.flat().filter((limit) => limit === HANDSHAKE_MS)).toHaveLength(1);
    limits.mockRestore();
  });

  it("does not replace a button that it does not know", async () => {
    const at = await AccountAtMeta.with({
      settings: { templates: [{ name: "one_tap", purposes: ["login"], codeLifeSeconds: 120 }] },
    });
    await oneTapTemplate(at);
    const { outcome, calls } = await mend(at, "templates.ttl");
    expect(outcome).toMatchObject({ kind: "by_hand" });
    expect(calls).toBe(1);
  });
});

function oneTapTemplate(at: AccountAtMeta): Promise<Response> {
  const apps = [{ package_name: "com.example.app", signature_hash: "K8a/AINcGX7" }];
  return at.rig.graph("POST", `/v26.0/${SETTINGS.businessAccountId}/upsert_message_templates`, {
    name: "one_tap",
    category: "AUTHENTICATION",
    languages: LANGUAGES,
    message_send_ttl_seconds: 600,
    components: [
      { type: "BODY", add_security_recommendation: true },
      { type: "BUTTONS", buttons: [{ type: "OTP", otp_type: "ONE_TAP", supported_apps: apps }] },
    ],
  });
}
