import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { deploy } from "../../../src/deployment.ts";
import { endpoints } from "../../../src/http/v1/index.ts";
import { AuditLog, type AuditMessage } from "../../../src/journal/audit.ts";
import { SCOPES } from "../../../src/keys/caller.ts";
import { consume } from "../../../src/queues.ts";
import { api, exampleOf, newNumber, start, useDeployment } from "../../deployment.ts";
import { putTemplate } from "../../notifications/rig.ts";

const deployment = useDeployment();

const definitions = endpoints(deploy(env)).map(({ definition }) => ({
  ...definition,
  title: `${definition.method.toUpperCase()} ${definition.path}`,
}));
const writes = definitions.filter(({ method }) => method !== "get");
const audited = writes.filter(({ notAudited }) => notAudited === undefined);

/** An id of each kind that parses and names nothing. */
const IDS: Readonly<Record<string, string>> = {
  "/v1/notifications/batches/": "bat_00000000000000000000000000",
  "/v1/guard/lists/": "block",
};

/** Templates as a whole have no id. */
const WITHOUT_TARGET = ["syncTemplates", "setUpTemplates"];

function pathOf(path: string): string {
  const [, id = "nothing"] = Object.entries(IDS).find(([beginning]) => path.startsWith(beginning)) ?? [];
  return path.replace("{id}", path.includes("{name}") ? "nothing" : id).replace(/\{\w+\}/g, id);
}

const entries = async (query = "") => (await api("GET", `/v1/audit${query}`)).body.data;

beforeEach(() => putTemplate(deployment));

describe("The audit", () => {
  it.each(audited)(
    "$title leaves one audit entry that names who acted, on what, and what came of it",
    async (definition) => {
      const { method, path, operationId } = definition;
      const example = await exampleOf(definition);
      const { status, body } = await api(method.toUpperCase(), pathOf(path), example);
      const outcome = status < 300 ? expect.any(String) : body.code;
      expect(await entries()).toEqual([
        {
          id: expect.stringMatching(/^aud_/),
          actor: "operator",
          actor_name: "operator",
          app: "default",
          action: operationId,
          target: WITHOUT_TARGET.includes(operationId) ? null : expect.any(String),
          reason: example?.reason ?? example?.note ?? null,
          outcome,
          created_at: expect.any(String),
        },
      ]);
    },
  );

  it("the sends and checks of apps are the only writes that leave no audit entry", () => {
    const unaudited = writes.filter(({ notAudited }) => notAudited !== undefined);
    expect(unaudited.map(({ operationId }) => operationId).sort()).toEqual([
      "approveVerification",
      "cancelVerification",
      "checkVerification",
      "checkVerificationByNumber",
      "resendVerification",
      "sendMessage",
      "sendNotification",
      "startVerification",
    ]);
  });

  it("an API key is named by id and name, and its app with it", async () => {
    const made = await api("POST", "/v1/keys", { name: "Administration", scopes: SCOPES, app: "shop" });
    const admin = { authorization: `Bearer ${made.body.key}` };
    const created = await api("POST", "/v1/keys", { name: "Backend", scopes: ["reports"] }, admin);
    await api("DELETE", `/v1/keys/${created.body.id}`, undefined, admin);
    expect(await entries(`?actor=${made.body.id}`)).toMatchObject([
      {
        action: "revokeKey",
        target: created.body.id,
        outcome: "revoked",
        actor_name: "Administration",
        app: "shop",
      },
      { action: "createKey", target: created.body.id, outcome: "created" },
    ]);
    expect(JSON.stringify(await entries())).not.toContain(created.body.key);
  });

  it("numbers in the audit are masked, also those of the lists", async () => {
    const to = newNumber();
    await api("POST", "/v1/guard/unlock", { to, reason: "The owner called us." });
    await api("POST", "/v1/guard/lists/block", { number: to, note: "asked us to" });
    const masked = `+62*********${to.slice(-2)}`;
    expect(await entries()).toMatchObject([
      { action: "addGuardListEntry", target: masked, reason: "asked us to" },
      { action: "unlockNumber", target: masked, reason: "The owner called us.", outcome: "was_open" },
    ]);
    expect(JSON.stringify(await entries())).not.toContain(to.slice(1));
  });

  it("reads, invalid requests and requests without the scope leave no audit entry", async () => {
    await start({ to: newNumber() });
    await api("GET", "/v1/keys");
    await api("POST", "/v1/keys", { name: "", scopes: [] });
    await api("POST", "/v1/keys", {}, { authorization: "Bearer sandi_unknown" });
    expect(await entries()).toEqual([]);
  });

  it("the audit is filtered by time, actor and action, and read page by page", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const began = Date.now();
    for (let count = 0; count < 5; count += 1) {
      vi.setSystemTime(began + count * 1000);
      await api("POST", "/v1/keys", { name: `Key ${count}`, scopes: ["reports"] });
    }
    vi.setSystemTime(began + 60_000);
    await api("POST", "/v1/templates/sync");
    expect(await entries("?action=syncTemplates")).toHaveLength(1);
    expect(await entries("?actor=key_unknown")).toEqual([]);
    const time = (after: number) => new Date(began + after).toISOString();
    expect(await entries(`?from=${time(1000)}&to=${time(3000)}`)).toHaveLength(2);

    const seen: string[] = [];
    let after = "";
    do {
      const { body } = await api("GET", `/v1/audit?limit=2${after}`);
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      after = body.next === null ? "" : `&after=${body.next}`;
    } while (after !== "");
    expect(seen).toEqual((await entries()).map(({ id }: { id: string }) => id));
    expect(new Set(seen).size).toBe(6);
  });
});

