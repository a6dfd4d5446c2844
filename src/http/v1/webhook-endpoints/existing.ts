import { Problem } from "../../../platform/problem.ts";

/** What was looked for, or the problem that says it is not there. */
export function orNotFound<Thing>(thing: Thing | null): Thing {
  if (thing === null) throw new Problem("not_found");
  return thing;
}
