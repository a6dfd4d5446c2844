import type { Patch } from "./build.ts";
import type { Scenario } from "./scenarios.ts";

/** A Worker that breaks an invariant, and the scenario that shows it. */
export interface Mutation {
  readonly invariant: number;
  /** As docs/invariants.md names it. */
  readonly description: string;
  readonly patches: readonly Patch[];
  readonly scenario: Scenario;
}

/** A mutation that is a single patch. */
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
