import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ApiKeys } from "../../../src/keys/api-keys.ts";
import { codeSentTo, newNumber, useDeployment } from "../../deployment.ts";
import { APPLICATION_ID, claimsAt, newKeyPair, pemOf, signToken } from "./application.ts";
import { steps, VonageService } from "./vonage-service.ts";

const deployment = useDeployment();
let pair: CryptoKeyPair;
let service: VonageService;
let to = "";

beforeAll(async () => {
  pair = await newKeyPair();
});

beforeEach(async () => {
  const application = { purpose: "signup", public_key: await pemOf(pair.publicKey) };
  const COMPATIBILITY = { vonage: { applications: { [APPLICATION_ID]: application } } };
  service = new VonageService({ COMPATIBILITY });
  to = newNumber();
});

const bearer = async (claims: object = {}) => ({
  authorization: `Bearer ${await signToken(pair, { ...claimsAt(Date.now()), ...claims })}`,
});
const basic = (secret: string) => ({ authorization: `Basic ${btoa(`a1b2c3d4:${secret}`)}` });

describe("A call of Vonage's API", () => {
  it("with an application's token has the application's purpose, and the log names the application", async () => {
    const { status, body } = await service.start(steps(to, "whatsapp"), {}, await bearer());
    expect([status, (await service.shown(to)).purpose]).toEqual([202, "signup"]);
    const code = await codeSentTo(deployment, to);
    expect(code).toHaveLength(8);
    const checked = await service.call("POST", `/${body.request_id}`, { code }, await bearer());
    expect(checked.status).toBe(200);
    expect(deployment.logLines.join()).toContain(`"caller":"${APPLICATION_ID}"`);
  });

  it("with an API key as the secret has the purpose login, with any user name", async () => {
    const { key } = await new ApiKeys(env.API_KEYS, env.ADMIN_KEY).create("app", ["verifications"]);
    expect((await service.start(steps(to, "whatsapp"), {}, basic(key))).status).toBe(202);
    expect((await service.shown(to)).purpose).toBe("login");
  });

  it("reaches the verifications of its own app only", async () => {
    const { key } = await new ApiKeys(env.API_KEYS, env.ADMIN_KEY).create(
      "app",
      ["verifications"],
      "shop" as never,
    );
    const { body } = await service.start(steps(to, "whatsapp"), {}, await bearer());
    const code = await codeSentTo(deployment, to);
    const foreign = await service.call("POST", `/${body.request_id}`, { code }, basic(key));
    expect(foreign.status).toBe(404);
    expect((await service.call("DELETE", `/${body.request_id}`, undefined, basic(key))).status).toBe(404);
    expect(
      (await service.call("POST", `/${body.request_id}/next_workflow`, undefined, basic(key))).status,
    ).toBe(404);
    expect((await service.call("POST", `/${body.request_id}`, { code }, await bearer())).status).toBe(200);
  });

  it("may not name another app than the application's in Sandi-App", async () => {
    const headers = await bearer();
    const answer = await service.start(steps(to, "whatsapp"), {}, { ...headers, "sandi-app": "shop" });
    expect([answer.status, answer.body.type.split("#")[1]]).toEqual([403, "forbidden"]);
  });

  it.each<[string, () => Promise<object> | object]>([
    ["no credentials", () => ({ authorization: "" })],
    ["an expired token", () => bearer({ exp: Math.floor(Date.now() / 1000) })],
    [
      "a token of another application",
      () => bearer({ application_id: "88d335fa-323d-0114-9c3d-d6f0d48968cf" }),
    ],
    [
      "a token of another key",
      async () => ({ authorization: `Bearer ${await signToken(await newKeyPair(), claimsAt(Date.now()))}` }),
    ],
    ["the admin key as a token", () => ({ authorization: `Bearer ${env.ADMIN_KEY}` })],
    ["a wrong secret", () => basic(`${env.ADMIN_KEY}x`)],
    ["the secret as the user name", () => ({ authorization: `Basic ${btoa(`${env.ADMIN_KEY}:`)}` })],
  ])("with %s is answered with 401, and sends nothing", async (_, credentials) => {
    const answer = await service.start(steps(to, "whatsapp"), {}, await credentials());
    expect([answer.status, answer.body.type.split("#")[1]]).toEqual([401, "unauthorized"]);
    expect(deployment.graphCalls).toHaveLength(0);
  });

  it("with a key that lacks the scope is answered with 403", async () => {
    const { key } = await new ApiKeys(env.API_KEYS, env.ADMIN_KEY).create("app", ["reports"]);
    const answer = await service.start(steps(to, "whatsapp"), {}, basic(key));
    expect([answer.status, answer.body.type.split("#")[1]]).toEqual([403, "forbidden"]);
  });

  it("without an application in the settings accepts no token", async () => {
    const bare = new VonageService();
    expect((await bare.start(steps(to, "whatsapp"), {}, await bearer())).status).toBe(401);
  });
});
