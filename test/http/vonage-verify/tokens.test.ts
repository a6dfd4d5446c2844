import { Buffer } from "node:buffer";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { ApplicationTokens } from "../../../src/http/vonage-verify/tokens.ts";
import { APPLICATION_ID, claimsAt, derOf, newKeyPair, signToken } from "./application.ts";

const NOW = Date.UTC(2026, 10, 30, 12);
const IAT = NOW / 1000;
const DAY = 24 * 3600;
const CLAIMS = claimsAt(NOW);

let pairs: readonly [own: CryptoKeyPair, next: CryptoKeyPair, foreign: CryptoKeyPair];
let publicKeys: Uint8Array<ArrayBuffer>[] = [];

beforeAll(async () => {
  pairs = await Promise.all([newKeyPair(), newKeyPair(), newKeyPair()]);
  publicKeys = await Promise.all(pairs.slice(0, 2).map(({ publicKey }) => derOf(publicKey)));
});

const sign = (claims: unknown, header?: unknown) => signToken(pairs[0], claims, header);
const tokens = (keys = publicKeys) =>
  new ApplicationTokens(new Map([[APPLICATION_ID, { purpose: "signup", publicKeys: keys }]]));
const verify = (token: string) => tokens().verify(token, NOW);

describe("A token of a Vonage application", () => {
  it.each<[string, object]>([
    ["the claims of Vonage's own clients", {}],
    ["no more time than a second", { exp: IAT + 1, iat: IAT - DAY + 1 }],
    ["a lifetime of a day", { exp: IAT + DAY }],
    ["a clock that is a minute ahead", { iat: IAT + 60, nbf: IAT + 60, exp: IAT + 120 }],
    ["claims that are none of ours", { sub: "server", anything: { a: 1 } }],
    ["an access list that has every path", { acl: { paths: { "/**": {} } } }],
    ["an access list that has Verify", { acl: { paths: { "/*/users/**": {}, "/*/verify/**": {} } } }],
    ["an access list that has the second version of Verify", { acl: { paths: { "/v2/verify": {} } } }],
  ])("is accepted with %s", async (_, changes) => {
    expect(await verify(await sign({ ...CLAIMS, ...changes }))).toBe(APPLICATION_ID);
  });

  it.each<[string, object]>([
    ["that has expired", { exp: IAT }],
    ["that has no expiry", { exp: undefined }],
    ["whose expiry is a text", { exp: String(IAT + 900) }],
    ["that lives longer than a day", { exp: IAT + DAY + 1 }],
    ["whose lifetime of more than a day is nearly over", { iat: IAT - DAY, exp: IAT + 1 }],
    ["that has no time of issue", { iat: undefined }],
    ["that was issued more than a minute ahead", { iat: IAT + 61 }],
    ["that begins more than a minute ahead", { nbf: IAT + 61 }],
    ["whose beginning is a text", { nbf: "0" }],
    ["of an application that is not registered", { application_id: "78d335fa-323d-0114-9c3d-d6f0d48968ce" }],
    ["of an application in another spelling", { application_id: APPLICATION_ID.toUpperCase() }],
    ["of no application", { application_id: undefined }],
    ["whose application is a list", { application_id: [APPLICATION_ID] }],
    [
      "of an end user, whose access list has other paths",
      { acl: { paths: { "/*/rtc/**": {}, "/*/verifying": {} } } },
    ],
    ["whose access list is empty", { acl: {} }],
  ])("%s is refused", async (_, changes) => {
    expect(await verify(await sign({ ...CLAIMS, ...changes }))).toBeNull();
  });

  it.each<[string, unknown]>([
    ["none", { alg: "none" }],
    ["the symmetric algorithm, for which a public key would be the secret", { alg: "HS256" }],
    ["another key length", { alg: "RS512" }],
    ["another padding", { alg: "PS256" }],
    ["small letters", { alg: "rs256" }],
    ["a list", { alg: ["RS256"] }],
    ["nothing", {}],
    ["a critical extension", { alg: "RS256", crit: ["exp"] }],
    ["no object", "RS256"],
  ])("whose header names as its algorithm %s is refused, however it is signed", async (_, header) => {
    expect(await verify(await sign(CLAIMS, header))).toBeNull();
  });

  it("with an expiry beyond every number is refused", async () => {
    const text = JSON.stringify(CLAIMS).replace(/"exp":\d+/, '"exp":1e999');
    expect(await verify(await sign(text))).toBeNull();
  });

  it("is refused where its signature is missing, altered, or of another key or of other claims", async () => {
    const token = await sign(CLAIMS);
    const [head, payload, signature = ""] = token.split(".");
    const altered = Buffer.from(signature, "base64url");
    altered[0] = (altered[0] ?? 0) ^ 1;
    const [, , other] = (await sign({ ...CLAIMS, jti: "2" })).split(".");
    const broken = [
      `${head}.${payload}.`,
      `${head}.${payload}`,
      `${head}.${payload}.${altered.toString("base64url")}`,
      `${head}.${payload}.${other}`,
      `${head}.${payload}.${signature}.${signature}`,
      ` ${token}`,
      await signToken(pairs[2], CLAIMS),
      "",
      "..",
    ];
    expect(await Promise.all(broken.map(verify))).toEqual(broken.map(() => null));
    expect(await verify(token)).not.toBeNull();
  });

  it("is accepted by each of the application's keys during a rotation, and refused once its key is removed", async () => {
    const [before, after] = [await sign(CLAIMS), await signToken(pairs[1], CLAIMS)];
    const during = tokens();
    expect([await during.verify(before, NOW), await during.verify(after, NOW)]).not.toContain(null);
    expect(await tokens(publicKeys.slice(1)).verify(before, NOW)).toBeNull();
  });

  it("has its application's key imported once, and none before the first token that could be valid", async () => {
    const imports = vi.spyOn(crypto.subtle, "importKey");
    const own = tokens();
    await own.verify(await sign({ ...CLAIMS, exp: IAT }), NOW);
    expect(imports).not.toHaveBeenCalled();
    for (let call = 0; call < 3; call += 1) expect(await own.verify(await sign(CLAIMS), NOW)).not.toBeNull();
    expect(imports).toHaveBeenCalledTimes(1);
  });
});
