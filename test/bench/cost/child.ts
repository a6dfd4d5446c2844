/** Measures jobs, one after the other, in a process of its own; started by {@link measureAll}. */
import type { Job } from "./jobs.ts";
import { measure } from "./measure.ts";
import { PATHS } from "./paths.ts";

process.on("message", async ({ path: name, numbers, driver }: Job) => {
  const path = PATHS.find((known) => known.name === name);
  if (path === undefined) throw new Error(`There is no path ${name}`);
  process.send?.(await measure(path, numbers, driver));
});
