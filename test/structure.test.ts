import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = join(import.meta.dirname, "../src");

/** The layers of docs/architecture.md, the upper one first. A file imports its own layer and those below it. */
const LAYERS: readonly (readonly string[])[] = [
  [
    "index.ts",
    "app.ts",
    "config.ts",
    "deployment.ts",
    "objects.ts",
    "queues.ts",
    "schedule.ts",
    "env.d.ts",
    "build",
    "scale",
  ],
  ["http", "setup"],
  ["journal", "webhook-endpoints", "operator"],
  ["events", "wire"],
  ["verification", "notifications"],
  ["phone-number", "guard", "templates", "channels", "keys"],
  ["platform", "numbering", "codes", "messages", "ids"],
];
const GROUND = LAYERS.length - 1;

/** The npm package: it is built from the API's description and shares no file with the Worker. */
const CLIENT = "client";
/** Written from the API description. */
const GENERATED = "client/generated/";

interface Import {
  readonly from: string;
  readonly to: string;
}

describe("The structure of src", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.tsx?$/.test(file),
  );
  const imports = files.flatMap(importsOf);

  it("has a layer for every file", () => {
    expect(files.filter((file) => layerOf(file) === null)).toEqual([]);
  });

  it("has only imports that point downwards or sideways, types included", () => {
    expect(imports.filter(pointsUpwards).map(spell)).toEqual([]);
  });

  it("keeps the object of a phone number to the ground", () => {
    expect(imports.filter(leavesTheCore).map(spell)).toEqual([]);
  });

  it("keeps the npm package and the Worker apart", () => {
    expect(imports.filter(crossesThePackage).map(spell)).toEqual([]);
  });

  it("has no circle of files", () => {
    expect(circlesOf(imports)).toEqual([]);
  });

  it("has no circle of folders beside each other", () => {
    expect(circlesOf(imports.flatMap(betweenFolders))).toEqual([]);
  });

  it("has no file of more than 300 lines", () => {
    const written = files.filter((file) => file !== "env.d.ts" && !file.startsWith(GENERATED));
    expect(written.filter((file) => linesOf(file) > 300)).toEqual([]);
  });

  it.each([
    ["platform/log.ts", "guard/guard.ts"],
    ["guard/guard.ts", "verification/requests.ts"],
    ["verification/verifications.ts", "events/event.ts"],
    ["wire/verification.ts", "journal/journal.ts"],
    ["journal/journal.ts", "http/context.ts"],
    ["http/v1/index.ts", "deployment.ts"],
  ])("names an import of a layer above: %s of %s", (from, to) => {
    expect([{ from, to }].filter(pointsUpwards).map(spell)).toEqual([`${from} imports ${to}`]);
  });

  it("names an import between the npm package and the Worker", () => {
    const crossing = [
      { from: "client/client.ts", to: "platform/time.ts" },
      { from: "build/docs/page.tsx", to: "client/client.ts" },
    ];
    expect(crossing.filter(crossesThePackage)).toEqual(crossing);
  });

  it("names an import that leaves the core, and a circle", () => {
    const leaves = { from: "phone-number/phone-number.ts", to: "guard/rule.ts" };
    expect([leaves].filter(leavesTheCore).map(spell)).toEqual([
      "phone-number/phone-number.ts imports guard/rule.ts",
    ]);
    const circle = [
      { from: "guard/a.ts", to: "keys/b.ts" },
      { from: "keys/c.ts", to: "guard/d.ts" },
    ];
    expect(circlesOf(circle)).toEqual([]);
    expect(circlesOf(circle.flatMap(betweenFolders))).toEqual(["guard, keys"]);
  });
});

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SRC, file), "utf8");
  const paths = [...text.matchAll(/(?:\bfrom |\bimport\(|\bimport )"(\.{1,2}\/[^"]+)"/g)];
  return paths.map(([, path = ""]) => ({ from: file, to: normalize(join(dirname(file), path)) }));
}

function linesOf(file: string): number {
  return readFileSync(join(SRC, file), "utf8").split("\n").length - 1;
}

function layerOf(file: string): number | null {
  const [folder = ""] = file.split("/");
  if (folder === CLIENT) return 0;
  const layer = LAYERS.findIndex((names) => names.includes(folder));
  return layer === -1 ? null : layer;
}

function pointsUpwards({ from, to }: Import): boolean {
  return (layerOf(to) ?? GROUND) < (layerOf(from) ?? 0);
}

function leavesTheCore({ from, to }: Import): boolean {
  const isOfCore = (file: string) => file.startsWith("phone-number/");
  return isOfCore(from) && !isOfCore(to) && layerOf(to) !== GROUND;
}

function crossesThePackage({ from, to }: Import): boolean {
  const isOfPackage = (file: string) => file.startsWith(`${CLIENT}/`);
  return isOfPackage(from) !== isOfPackage(to);
}

function spell({ from, to }: Import): string {
  return `${from} imports ${to}`;
}

/** The folders at which two paths part: an import within a folder, or of one that contains it, is no such pair. */
function betweenFolders({ from, to }: Import): Import[] {
  const [here, there] = [from.split("/"), to.split("/")];
  const common = here.findIndex((part, index) => part !== there[index]);
  const areFolders = here.length > common + 1 && there.length > common + 1;
  if (!areFolders) return [];
  return [{ from: here.slice(0, common + 1).join("/"), to: there.slice(0, common + 1).join("/") }];
}

/** Sets of nodes that reach each other, each spelled as a list. */
function circlesOf(imports: readonly Import[]): string[] {
  const targets = Map.groupBy(imports, ({ from }) => from);
  const reachable = (start: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    const queue = [start];
    for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
      for (const { to } of targets.get(node) ?? []) {
        if (!seen.has(to)) {
          seen.add(to);
          queue.push(to);
        }
      }
    }
    return seen;
  };
  const reach = new Map([...targets.keys()].map((node) => [node, reachable(node)]));
  const inCircles = [...reach].filter(([node, seen]) => seen.has(node)).map(([node]) => node);
  const circles = inCircles.map((node) =>
    inCircles.filter((other) => reach.get(node)?.has(other) && reach.get(other)?.has(node)).join(", "),
  );
  return [...new Set(circles)];
}
