import { describe, expect, it } from "vitest";
import { highlight } from "../../src/build/docs/highlight.ts";
import { command } from "../../src/build/docs/samples/curl.ts";
import { literal } from "../../src/build/docs/samples/literal.ts";
import { fillPath, placeholdersIn } from "../../src/build/docs/samples/path.ts";

describe("A path of a sample", () => {
  it.each([
    ["/v1/verifications/{id}/check", ["verification id"]],
    ["/v1/notifications/batches/{id}", ["batch id"]],
    ["/v1/templates/{name}/preview", ["template name"]],
    ["/v1/guard/lists/{name}/{id}", ["list name", "entry id"]],
    ["/v1/webhook-endpoints/{id}/deliveries/{delivery}/replay", ["webhook endpoint id", "delivery id"]],
    ["/vonage/v2/verify/{request_id}", ["request id"]],
    ["/twilio/v2/Services/{ServiceSid}/Verifications/{Sid}", ["service sid", "verification sid"]],
    ["/v1/stats", []],
  ])("%s names what the caller fills in", (path, expected) => {
    expect(placeholdersIn(path).map((words) => words.join(" "))).toEqual(expected);
    expect(fillPath(path, (words) => `{${words.join(" ")}}`).match(/\{[^}]*\}/g) ?? []).toEqual(
      expected.map((words) => `{${words}}`),
    );
  });
});

describe("A curl sample", () => {
  it("a body with a single quote stays one argument of the shell", () => {
    expect(command("https://otp.example.com/v1/messages", "post", { text: "It's here." })).toContain(
      `--json '{ "text": "It'\\''s here." }'`,
    );
  });

  it("names the method only where curl would take another", () => {
    expect(command("https://a.example", "get", undefined)).not.toContain("-X");
    expect(command("https://a.example", "post", {})).not.toContain("-X");
    expect(command("https://a.example", "put", {})).toContain("-X PUT");
    expect(command("https://a.example", "post", undefined)).toContain("-X POST");
  });
});

describe("A literal of a TypeScript sample", () => {
  const value = { to: "+62", limits: { "a-b": ["x", 1, null, true] }, long: "y".repeat(70) };

  it("is on one line if it is short, and evaluates to the value", () => {
    expect(literal({ code: "482913" }, 0)).toBe('{ code: "482913" }');
    expect(literal({ code: "482913" }, 60)).toBe('{\n  code: "482913",\n}');
    expect(literal({}, 100)).toBe("{}");
    expect(toJson(literal(value, 0))).toEqual(value);
  });
});

/** Reads a literal whose names are quoted and whose lists have no comma at the end. */
function toJson(code: string): unknown {
  return JSON.parse(code.replaceAll(/([{,]\s*)([a-z]\w*):/g, '$1"$2":').replaceAll(/,(\s*[}\]])/g, "$1"));
}

describe("Highlighted code", () => {
  const json = JSON.stringify({ a: "b\"c'd", n: [1, null, true], e: {} }, null, 2);

  it.each([
    ["shell", "export K='it'\\''s'\n\ncurl -X PUT https://a.example \\\n  --json '{\n    \"a\": 1\n  }'"],
    ["typescript", 'const a = await b("x\\"y"); // from here\nfor (const c of d) {\n  e();\n}'],
    ["json", json],
  ] as const)("%s loses no character, line by line", (language, code) => {
    const lines = highlight(code, language).map(({ tokens }) => tokens.map(({ text }) => text).join(""));
    expect(lines.join("\n")).toBe(code);
    expect(highlight(code, language).some(({ tokens }) => tokens.some(({ kind }) => kind !== null))).toBe(
      true,
    );
  });

  it("says how far a line is indented", () => {
    expect(highlight(json, "json").map(({ indent }) => indent)).toEqual([0, 2, 2, 4, 4, 4, 2, 2, 0]);
  });
});
