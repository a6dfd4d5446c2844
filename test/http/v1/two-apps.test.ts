import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { deploy } from "../../../src/deployment.ts";
import type { GuardEvent } from "../../../src/guard/decision.ts";
import { endpoints } from "../../../src/http/v1/index.ts";
import { DEFAULT_APP } from "../../../src/ids/app-name.ts";
import { SCOPES } from "../../../src/keys/caller.ts";
import type { DeliveryJob } from "../../../src/webhook-endpoints/delivery.ts";
import { deliverEvents } from "../../../src/webhook-endpoints/queue.ts";
import {
  type Answer,
  api,
  check,
  codeSentTo,
  exampleOf,
  newNumber,
  useDeployment,
} from "../../deployment.ts";
import { drawHistory, eventsOf, lastOf, randomFrom } from "../../journal/histories.ts";
import { notify, putTemplate } from "../../notifications/rig.ts";

const deployment = useDeployment();
const services = deploy(env);
const random = randomFrom(13);

const definitions = endpoints(services).map(({ definition }) => ({
  ...definition,
  title: `${definition.method.toUpperCase()} ${definition.path}`,
}));
const owned = definitions.filter(({ sharedByApps }) => sharedByApps === undefined);

/** What the default app has. */
interface Things {
  readonly to: string;
  readonly code: string;
  readonly verification: string;
  readonly closed: string;
  readonly notification: string;
  readonly batch: string;
  readonly endpoint: string;
  readonly delivery: string;
}

/** By the beginning of a path, what its `{id}` names. */
const RESOURCES: readonly (readonly [path: string, thing: keyof Things])[] = [
  ["/v1/verifications/", "verification"],
  ["/v1/notifications/batches/", "batch"],
  ["/v1/notifications/", "notification"],
  ["/v1/webhook-endpoints/", "endpoint"],
];

const DECISION: GuardEvent = {
  kind: "guard",
  id: "evt_of_the_default_app",
  type: "guard.blocked",
  at: Date.now(),
  toSealed: "",
  decision: {
    rule: "country",
    code: "destination_not_allowed",
    refused: true,
    figures: {},
    limits: {},
    app: DEFAULT_APP,
    purpose: "login",
    country: "ID",
    callerId: "operator",
    to: "+62*********90",
  },
};

let things: Things;
let shop: Record<string, string>;

beforeEach(async () => {
  await putTemplate(deployment);
  things = await makeThings();
  shop = await keyOf("shop");
});

async function keyOf(app: string): Promise<Record<string, string>> {
  const scopes = SCOPES.filter((scope) => scope !== "admin");
  const { body } = await api("POST", "/v1/keys", { name: `Backend of ${app}`, scopes, app });
  return { authorization: `Bearer ${body.key}` };
}

/** Has the default app own one of everything. */
async function makeThings(): Promise<Things> {
  const to = newNumber();
  const verification = await api("POST", "/v1/verifications", { to });
  const notification = await notify(to);
  const parameters = { name: "Ana", order: "A-77" };
  const batch = await api("POST", "/v1/notifications/batches", {
    template: "shipping_update",
    recipients: [{ to: newNumber(), parameters }],
  });
  const endpoint = await api("POST", "/v1/webhook-endpoints", {
    url: "https://shop.example.com/hooks",
    event_types: ["guard.blocked"],
  });
  const story = drawHistory(random, { createdAt: Date.now() - 60_000 });
  await services.journal.record(eventsOf([story]));
  await services.guardLog.record([DECISION]);
  const queue = { sendBatch: async () => {} } as unknown as Queue<DeliveryJob>;
  await deliverEvents([DECISION], { ...services.webhooks, queues: { first: queue, slow: queue } });
  const deliveries = await api("GET", `/v1/webhook-endpoints/${endpoint.body.id}/deliveries`);
  return {
    to,
    code: await codeSentTo(deployment, to),
    verification: verification.body.id,
    closed: lastOf(story).id,
    notification: notification.body.id,
    batch: batch.body.id,
    endpoint: endpoint.body.id,
    delivery: deliveries.body.data[0].id,
  };
}

/** The call of an endpoint about the default app's things. */
async function call(
  definition: (typeof definitions)[number],
  headers: Record<string, string>,
): Promise<Answer> {
  const { method, path } = definition;
  const named = RESOURCES.find(([beginning]) => path.startsWith(beginning))?.[1];
  const url = path.replace("{delivery}", things.delivery).replace("{id}", () => {
    if (named === undefined) throw new Error(`Say in RESOURCES what the id of ${path} names`);
    return things[named];
  });
  const given = await exampleOf(definition);
  const body =
    given === undefined
      ? undefined
      : { ...given, ...("to" in given && { to: things.to }), ...("code" in given && { code: things.code }) };
  return api(method.toUpperCase(), url, body, headers);
}

/** Whether the default app's things are as they were made. */
async function expectUntouched(): Promise<void> {
  const read = async (path: string) => (await api("GET", path)).body;
  expect(await read(`/v1/verifications/${things.verification}`)).toMatchObject({
    status: "pending",
    attempts_remaining: 5,
    messages: [{}],
  });
  expect(await read(`/v1/notifications/batches/${things.batch}`)).toMatchObject({ status: "running" });
  expect(await read(`/v1/webhook-endpoints/${things.endpoint}`)).toMatchObject({
    status: "enabled",
    previous_secret_expires_at: null,
  });
  expect((await check(things.verification, things.code)).body.valid).toBe(true);
}

const byId = owned.filter(({ path }) => path.includes("{"));
const lists = owned.filter(({ path, method }) => method === "get" && !path.includes("{"));
const writes = owned.filter(({ path, method }) => method !== "get" && !path.includes("{"));

