import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CALLS } from "../../src/build/call-names.ts";
import { clientFiles, description } from "../../src/build/client/client.ts";
import { operationsOf } from "../../src/build/client/operations.ts";
import { typeOf } from "../../src/build/client/types.ts";
import { Sandi } from "../../src/client/client.ts";

const GENERATED = join(import.meta.dirname, "../../src/client/generated");
const document = description();
const { operations } = operationsOf(document);
const files = Object.entries(await clientFiles(document));

type CallFunction = (...input: unknown[]) => unknown;

describe("The npm package's generated files", () => {
  it.each(files)(
    "follow from the API description: %s (else run `npm run build:client`)",
    async (name, text) => {
      expect(await readFile(join(GENERATED, name), "utf8")).toBe(text);
    },
  );

  it("have every operation of the API, each under a name of its own", () => {
    const described = Object.values(document.paths ?? {}).flatMap((item) =>
      ["get", "post", "put", "patch", "delete"].flatMap((method) => {
        const operation = item[method as "get"];
        return operation === undefined ? [] : [operation.operationId];
      }),
    );
    expect(described.length).toBeGreaterThan(40);
    expect(Object.keys(CALLS).sort()).toEqual(described.sort());
    expect(new Set(Object.values(CALLS)).size).toBe(described.length);
  });

  it("are all in the table of docs/client.md", async () => {
    const page = await readFile(join(import.meta.dirname, "../../docs/client.md"), "utf8");
    const rows = [...page.matchAll(/^\| `(\w+)` \| (`\w+`(?:, `\w+`)*) \|$/gm)];
    const documented = rows.flatMap(([, group, names = ""]) =>
      [...names.matchAll(/\w+/g)].map(([name]) => `${group}.${name}`),
    );
    expect(documented.sort()).toEqual(Object.values(CALLS).sort());
  });

  it("cannot be written while an operation has no name", () => {
    const [path, item] = Object.entries(document.paths ?? {})[0] ?? [];
    const unnamed = { ...item?.get, operationId: "inventedOperation", responses: {} };
    expect(() => operationsOf({ ...document, paths: { [String(path)]: { get: unnamed } } })).toThrow(
      "Name the operation inventedOperation",
    );
  });

  it("cannot be written with a schema that has no type", () => {
    expect(() => typeOf({ type: "object", properties: { a: { not: {} } } })).toThrow("No type for");
    expect(typeOf({ type: "object", properties: { a: { enum: ["x", null] } } })).toContain('"x" | null');
  });
});

describe("A call of the client", () => {
  it.each(operations.map((operation) => [CALLS[operation.id], operation] as const))(
    "%s sends the method and the path that the description names",
    async (_, { group, name, method, path, params, query, body, keyed, answer }) => {
      const sent: { url: URL; init: RequestInit }[] = [];
      const sandi = new Sandi({
        url: "https://otp.example.com",
        key: "sandi_key",
        fetch: async (url, init) => {
          sent.push({ url: new URL(url), init });
          return Response.json({ data: [], next: null });
        },
      });
      const calls = sandi[group as "verifications"] as unknown as Record<string, CallFunction>;
      const input = [
        ...params.map((param) => `the ${param}`),
        ...(body === null ? [] : [{ sent: "body" }]),
        ...(query === null ? [] : [{ limit: 3 }]),
      ];
      const result = calls[name]?.call(calls, ...input);
      await (answer.kind === "list" ? (result as { page(): Promise<unknown> }).page() : result);
      const [{ url, init } = { url: null, init: {} }] = sent;
      expect(init.method).toBe(method);
      expect(url?.pathname).toBe(path.replaceAll(/\{(\w+)\}/g, "the%20$1"));
      expect(url?.search).toBe(query === null ? "" : "?limit=3");
      expect(init.body).toBe(body === null ? null : '{"sent":"body"}');
      expect(new Headers(init.headers).has("idempotency-key")).toBe(keyed);
    },
  );
});
