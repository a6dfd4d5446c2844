import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import type { E164 } from "../../src/numbering/e164.ts";
import { regionOf } from "../../src/numbering/region.ts";
import { placed } from "../../src/platform/placement.ts";

const namespaces = Object.entries(env).filter(
  ([, value]) => value?.constructor?.name === "DurableObjectNamespace",
);

/** The environment of a real deployment, whose namespaces say which jurisdiction they were asked for. */
function deployedWith(settings: object): { env: Env; asked: string[] } {
  const asked: string[] = [];
  const spied = namespaces.map(([name]) => [
    name,
    {
      jurisdiction(place: string) {
        asked.push(`${name} ${place}`);
        return `${name} in ${place}`;
      },
    },
  ]);
  const real = { WHATSAPP_BASE_URL: "https://graph.facebook.com" };
  return { env: Object.assign({}, env, Object.fromEntries(spied), real, settings) as Env, asked };
}

describe("The jurisdiction of the settings", () => {
  it("is asked of every namespace once, and every other binding stays", () => {
    const { env: given, asked } = deployedWith({ LOCATION: { jurisdiction: "eu" } });
    const result = placed(given);
    expect(namespaces).toHaveLength(13);
    expect(asked.toSorted()).toEqual(namespaces.map(([name]) => `${name} eu`).toSorted());
    for (const [name] of namespaces) expect(result).toHaveProperty(name, `${name} in eu`);
    expect(result.TEMPLATES).toBe(given.TEMPLATES);
  });

  it.each([[{}], [{ LOCATION: {} }]])("is none where the settings are %j", (settings) => {
    const { env: given, asked } = deployedWith(settings);
    expect(placed(given)).toBe(given);
    expect(asked).toEqual([]);
  });

  it("is left out in development, with a line that says so", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { env: given, asked } = deployedWith({
      LOCATION: { jurisdiction: "eu" },
      WHATSAPP_BASE_URL: "http://127.0.0.1:8788",
    });
    expect(placed(given)).toBe(given);
    expect(asked).toEqual([]);
    expect(warn.mock.calls.flat().join()).toContain("jurisdiction");
  });
});

it.each([
  ["+6281234567890", "apac-se"],
  ["+919876543210", "apac"],
  ["+819012345678", "apac-ne"],
  ["+61412345678", "oc"],
  ["+971501234567", "me"],
  ["+9607712345", "apac"],
  ["+2348012345678", "afr"],
  ["+4915112345678", "weur"],
  ["+48512345678", "eeur"],
  ["+37061234567", "eeur"],
  ["+37799123456", "weur"],
  ["+5511912345678", "sam"],
  ["+12065550100", "enam"],
  ["+79161234567", "eeur"],
])("the object of %s is to be made in %s", (number, region) => {
  expect(regionOf(number as E164)).toBe(region);
});
