import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");

interface Entry {
  readonly link?: boolean;
  readonly integrity?: string;
}

/**
 * npm verifies a download only against an entry with `integrity`, and writes none for the optional packages of
 * other systems that it did not install. Complete such an entry with `npm view <name>@<version> dist.integrity`.
 */
it.each([
  "package-lock.json",
  "test/bench/better-auth/package-lock.json",
  "test/vendor-clients/package-lock.json",
])("every package in %s has its integrity as SHA-512", (file) => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, file), "utf8")) as {
    packages: Readonly<Record<string, Entry>>;
  };
  const unverified = Object.entries(packages)
    .filter(([path, { link }]) => path !== "" && link !== true)
    .filter(([, { integrity = "" }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity))
    .map(([path]) => path);
  expect(unverified).toEqual([]);
});
