import { describe, expect, it } from "vitest";
import { fits } from "../../src/templates/library.ts";
import { fillTemplate } from "../../src/templates/parameters.ts";
import { languageWith, type TemplateLanguage } from "../../src/templates/template.ts";
import { ENGLISH } from "./rig.ts";

const saying = (texts: Partial<TemplateLanguage>) => languageWith("APPROVED", texts);
const SHIPPING = saying(ENGLISH);
const link = (url: string) => [{ type: "url", text: "Track", url }];

const filled = (texts: TemplateLanguage, parameters: Record<string, string>) => {
  const result = fillTemplate(texts, parameters);
  return result.kind === "filled" ? result.components : result.faults;
};

describe("a filled template", () => {
  it("has named parameters, and the last one completes the address", () => {
    expect(filled(SHIPPING, { name: "Ana", order: "A-77" })).toEqual([
      {
        type: "body",
        parameters: [
          { type: "text", parameter_name: "name", text: "Ana" },
          { type: "text", parameter_name: "order", text: "A-77" },
        ],
      },
      { type: "button", sub_type: "url", index: "0", parameters: [{ type: "text", text: "A-77" }] },
    ]);
  });

  it("uses the parameter 1 for the address when there is one", () => {
    const components = filled(SHIPPING, { name: "Ana", order: "A-77", "1": "x/9" });
    expect(components.at(-1)).toMatchObject({ type: "button", parameters: [{ text: "x/9" }] });
  });

  it("uses the parameter that the address names", () => {
    const texts = saying({
      ...ENGLISH,
      buttons: [{ type: "quick_reply", text: "OK" }, ...link("https://e.com/{{name}}")],
    });
    expect(filled(texts, { name: "Ana", order: "A-77" }).at(-1)).toEqual({
      type: "button",
      sub_type: "url",
      index: "1",
      parameters: [{ type: "text", text: "Ana" }],
    });
  });

  it("has numbered parameters in order without names, separately in the header", () => {
    const texts = saying({ header: "Order {{1}}", body: "For {{2}}, {{10}} and {{1}} and {{2}}." });
    expect(filled(texts, { "10": "c", "2": "b", "1": "a" })).toEqual([
      { type: "header", parameters: [{ type: "text", text: "a" }] },
      { type: "body", parameters: ["a", "b", "c"].map((text) => ({ type: "text", text })) },
    ]);
  });

  it.each([
    ["nothing", { body: "Hi there" }],
    [
      "buttons that stay as they are",
      { body: "Hi", buttons: [...link("https://e.com"), { type: "quick_reply", text: "OK" }] },
    ],
  ])("has no components for %s", (_, texts) => {
    expect(filled(saying(texts), {})).toEqual([]);
  });

  it("inserts texts unchanged", () => {
    const texts = saying({ body: "Hi {{name}}!" });
    expect(filled(texts, { name: "$& {{name}} {{x}}" })).toMatchObject([
      { parameters: [{ text: "$& {{name}} {{x}}" }] },
    ]);
  });
});

describe("filling a template fails", () => {
  const pointersOf = (texts: TemplateLanguage, parameters: Record<string, string>) => {
    const result = fillTemplate(texts, parameters);
    return result.kind === "faults" ? result.faults.map(({ pointer }) => pointer) : [];
  };

  it.each([
    ["a parameter missing", { name: "Ana" }, ["/parameters/order"]],
    ["all parameters missing", {}, ["/parameters/name", "/parameters/order"]],
    ["an empty parameter", { name: "", order: "A-77" }, ["/parameters/name"]],
    ["one too many", { name: "Ana", order: "A-77", when: "now" }, ["/parameters/when"]],
    [
      "one missing and one too many",
      { Name: "Ana", order: "A-77" },
      ["/parameters/name", "/parameters/Name"],
    ],
    ["a name with a slash", { name: "Ana", order: "A-77", "a/b~c": "x" }, ["/parameters/a~1b~0c"]],
    ["a name of every object's", { name: "Ana", order: "A-77", toString: "x" }, ["/parameters/toString"]],
  ])("with %s", (_, parameters, pointers) => {
    expect(pointersOf(SHIPPING, parameters as unknown as Record<string, string>)).toEqual(pointers);
  });

  it("with nothing in the place of what every object has", () => {
    expect(pointersOf(saying({ body: "Hi {{constructor}}." }), {})).toEqual(["/parameters/constructor"]);
  });

  it("beyond 1,024 characters of body, naming the longest parameter", () => {
    const fixed = ENGLISH.body.replace("{{name}}", "").replace("{{order}}", "").length;
    const longest = "x".repeat(1024 - fixed - 4);
    expect(pointersOf(SHIPPING, { name: longest, order: "A-77" })).toEqual([]);
    expect(pointersOf(SHIPPING, { name: longest, order: "A-777" })).toEqual(["/parameters/name"]);
  });

  it("beyond 60 characters of header", () => {
    const texts = saying({ header: "Order {{order}}", body: "Hi." });
    expect(pointersOf(texts, { order: "x".repeat(54) })).toEqual([]);
    expect(pointersOf(texts, { order: "x".repeat(55) })).toEqual(["/parameters/order"]);
  });
});

describe("A text of Meta's library", () => {
  const source = { name: "order_shipped", parameters: ["name", "order"] };
  const entry = {
    name: "order_shipped",
    language: "en_US",
    category: "UTILITY",
    header: "Order shipped",
    body: "Hi {{1}}, your order {{2}} has been shipped.",
    body_param_types: ["TEXT", "TEXT"],
  };

  it("fits with the same parameters, in any order of the text", () => {
    expect(fits(entry, source)).toBe(true);
    expect(fits(Object.assign({}, entry, { body: "Order {{2}} is on its way, {{1}}." }), source)).toBe(true);
  });

  it.each([
    ["has a button, whose address only the team knows", { buttons: [{ type: "URL", text: "View" }] }],
    ["has another parameter", { body: "Hi {{1}}, order {{2}} arrives on {{3}}." }],
    ["has a parameter less", { body: "Hi {{1}}, your order has been shipped." }],
    ["has a parameter in its header", { header: "Order {{1}}" }],
    ["takes a value of another kind", { body_param_types: ["TEXT", "NUMBER"] }],
    ["does not say what it takes", { body_param_types: null }],
    ["is of another category", { category: "AUTHENTICATION" }],
  ])("does not fit where it %s", (_, part) => {
    expect(fits(Object.assign({}, entry, part), source)).toBe(false);
  });

  it("is filled by names and sent in the order of its numbers", () => {
    const texts = saying({
      body: "Order {{order}} is on its way, {{name}}.",
      library: { name: "order_shipped", parameters: ["name", "order"] },
    });
    const [body] = filled(texts, { order: "A-77", name: "Ana" });
    expect(body).toEqual({
      type: "body",
      parameters: ["Ana", "A-77"].map((text) => ({ type: "text", text })),
    });
  });
});
