import { Random } from "../../world/random.ts";

/** The planned course of a verification. */
export interface Story {
  readonly serial: number;
  readonly purpose: string;
  readonly locale: string | null;
  readonly wrongCodes: number;
  readonly ending: "approved" | "exhausted" | "canceled";
  /** Whether its calls carry idempotency keys. */
  readonly isKeyed: boolean;
}

/** A phone number and its verifications, which run one after the other. */
export interface Person {
  readonly number: string;
  /** The expected country in the statistics; null for a number that belongs to no country. */
  readonly country: string | null;
  readonly stories: readonly Story[];
}

/** The default of the policies in wrangler.toml. */
const MAX_ATTEMPTS = 5;
const MAX_STORIES_PER_PERSON = 3;

const PURPOSES: readonly [string, ...string[]] = ["login", "login", "login", "signup", "signup", "recovery"];
const LOCALES: readonly [string | null, ...string[]] = [null, "id", "en", "pt-BR", "es", "de"];

type Range = readonly [prefix: string, digits: number, country: string | null];

/** The first digits of a range, the number of digits that follow, and its country. */
const RANGES: readonly [Range, ...Range[]] = [
  ["+62812", 8, "ID"],
  ["+9198", 8, "IN"],
  ["+55119", 8, "BR"],
  ["+5255", 8, "MX"],
  ["+23480", 8, "NG"],
  ["+49151", 8, "DE"],
  ["+2547", 8, "KE"],
  ["+2010", 8, "EG"],
  ["+447400", 6, "GB"],
  ["+12122", 6, "US"],
  ["+7701", 7, "KZ"],
  ["+8001", 7, null],
];

/** @param verifications The number of verifications of all people. The same seed gives the same people. */
export function drawPeople(verifications: number, seed: number): readonly Person[] {
  const random = new Random(seed);
  const people: Person[] = [];
  for (let serial = 0; serial < verifications; ) {
    const [prefix, digits, country] = random.pick(RANGES);
    const stories: Story[] = [];
    const storyCount = Math.min(
      1 + Math.floor(random.next() * MAX_STORIES_PER_PERSON),
      verifications - serial,
    );
    while (stories.length < storyCount) {
      // Two exhausted verifications make ten wrong codes in a row, which lock the number.
      const canExhaust = !stories.some(({ ending }) => ending === "exhausted");
      stories.push(drawStory(serial, canExhaust, random));
      serial += 1;
    }
    people.push({ number: prefix + String(people.length).padStart(digits, "0"), country, stories });
  }
  return people;
}

function drawStory(serial: number, canExhaust: boolean, random: Random): Story {
  const [purpose, locale] = [random.pick(PURPOSES), random.pick(LOCALES)];
  const common = { serial, purpose, locale, isKeyed: random.next() < 0.5 };
  const outcome = random.next();
  if (outcome < 0.08 && canExhaust) return { ...common, wrongCodes: MAX_ATTEMPTS, ending: "exhausted" };
  if (outcome < 0.16) return { ...common, wrongCodes: 0, ending: "canceled" };
  return { ...common, wrongCodes: outcome < 0.28 ? 1 : 0, ending: "approved" };
}
