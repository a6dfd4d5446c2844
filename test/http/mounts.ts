import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { deploy } from "../../src/deployment.ts";
import { COMPATIBLE_APIS } from "../../src/http/compatible-apis.ts";
import type { Dialect } from "../../src/http/dialect.ts";
import type { Endpoint, EndpointDefinition } from "../../src/http/endpoint.ts";
import { NATIVE_DIALECT } from "../../src/http/errors.ts";
import { endpoints } from "../../src/http/v1/index.ts";
import { PROBLEMS, type ProblemCode } from "../../src/platform/problem.ts";
import { credentialsOf } from "./sms-hooks/rig.ts";

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What tests have to know of a dialect to speak it. */
export interface Speech {
  /** Headers that authenticate a request with an API key, or with what the endpoint asks for instead. */
  authorize(key: string, body: BodyInit | undefined, endpoint: EndpointDefinition): Record<string, string>;
  /** Headers whose credentials are none of the deployment's. */
  readonly wrongCredentials: readonly (readonly [title: string, headers: Record<string, string>])[];
  /** Expects the dialect's answer to a problem. */
  expectError(answer: RawAnswer, code: ProblemCode): void;
  /** The texts in which an answer to invalid input says what is wrong with it. */
  faultsIn(answer: RawAnswer): readonly string[];
  /** Bodies that no endpoint accepts. */
  readonly badBodies: readonly (readonly [title: string, body: BodyInit])[];
  /** A body of more than so many bytes. */
  hugeBody(bytes: number): string;
  /** Paths under the prefix without an endpoint. */
  readonly unknownPaths: readonly string[];
  /** Fills the parameters of a path. */
  readonly param: string;
}

const INVALID_UTF_8 = new Uint8Array([0x7b, 0xff, 0x7d]);

/** Bodies that no endpoint accepts which reads JSON and refuses unknown fields. */
export const BAD_JSON = [
  ["broken JSON", "{"],
  ["bytes that are no UTF-8", INVALID_UTF_8],
  ["an array", "[]"],
  ["a number", "1"],
  ["null", "null"],
  ["an unknown field", '{"surprise":1}'],
  ["a field that would reach the prototype", '{"__proto__":{"to":"x"}}'],
  ["a deeply nested value", `{"metadata":${"[".repeat(5000)}${"]".repeat(5000)}}`],
] as const;

export const WRONG_BEARERS = [
  ["no key", {}],
  ["an empty key", { authorization: "Bearer " }],
  ["a key of another scheme", { authorization: `Digest ${env.ADMIN_KEY}` }],
  ["an unknown key", { authorization: "Bearer sandi_00000000000000000000000000000000" }],
  ["almost the admin key", { authorization: `Bearer ${env.ADMIN_KEY}x` }],
] as const;

const native: Speech = {
  authorize: (key) => ({ authorization: `Bearer ${key}` }),
  wrongCredentials: [
    ...WRONG_BEARERS,
    ["the admin key by Basic", { authorization: `Basic ${btoa(`x:${env.ADMIN_KEY}`)}` }],
  ],
  expectError(answer, code) {
    expect(JSON.parse(answer.text)).toMatchObject({ code, status: PROBLEMS[code][0] });
    expect(answer.status).toBe(PROBLEMS[code][0]);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  },
  faultsIn: ({ text }) =>
    JSON.parse(text).errors.map((fault: { pointer: string; detail: string }) => JSON.stringify(fault)),
  badBodies: BAD_JSON,
  hugeBody: (bytes) => `{"metadata":"${"x".repeat(bytes)}"}`,
  unknownPaths: ["/v1", "/v1/verification", "/v1/keys/a/b"],
  param: "vrf_00000000000000000000000000",
};

