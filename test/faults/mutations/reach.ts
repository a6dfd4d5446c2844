import { type Mutation, mutation } from "./mutation.ts";
import * as scenarios from "./reach-scenarios.ts";

const PENDING = "phone-number/decisions/pending.ts";
const CHECK = "phone-number/decisions/check.ts";
const STATE = "phone-number/phone-state.ts";

/** Breaks the half of invariant 8 that is about apps, and invariant 12. */
export const REACH_MUTATIONS: readonly Mutation[] = [
  mutation(
    8,
    "another app's id is found",
    scenarios.requestsFromOtherApp,
    STATE,
    "return found !== undefined && covers(scope, found.app) ? found : undefined;",
    "return found !== undefined && covers(scope && null, found.app) ? found : undefined;",
  ),
  mutation(
    8,
    "an app's events go to every app",
    scenarios.requestsFromOtherApp,
    "webhook-endpoints/queue.ts",
    "app === appOf(event) && (eventTypes",
    "app !== undefined && appOf(event) !== undefined && (eventTypes",
  ),
  mutation(
    12,
    "a start joins the verification of another session",
    scenarios.twoSessions,
    PENDING,
    "verification.app === app && verification.purpose === purpose && verification.session === session;",
    "verification.app === app && verification.purpose === purpose;",
  ),
  mutation(
    12,
    "a check finds the verification of another session",
    scenarios.twoSessions,
    CHECK,
    "const isOwn = (v: Verification) => sessions.includes(v.session) || v.app !== app;",
    "const isOwn = (v: Verification) => v !== undefined && sessions !== undefined;",
  ),
  mutation(
    12,
    "a repeated start rewrites the metadata",
    scenarios.repeatedStart,
    "phone-number/decisions/send.ts",
    "sendAgain(state, restate(pending, command), with",
    "sendAgain(state, { ...restate(pending, command), metadata: command.metadata ?? {} }, with",
  ),
  mutation(
    12,
    "a start supersedes the verification of another session",
    scenarios.twoSessions,
    PENDING,
    "if (pending.length < MAX_PENDING) return undefined;",
    "if (pending.length === 0) return undefined;",
  ),
];
