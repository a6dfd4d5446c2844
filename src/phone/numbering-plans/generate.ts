/**
 * `npm run numbering-plans`: writes plans.json out of libphonenumber-js's metadata. How a country groups the
 * digits of a number on paper is more than half of it, and nothing here ever prints one, so that is left out
 * and with it a tenth of the Worker's size. A test holds the file against the installed package.
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import metadata from "libphonenumber-js/min/metadata";

/** Where a plan keeps its formats. */
const FORMATS = "4";

/** The plans without their formats. */
export function numberingPlans(): unknown {
  return JSON.parse(JSON.stringify(metadata), function (this: unknown, key, value) {
    return Array.isArray(this) && isPlan(this) && key === FORMATS ? 0 : value;
  });
}

/** A plan begins with its country calling code. */
function isPlan(list: readonly unknown[]): boolean {
  return list.length > 4 && typeof list[0] === "string" && /^\d{1,3}$/.test(list[0]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await writeFile(
    fileURLToPath(import.meta.resolve("./plans.json")),
    `${JSON.stringify(numberingPlans())}\n`,
  );
}
