import { CODE_MUTATIONS } from "./codes.ts";
import { INTERFACE_MUTATIONS } from "./interface.ts";
import type { Mutation } from "./mutation.ts";
import { SECRECY_MUTATIONS } from "./secrecy.ts";

/** Every broken build that the checker has to catch. */
export const MUTATIONS: readonly Mutation[] = [
  ...CODE_MUTATIONS,
  ...SECRECY_MUTATIONS,
  ...INTERFACE_MUTATIONS,
];
