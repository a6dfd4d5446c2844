import type { Patch } from "./build.ts";
import type { Scenario } from "./scenarios.ts";

/** A Worker in which one invariant does not hold, and a scene short enough to show it. */
export interface Mutation {
  readonly invariant: number;
  /** What is wrong with it. */
  readonly description: string;
  readonly patches: readonly Patch[];
  readonly scenario: Scenario;
}

/** One that takes a single change. */
export function mutation(
  invariant: number,
  description: string,
  scenario: Scenario,
  file: string,
  find: string,
  replace: string,
): Mutation {
  return { invariant, description, scenario, patches: [{ file: `src/${file}`, find, replace }] };
}
