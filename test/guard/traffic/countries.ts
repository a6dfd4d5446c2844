import type { E164 } from "../../../src/numbering/e164.ts";
import type { Random } from "../../world/random.ts";

export interface Country {
  readonly code: string;
  /** Calling code and the first digits of its mobiles; eight more follow. */
  readonly prefix: string;
  readonly utcOffsetHours: number;
  /** How many verifications of a hundred are approved. */
  readonly conversion: number;
  /** Its part of the traffic. */
  readonly share: number;
  /** Of a message, in an imaginary currency. */
  readonly price: number;
}

const TABLE: readonly (readonly [string, string, number, number])[] = [
  ["ID", "+62812", 7, 0.025],
  ["IN", "+9198", 5.5, 0.003],
  ["BR", "+55119", -3, 0.03],
  ["MX", "+5255", -6, 0.02],
  ["NG", "+23480", 1, 0.05],
  ["US", "+121", -5, 0.01],
  ["TR", "+9053", 3, 0.01],
  ["PK", "+9230", 5, 0.06],
  ["BD", "+88017", 6, 0.07],
  ["EG", "+2010", 2, 0.08],
  ["PH", "+6391", 8, 0.03],
  ["GB", "+4474", 0, 0.04],
  ["DE", "+49151", 1, 0.07],
  ["FR", "+336", 1, 0.06],
  ["ES", "+346", 1, 0.05],
  ["IT", "+3933", 1, 0.05],
  ["CO", "+5731", -5, 0.01],
  ["ZA", "+277", 2, 0.02],
  ["KE", "+2547", 3, 0.03],
  ["SA", "+9665", 3, 0.04],
];

/** Twenty countries, a few large and many small; conversion goes from 70 to 95 % in no order of size. */
export const COUNTRIES: readonly Country[] = TABLE.map(([code, prefix, utcOffsetHours, price], place) => ({
  code,
  prefix,
  utcOffsetHours,
  price,
  conversion: 0.7 + (0.25 * ((place * 7) % TABLE.length)) / (TABLE.length - 1),
  share: 1 / (place + 4),
}));

export function country(code: string): Country {
  const found = COUNTRIES.find((candidate) => candidate.code === code);
  if (found === undefined) throw new Error(`No country ${code}`);
  return found;
}

const OPERATORS = 5;
const BLOCKS_OF_AN_OPERATOR = 24;

/**
 * The blocks of 10,000 numbers in which a country's subscribers live: each operator's lie in a million
 * numbers of its own, and a few of them hold most of the people who sign up.
 */
export function blocksOf({ prefix }: Country): readonly string[] {
  return Array.from({ length: OPERATORS * BLOCKS_OF_AN_OPERATOR }, (_, block) => {
    const area = 11 + (block % OPERATORS) * 17;
    const within = Math.floor(block / OPERATORS) * 4;
    return `${prefix}${area}${String(within).padStart(2, "0")}`;
  });
}

/** Draws people of a country, the n-th block n times as rarely as the first (Zipf's law, its head cut off). */
export function peopleOf(home: Country, random: Random): () => E164 {
  const blocks = blocksOf(home);
  const draw = random.weighted(blocks.map((_, block) => 1 / (block + 4)));
  return () => numberIn(blocks[draw()] ?? "", random);
}

/** A random number of a block. Not parsed, which would take longer than the rest of the simulation. */
export function numberIn(block: string, random: Random): E164 {
  return `${block}${String(random.below(10_000)).padStart(4, "0")}` as E164;
}