describe("The audit without a database", () => {
  const down = () =>
    vi.spyOn(AuditLog.prototype, "store").mockRejectedValue(new Error("D1_ERROR: database or disk is full"));
  /** What waits on the queue of events, whose consumer has not come yet. */
  const queued = () => {
    const messages: AuditMessage[] = [];
    vi.spyOn(env.EVENTS, "send").mockImplementation(async (message) => {
      messages.push(message as AuditMessage);
      return {} as QueueSendResponse;
    });
    return messages;
  };
  const refusing = () => vi.spyOn(env.EVENTS, "send").mockRejectedValue(new Error("the queue is down"));

  it("an act while the database is full has its audit entry once the database has room, in any order", async () => {
    const full = down();
    const messages = queued();
    const to = newNumber();
    expect((await api("POST", "/v1/guard/unlock", { to, reason: "called us" })).status).toBe(200);
    expect((await api("POST", "/v1/keys", { name: "Backend", scopes: ["reports"] })).status).toBe(201);
    expect(messages.map(({ entry }) => [entry.action, entry.outcome])).toEqual([
      ["unlockNumber", null],
      ["unlockNumber", "was_open"],
      ["createKey", null],
      ["createKey", "created"],
    ]);
    expect(JSON.stringify(messages)).not.toContain(to.slice(1));
    full.mockRestore();
    expect(await entries()).toEqual([]);
    const again = [...messages.toReversed(), ...messages].map((body, place) => ({
      id: String(place),
      timestamp: new Date(),
      attempts: 2,
      body,
    }));
    const batch = createMessageBatch<AuditMessage>("sandi-events", again);
    await consume(batch, deploy(env));
    expect((await getQueueResult(batch, createExecutionContext())).ackAll).toBe(true);
    expect(await entries()).toMatchObject([
      { action: "createKey", outcome: "created", target: expect.stringMatching(/^key_/) },
      { action: "unlockNumber", outcome: "was_open", reason: "called us" },
    ]);
  });

  it("an act that begins while the database is full and ends after it has its outcome", async () => {
    vi.spyOn(AuditLog.prototype, "store").mockRejectedValueOnce(
      new Error("D1_ERROR: database or disk is full"),
    );
    const begun = queued();
    await api("POST", "/v1/keys", { name: "Backend", scopes: ["reports"] });
    expect(begun).toHaveLength(1);
    await new AuditLog(env.JOURNAL).store(begun.map(({ entry }) => entry));
    expect(await entries()).toMatchObject([{ action: "createKey", outcome: "created" }]);
  });

  it("an administrative write whose audit entry neither database nor queue takes is answered with 503 and does not happen", async () => {
    const begin = down();
    refusing();
    const answer = await api("POST", "/v1/keys", { name: "Backend", scopes: ["reports"] });
    expect(answer).toMatchObject({ status: 503, body: { code: "unavailable" } });
    expect(answer.headers.get("retry-after")).toBe("5");
    begin.mockRestore();
    expect((await api("GET", "/v1/keys")).body.data).toEqual([]);
  });

  it("an operator unlocks and unblocks also without the queue, and the log has the audit entry instead", async () => {
    down();
    refusing();
    const to = newNumber();
    expect((await api("POST", "/v1/guard/unlock", { to, reason: "called us" })).status).toBe(200);
    expect((await api("POST", "/v1/guard/unblock", { to, reason: "our campaign" })).status).toBe(200);
    const logged = deployment.logLines
      .map((line) => JSON.parse(line))
      .filter(({ message }) => message === "Audit entry could not be stored");
    expect(logged.map(({ audit }) => [audit.action, audit.actor, audit.reason, audit.outcome])).toEqual([
      ["unlockNumber", "operator", "called us", null],
      ["unlockNumber", "operator", "called us", "was_open"],
      ["unblockRange", "operator", "our campaign", null],
      ["unblockRange", "operator", "our campaign", "was_open"],
    ]);
    expect(JSON.stringify(logged)).not.toContain(to.slice(1));
  });

  it("an act whose end cannot be recorded is answered, and its audit entry stays without an outcome", async () => {
    refusing();
    const { store } = AuditLog.prototype;
    const stored = vi
      .spyOn(AuditLog.prototype, "store")
      .mockRejectedValue(new Error("D1_ERROR: the disk is full"));
    stored.mockImplementationOnce(function (this: AuditLog, begun) {
      return store.call(this, begun);
    });
    expect((await api("POST", "/v1/keys", { name: "Backend", scopes: ["reports"] })).status).toBe(201);
    expect(await entries()).toMatchObject([{ action: "createKey", outcome: null }]);
  });
});
