import { DAY_MS, HOUR_MS } from "../../../src/platform/time.ts";
import type { Random } from "../../world/random.ts";
import { blocksOf, country, numberIn } from "./countries.ts";
import type { Visit } from "./visit.ts";

export interface Attack {
  readonly name: string;
  readonly country: string;
  readonly clientIps: number;
  /** Blocks of 10,000 numbers that the fraudster earns on. */
  readonly blocks: readonly string[];
  readonly sendsAMinute: number;
  readonly lastsMs: number;
}

/** The blocks of a country in which most honest people live. */
function busiest(code: string, count: number): readonly string[] {
  return blocksOf(country(code)).slice(0, count);
}

/** Blocks all over a country; one in five of them has honest people in it. */
function scattered(code: string, count: number): readonly string[] {
  const areas = [...new Set(blocksOf(country(code)).map((block) => block.slice(0, -2)))];
  return Array.from({ length: count }, (_, n) => {
    const area = areas[n % areas.length] ?? "";
    return `${area}${String(Math.floor(n / areas.length) * 2 + 1 - (n % 2)).padStart(2, "0")}`;
  });
}

/** The four attacks; none ever types a code in. */
export const ATTACKS: readonly Attack[] = [
  {
    name: "one range at 50 a minute",
    country: "ID",
    clientIps: 20,
    blocks: busiest("ID", 1),
    sendsAMinute: 50,
    lastsMs: 6 * HOUR_MS,
  },
  {
    name: "spread over 200 ranges, 50 a minute",
    country: "BD",
    clientIps: 200,
    blocks: scattered("BD", 200),
    sendsAMinute: 50,
    lastsMs: DAY_MS,
  },
  {
    name: "slow, 5 an hour on each of 100 ranges",
    country: "EG",
    clientIps: 100,
    blocks: scattered("EG", 100),
    sendsAMinute: 500 / 60,
    lastsMs: DAY_MS,
  },
  {
    name: "10 ranges at 50 a minute, from 1,000 client IPs",
    country: "NG",
    clientIps: 1_000,
    blocks: scattered("NG", 10),
    sendsAMinute: 50,
    lastsMs: 6 * HOUR_MS,
  },
];

/** What a client IP of an attack asks for in an hour, at most: what the fence sees of it. */
export function sendsAnHourAndIp({ sendsAMinute, clientIps }: Attack): number {
  return Math.ceil((sendsAMinute * 60) / clientIps);
}

export function attackVisits(attack: Attack, from: number, random: Random): readonly Visit[] {
  const count = Math.round((attack.sendsAMinute * attack.lastsMs) / 60_000);
  return Array.from({ length: count }, () => {
    const number = numberIn(attack.blocks[random.below(attack.blocks.length)] ?? "", random);
    const sendsAt = [from + random.next() * attack.lastsMs];
    return { honest: false, country: attack.country, number, sendsAt, approvedAt: null };
  });
}
