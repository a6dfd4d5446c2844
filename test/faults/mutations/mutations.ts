import { CODE_MUTATIONS } from "./codes.ts";
import { DIALECT_MUTATIONS } from "./dialects.ts";
import { FOREIGN_MUTATIONS } from "./foreign.ts";
import { INTERFACE_MUTATIONS } from "./interface.ts";
import { LIMIT_MUTATIONS } from "./limits.ts";
import { MESSAGE_MUTATIONS } from "./messages.ts";
import type { Mutation } from "./mutation.ts";
import { OUTAGE_MUTATIONS } from "./outages.ts";
import { PEOPLE_MUTATIONS } from "./people.ts";
import { REACH_MUTATIONS } from "./reach.ts";
import { SECRECY_MUTATIONS } from "./secrecy.ts";
import { SIGN_IN_MUTATIONS } from "./sign-in.ts";

/** Every broken build that the checker has to catch. */
export const MUTATIONS: readonly Mutation[] = [
  ...CODE_MUTATIONS,
  ...SECRECY_MUTATIONS,
  ...INTERFACE_MUTATIONS,
  ...FOREIGN_MUTATIONS,
  ...REACH_MUTATIONS,
  ...PEOPLE_MUTATIONS,
  ...LIMIT_MUTATIONS,
  ...MESSAGE_MUTATIONS,
  ...SIGN_IN_MUTATIONS,
  ...DIALECT_MUTATIONS,
  ...OUTAGE_MUTATIONS,
];