const twilio: Speech = {
  authorize: (key) => ({ authorization: `Basic ${btoa(`AC${"0".repeat(32)}:${key}`)}` }),
  wrongCredentials: [
    ["no key", {}],
    ["an empty key", { authorization: `Basic ${btoa("AC:")}` }],
    ["a key of another scheme", { authorization: `Bearer ${env.ADMIN_KEY}` }],
    ["credentials that are no base64", { authorization: "Basic ?" }],
    ["credentials without a colon", { authorization: `Basic ${btoa(env.ADMIN_KEY)}` }],
    ["an unknown key", { authorization: `Basic ${btoa("AC:sandi_00000000000000000000000000000000")}` }],
    ["almost the admin key", { authorization: `Basic ${btoa(`AC:${env.ADMIN_KEY}x`)}` }],
    ["the admin key as the user", { authorization: `Basic ${btoa(`${env.ADMIN_KEY}:`)}` }],
  ],
  expectError(answer, code) {
    const errors: Partial<Record<ProblemCode, readonly [status: number, code: number]>> = {
      unauthorized: [401, 20003],
      forbidden: [403, 20003],
      invalid_request: [400, 60200],
      not_found: [404, 20404],
      payload_too_large: [413, 20001],
      internal: [500, 20500],
    };
    const [status, twilioCode] = errors[code] ?? [];
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(JSON.parse(answer.text)).toEqual({
      code: twilioCode,
      message: expect.stringMatching(/./),
      more_info: `https://www.twilio.com/docs/errors/${twilioCode}`,
      status,
    });
  },
  faultsIn: ({ text }) => [JSON.parse(text).message],
  badBodies: [
    ["bytes that are no UTF-8", INVALID_UTF_8],
    ["an unknown parameter", "Surprise=1"],
    ["a parameter that would reach the prototype", "__proto__=x"],
    ["a parameter that is given twice", "Code=1&Code=2"],
    ["JSON", '{"To":"+6281234567890"}'],
  ],
  hugeBody: (bytes) => `Tags=${"x".repeat(bytes)}`,
  unknownPaths: ["/twilio", "/twilio?x=1", "/twilio/", "/twilio/v1", "/twilio/v2/Services/login/Nothing"],
  param: "login",
};

/** Bodies that no hook accepts: they have no unknown fields. */
const BAD_HOOK_JSON = BAD_JSON.filter(([title]) => !title.includes("field") && !title.includes("nested"));

const DEEP = ["a deeply nested value", `{"more":${"[".repeat(5000)}${"]".repeat(5000)}}`] as const;

/** The hook of a platform that sends an API key. */
const keyedHook = (platform: string): Speech => ({
  ...native,
  authorize: (key) => ({ authorization: `Basic ${btoa(`sandi:${key}`)}` }),
  wrongCredentials: [
    ...WRONG_BEARERS,
    [
      "an unknown key by Basic",
      { authorization: `Basic ${btoa("x:sandi_00000000000000000000000000000000")}` },
    ],
    ["the admin key as the user", { authorization: `Basic ${btoa(`${env.ADMIN_KEY}:`)}` }],
  ],
  badBodies: [...BAD_HOOK_JSON, DEEP],
  hugeBody: (bytes) => `{"more":"${"x".repeat(bytes)}"}`,
  unknownPaths: [`/hooks/${platform}`, `/hooks/${platform}?purpose=login`, `/hooks/${platform}/x`],
});

/** The hook of a platform that signs text. What is under its path but no hook takes an API key. */
const signedHook = (platform: string): Speech => ({
  ...keyedHook(platform),
  authorize: (key, body) => ({
    ...credentialsOf(platform, typeof body === "string" ? body : ""),
    authorization: `Bearer ${key}`,
  }),
  badBodies: [...BAD_HOOK_JSON.filter(([, body]) => typeof body === "string"), DEEP],
  wrongCredentials: [...WRONG_BEARERS, ["the admin key", { authorization: `Bearer ${env.ADMIN_KEY}` }]],
});

const supabaseHook: Speech = {
  ...signedHook("supabase"),
  expectError(answer, code) {
    const statuses: Partial<Record<ProblemCode, readonly [status: number, httpCode: number]>> = {
      unauthorized: [401, 401],
      not_found: [404, 404],
      internal: [500, 500],
    };
    const [status, httpCode] = statuses[code] ?? [200, 422];
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/json");
    const error = { http_code: httpCode, message: expect.stringMatching(/./) };
    expect(JSON.parse(answer.text)).toEqual({ error });
  },
  faultsIn: ({ text }) => [JSON.parse(text).error.message],
};

const WRONG_BASICS = [
  ["no key", {}],
  ["an empty secret", { authorization: `Basic ${btoa("a1b2c3d4:")}` }],
  ["credentials that are no base64", { authorization: "Basic ?" }],
  ["credentials without a colon", { authorization: `Basic ${btoa(env.ADMIN_KEY)}` }],
  [
    "an unknown secret",
    { authorization: `Basic ${btoa("a1b2c3d4:sandi_00000000000000000000000000000000")}` },
  ],
  ["almost the admin key", { authorization: `Basic ${btoa(`a1b2c3d4:${env.ADMIN_KEY}x`)}` }],
] as const;

