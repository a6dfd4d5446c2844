import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { documentedEndpoints } from "../../src/build/docs/documented.ts";
import { describeApi, exampleOf } from "../../src/build/docs/openapi.ts";
import { OPENID_ENDPOINTS } from "../../src/build/docs/openid/endpoints.ts";
import { DESCRIBED_EVENTS } from "../../src/build/docs/webhooks.ts";
import { EVENT_TYPES } from "../../src/events/event.ts";
import { COMPATIBLE_APIS } from "../../src/http/compatible-apis.ts";
import { definitions } from "../../src/http/v1/index.ts";
import { policySchema } from "../../src/phone-number/policy.ts";
import { TEST_TYPE } from "../../src/webhook-endpoints/manual.ts";

const POLICIES = new Map(["login", "transaction"].map((purpose) => [purpose, policySchema.parse({})]));
const ENDPOINTS = [
  definitions(POLICIES, false),
  ...COMPATIBLE_APIS.map((api) => api.definitions(POLICIES)),
].flatMap(documentedEndpoints);
const DOCUMENTED = [...ENDPOINTS, ...OPENID_ENDPOINTS];

const ANSWERS = DOCUMENTED.flatMap((endpoint) =>
  Object.entries(endpoint.responses).map(
    ([status, { schema }]) => [endpoint.operationId, status, endpoint, schema] as const,
  ),
);
const BODIES = DOCUMENTED.flatMap(({ operationId, body, example }) =>
  body === undefined ? [] : [[operationId, body, example] as const],
);

/** Parsing drops what a schema does not know, so that what remains equal has no other field. */
function expectToFit(value: unknown, schema: z.ZodType): void {
  expect(schema.parse(value)).toEqual(value);
}

describe("The API description", () => {
  const { paths = {} } = describeApi(DOCUMENTED, "https://otp.example.com");

  it.each(ENDPOINTS.map((endpoint) => [endpoint.operationId, endpoint] as const))(
    "names every problem that %s may answer",
    (_, { path, method, problems = [], dialect }) => {
      const responses = paths[path]?.[method]?.responses ?? {};
      for (const code of problems) {
        const [status, text] = dialect?.describeError?.(code) ?? [null, `\`${code}\``];
        const described = status === null ? responses : responses[`${status}`];
        expect(JSON.stringify(described)).toContain(JSON.stringify(text).slice(1, -1));
      }
    },
  );
});

describe("The examples of the API description", () => {
  it.each(ANSWERS)(
    "an example of %s %s fits the schema of the answer, without other fields",
    (_, status, endpoint, schema) => {
      const example = exampleOf(endpoint, status);
      if (schema === undefined) expect(example).toBeNull();
      else expectToFit(example, schema);
    },
  );

  it.each(BODIES)("an example of the body of %s is accepted", (_, schema, example) => {
    expect(example).toBeDefined();
    expect(schema.safeParse(example).error).toBeUndefined();
  });

  it("every type of event has an example, and so have the test event and a batch", () => {
    expect(DESCRIBED_EVENTS.map(({ type }) => type)).toEqual([...EVENT_TYPES, TEST_TYPE, "batch"]);
  });

  it.each(DESCRIBED_EVENTS.map((event) => [event.type, event] as const))(
    "an example of the event %s fits the schema of its body, without other fields",
    (type, { body, example }) => {
      expectToFit(example, body);
      expect(example).toMatchObject({ type });
    },
  );
});
