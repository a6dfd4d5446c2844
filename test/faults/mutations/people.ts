import { type Mutation, mutation } from "./mutation.ts";
import { learnedNumber, stopByFormerId, twoSpellings } from "./people-scenarios.ts";

const SUBSCRIBER = "numbering/subscriber.ts";

/** Breaks invariant 11: a person is one object. */
export const PEOPLE_MUTATIONS: readonly Mutation[] = [
  mutation(
    11,
    "each spelling of a number has its own object",
    twoSpellings,
    "ids/phone-number-name.ts",
    "const subscriber = subscriberOf(to);",
    "const subscriber = subscriberOf(to) && (to as ReturnType<typeof subscriberOf>);",
  ),
  mutation(
    11,
    "a Mexican id of WhatsApp is not read as its number",
    stopByFormerId,
    SUBSCRIBER,
    '[/^\\+521(\\d{10})$/, "+52$1"],',
    "",
  ),
  mutation(
    11,
    "what WhatsApp says about a person's other number is not learned",
    learnedNumber,
    "notifications/learned-recipients.ts",
    "const sinceThen: NumberHistory | null = await here.pointTo(target);",
    "const sinceThen: NumberHistory | null = null;",
  ),
];