describe("Two apps", () => {
  it.each(byId)("the key of another app gets 404 from $title with an app's id", async (definition) => {
    const answer = await call(definition, shop);
    expect([answer.status, answer.body.code]).toEqual([404, "not_found"]);
    await expectUntouched();
  });

  it.each(lists)("the key of another app gets nothing from $title of an app's things", async (definition) => {
    const operators = await call(definition, {});
    expect([operators.status, isEmpty(operators.body)]).toEqual([200, false]);
    const answer = await call(definition, shop);
    expect([answer.status, isEmpty(answer.body)]).toEqual([200, true]);
    expectNoIds(answer);
  });

  it.each(writes)(
    "the key of another app learns and changes nothing of an app's by $title",
    async (definition) => {
      expectNoIds(await call(definition, shop));
      await expectUntouched();
    },
  );

  it("every list of one app names nothing of the other, also with a number that both know", async () => {
    const { body } = await api(
      "GET",
      `/v1/verifications?to=${encodeURIComponent(things.to)}`,
      undefined,
      shop,
    );
    expect(body).toEqual({ data: [], next: null });
  });

  it("the right code of one app is not valid in another, by id or by number", async () => {
    const byNumber = await api("POST", "/v1/verifications/check", { to: things.to, code: things.code }, shop);
    expect(byNumber).toMatchObject({ status: 200, body: { valid: false } });
    expect((await check(things.verification, things.code, {}, shop)).status).toBe(404);
    await expectUntouched();
  });

  it("the operator reaches every app, and one app alone when the header names it", async () => {
    const path = `/v1/verifications/${things.verification}`;
    expect((await api("GET", path)).status).toBe(200);
    expect((await api("GET", path, undefined, { "sandi-app": "default" })).status).toBe(200);
    expect((await api("GET", path, undefined, { "sandi-app": "shop" })).status).toBe(404);
  });

  it("what a key or the header Sandi-App starts belongs to its app", async () => {
    const started = await api("POST", "/v1/verifications", { to: newNumber() }, { "sandi-app": "shop" });
    expect(started).toMatchObject({ status: 201, body: { app: "shop" } });
    expect((await api("GET", `/v1/verifications/${started.body.id}`, undefined, shop)).status).toBe(200);
    const notified = await api(
      "POST",
      "/v1/notifications",
      { to: newNumber(), template: "shipping_update", parameters: { name: "Ana", order: "A-77" } },
      shop,
    );
    expect(notified).toMatchObject({ status: 202, body: { app: "shop" } });
  });

  it("only the listed endpoints are about things that apps share", () => {
    const shared = definitions.filter(({ sharedByApps }) => sharedByApps !== undefined);
    expect(shared.map(({ operationId }) => operationId).sort()).toEqual([
      "addGuardListEntry",
      "createKey",
      "createOAuthClient",
      "deleteOAuthClient",
      "deleteTemplate",
      "examineDeployment",
      "getOAuthClient",
      "getTemplate",
      "listAuditEntries",
      "listGuardListEntries",
      "listKeys",
      "listOAuthClients",
      "listSenders",
      "listSigningKeys",
      "listTemplates",
      "previewTemplate",
      "putTemplate",
      "removeGuardListEntry",
      "repairDeployment",
      "revokeKey",
      "rotateOAuthClientSecret",
      "rotateSigningKeys",
      "setUpTemplates",
      "syncTemplates",
      "unblockRange",
      "unlockNumber",
      "updateOAuthClient",
    ]);
  });
});

describe("A key with the scope admin", () => {
  it("a key with the scope admin manages webhook endpoints, statistics and decisions of every app or the named one", async () => {
    const { body } = await api("POST", "/v1/keys", {
      name: "Administration",
      scopes: ["admin", "webhooks", "reports"],
      app: "shop",
    });
    const admin = { authorization: `Bearer ${body.key}` };
    const created = await api(
      "POST",
      "/v1/webhook-endpoints",
      { url: "https://shop.example.com/more", app: "default" },
      admin,
    );
    expect(created).toMatchObject({ status: 201, body: { app: "default" } });
    const counts = async (path: string) => {
      const lists = await Promise.all(
        ["", "?app=default", "?app=shop"].map((query) => api("GET", path + query, undefined, admin)),
      );
      return lists.map((list) => list.body.data[0]?.started ?? list.body.data.length);
    };
    expect(await counts("/v1/webhook-endpoints")).toEqual([2, 2, 0]);
    expect(await counts("/v1/guard/decisions")).toEqual([1, 1, 0]);
    expect(await counts("/v1/stats")).toEqual([1, 1, 0]);
    expect((await api("GET", "/v1/stats?app=unknown", undefined, admin)).status).toBe(400);
  });

  it.each([
    ["GET", "/v1/webhook-endpoints?app=default", undefined],
    ["GET", "/v1/stats?app=default", undefined],
    ["GET", "/v1/guard/decisions?app=default", undefined],
    ["POST", "/v1/webhook-endpoints", { url: "https://shop.example.com/hooks", app: "default" }],
  ])("without the scope admin %s %s of another app is refused", async (method, path, body) => {
    expect(await api(method, path, body, shop)).toMatchObject({ status: 403, body: { code: "forbidden" } });
  });
});

/** Whether a list has no entry, or statistics count nothing. */
function isEmpty({ data }: { readonly data?: readonly { readonly started?: number }[] }): boolean {
  return data?.every(({ started }) => started === 0) ?? false;
}

function expectNoIds({ text }: Answer): void {
  const { to: _, code: __, ...ids } = things;
  for (const id of [...Object.values(ids), DECISION.id]) expect(text).not.toContain(id);
}
