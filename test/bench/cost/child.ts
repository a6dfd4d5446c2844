/** Measures one path in a process of its own, started by {@link measureAll}. */
import { PATHS } from "./paths.ts";
import type { Job } from "./pool.ts";
import { measure } from "./world.ts";

process.once("message", async ({ path: name, numbers, driver }: Job) => {
  const path = PATHS.find((one) => one.name === name);
  if (path === undefined) throw new Error(`There is no path ${name}`);
  process.send?.(await measure(path, numbers, driver));
  process.disconnect();
});
