import { type Mutation, mutation } from "./mutation.ts";
import {
  approveBetweenGuesses,
  concurrentChecks,
  crashBetweenFailures,
  guessCodesOfNumber,
  supersededCode,
} from "./scenarios.ts";

const CHECK = "phone-number/decisions/check.ts";
const RECORD = "platform/durable-record.ts";

/** Breaks invariants 1 to 3: one acceptance, charged attempts, consecutive failures. */
export const CODE_MUTATIONS: readonly Mutation[] = [
  {
    invariant: 1,
    description: "an accepted code is accepted again",
    scenario: concurrentChecks,
    patches: [
      {
        file: `src/${CHECK}`,
        find: 'if (verification.status !== "pending") {',
        replace: 'if (verification.status !== "pending" && verification.status !== "approved") {',
      },
      {
        file: `src/${CHECK}`,
        find: 'const verification = close(charged, "approved", null, now);',
        replace: 'const verification = { ...close(charged, "approved", null, now), code: charged.code };',
      },
    ],
  },
  mutation(
    1,
    "a check awaits between its read and its write",
    concurrentChecks,
    "phone-number/phone-number.ts",
    "check(command: CheckCommand): CheckOutcome | Moved {\n    return this.#step<CheckOutcome | Moved>((state, now) => {\n      const checked = check(state, command, now);",
    `async check(command) {
      const seen = this.#record.state;
      await new Promise((go) => setTimeout(go, 500));
      return this.#step((_, now) => {
        const checked = check(seen, command, now);`,
  ),
  mutation(
    1,
    "the code of a superseded verification is still accepted",
    supersededCode,
    "phone-number/decisions/send.ts",
    ': withVerification(state, close(superseded, "canceled", "superseded", now));',
    ": state;",
  ),
  mutation(
    2,
    "a step is written after its answer",
    crashBetweenFailures,
    RECORD,
    "this.#ctx.storage.kv.put<Stored<State>>(KEY, stored);",
    `const write = () => this.#ctx.storage.kv.put(KEY, stored);
    this.writes = (this.writes ?? 0) + 1;
    this.writes === 1 ? write() : setTimeout(write, 10_000);`,
  ),
  mutation(
    2,
    "a wrong code charges no attempt",
    crashBetweenFailures,
    CHECK,
    'close(charged, "failed", "attempts_exhausted", now) : charged;',
    'close(charged, "failed", "attempts_exhausted", now) : { ...charged, attempts: charged.attempts - 1 };',
  ),
  mutation(
    3,
    "a sent message resets the consecutive failures",
    guessCodesOfNumber,
    "phone-number/decisions/send.ts",
    "const counted = test ? stored : { ...stored, sends: countSend(state.sends, id, now) };",
    "const counted = { ...stored, consecutiveFailures: 0 };",
  ),
  mutation(
    3,
    "an exhausted verification resets the consecutive failures",
    guessCodesOfNumber,
    CHECK,
    "const consecutiveFailures = state.consecutiveFailures + 1;",
    "const consecutiveFailures = exhausted ? 0 : state.consecutiveFailures + 1;",
  ),
  mutation(
    3,
    "an approval by the caller resets the consecutive failures",
    approveBetweenGuesses,
    "phone-number/decisions/cancel.ts",
    "sends: withoutSendsOf(state.sends, id) };",
    "sends: withoutSendsOf(state.sends, id), consecutiveFailures: 0, lockedUntil: 0 };",
  ),
];