const vonage: Speech = {
  authorize: (key) => ({ authorization: `Basic ${btoa(`a1b2c3d4:${key}`)}` }),
  wrongCredentials: [
    ...WRONG_BASICS,
    ["the admin key in the place of a token", { authorization: `Bearer ${env.ADMIN_KEY}` }],
    ["a token without a signature", { authorization: `Bearer ${btoa('{"alg":"none"}')}.e30.` }],
  ],
  expectError(answer, code) {
    const errors: Partial<Record<ProblemCode, readonly [status: number, fragment: string]>> = {
      unauthorized: [401, "unauthorized"],
      forbidden: [403, "forbidden"],
      invalid_request: [422, "invalid-params"],
      not_found: [404, "not-found"],
      payload_too_large: [413, "payload-too-large"],
      internal: [500, "internal-error"],
    };
    const [status, fragment] = errors[code] ?? [];
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/json");
    const { invalid_parameters, ...body } = JSON.parse(answer.text);
    expect(body).toEqual({
      type: `https://developer.vonage.com/api-errors#${fragment}`,
      title: expect.stringMatching(/./),
      detail: expect.stringMatching(/./),
      instance: answer.headers.get("x-request-id"),
    });
    if (code === "invalid_request") expect(invalid_parameters).not.toHaveLength(0);
    else expect(invalid_parameters).toBeUndefined();
  },
  faultsIn: ({ text }) =>
    JSON.parse(text).invalid_parameters.map(
      ({ name, reason }: { name: string; reason: string }) => `${name}: ${reason}`,
    ),
  badBodies: BAD_JSON,
  hugeBody: (bytes) => `{"brand":"${"x".repeat(bytes)}"}`,
  unknownPaths: ["/vonage", "/vonage?x=1", "/vonage/", "/vonage/v2", "/vonage/v2/verify/templates"],
  param: "00000000-0000-0000-0000-000000000000",
};

const camara: Speech = {
  authorize: (key) => ({ authorization: `Bearer ${key}` }),
  wrongCredentials: [
    ...WRONG_BEARERS,
    ["the admin key by Basic", { authorization: `Basic ${btoa(`x:${env.ADMIN_KEY}`)}` }],
  ],
  expectError(answer, code) {
    const errors: Partial<Record<ProblemCode, readonly [status: number, code: string]>> = {
      unauthorized: [401, "UNAUTHENTICATED"],
      forbidden: [403, "PERMISSION_DENIED"],
      invalid_request: [400, "INVALID_ARGUMENT"],
      not_found: [404, "NOT_FOUND"],
      payload_too_large: [413, "PAYLOAD_TOO_LARGE"],
      internal: [500, "INTERNAL"],
    };
    const [status, camaraCode] = errors[code] ?? [];
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("x-correlator")).toBe(answer.headers.get("x-request-id"));
    expect(JSON.parse(answer.text)).toEqual({
      status,
      code: camaraCode,
      message: expect.stringMatching(/./),
    });
  },
  faultsIn: ({ text }) => [JSON.parse(text).message],
  badBodies: BAD_JSON,
  hugeBody: (bytes) => `{"message":"${"x".repeat(bytes)}"}`,
  unknownPaths: ["/camara", "/camara/", "/camara/one-time-password-sms/v1", "/camara/sim-swap/v2/check"],
  param: "none",
};

const authgearHook: Speech = {
  ...signedHook("authgear"),
  expectError(answer, code) {
    const codes: Partial<Record<ProblemCode, string>> = {
      unauthorized: "authentication_failed",
      internal: "unknown_error",
    };
    expect(answer.status).toBe(PROBLEMS[code][0]);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(JSON.parse(answer.text)).toEqual({
      code: codes[code] ?? "unsupported_request",
      description: expect.stringMatching(/./),
    });
  },
  faultsIn: ({ text }) => [JSON.parse(text).description],
};

/** By prefix. A new API has to say here how it is spoken. */
const SPEECHES: Readonly<Record<string, Speech>> = {
  "/v1": native,
  "/twilio": twilio,
  "/vonage": vonage,
  "/camara": camara,
  "/hooks/supabase": supabaseHook,
  "/hooks/zitadel": signedHook("zitadel"),
  "/hooks/kratos": keyedHook("kratos"),
  "/hooks/logto": keyedHook("logto"),
  "/hooks/fusionauth": keyedHook("fusionauth"),
  "/hooks/auth0": keyedHook("auth0"),
  "/hooks/cognito": keyedHook("cognito"),
  "/hooks/clerk": signedHook("clerk"),
  "/hooks/authgear": authgearHook,
};

export interface TestedMount {
  readonly dialect: Dialect;
  readonly endpoints: readonly Endpoint[];
  readonly speech: Speech;
}

/** Every mount of the Worker. */
export function testedMounts(): readonly TestedMount[] {
  const services = deploy(env);
  const mounts = [
    { dialect: NATIVE_DIALECT, endpoints: endpoints(services) },
    ...COMPATIBLE_APIS.map((api) => api.mount(services)),
  ];
  return mounts.map(({ dialect, endpoints }) => {
    const speech = SPEECHES[dialect.prefix];
    if (speech === undefined) throw new Error(`Say in SPEECHES how ${dialect.prefix} is spoken`);
    return { dialect, endpoints, speech };
  });
}
