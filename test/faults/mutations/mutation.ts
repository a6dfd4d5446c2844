import type { Patch } from "../world/bundle.ts";
import type { Scene } from "./scenes.ts";

/** A Worker in which one invariant does not hold, and a scene short enough to show it. */
export interface Mutation {
  readonly invariant: number;
  /** What is wrong with it. */
  readonly says: string;
  readonly patches: readonly Patch[];
  readonly scene: Scene;
}

/** One that takes a single change. */
export function mutation(
  invariant: number,
  says: string,
  scene: Scene,
  file: string,
  find: string,
  replace: string,
): Mutation {
  return { invariant, says, scene, patches: [{ file: `src/${file}`, find, replace }] };
}
