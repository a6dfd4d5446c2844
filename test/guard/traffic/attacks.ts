import { DAY_MS, HOUR_MS } from "../../../src/platform/time.ts";
import type { Random } from "../../world/random.ts";
import type { Attempt } from "./attempt.ts";
import { blocksOf, country, numberIn } from "./countries.ts";

export interface Attack {
  readonly name: string;
  readonly country: string;
  readonly clientIps: number;
  /** Blocks of 10,000 numbers that the fraudster earns on. */
  readonly blocks: readonly string[];
  readonly sendsAMinute: number;
  readonly lastsMs: number;
}

/** The blocks of a country with the most honest users. */
function busiest(code: string, count: number): readonly string[] {
  return blocksOf(country(code)).slice(0, count);
}

/** Blocks all over a country; one in five has honest users. */
function scattered(code: string, count: number): readonly string[] {
  const areas = [...new Set(blocksOf(country(code)).map((block) => block.slice(0, -2)))];
  return Array.from({ length: count }, (_, n) => {
    const area = areas[n % areas.length] ?? "";
    return `${area}${String(Math.floor(n / areas.length) * 2 + 1 - (n % 2)).padStart(2, "0")}`;
  });
}

/** The four attacks; none of them enters a code. */
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

/** The most sends that one client IP of an attack requests in an hour, which is what the fence counts. */
export function sendsAnHourAndIp({ sendsAMinute, clientIps }: Attack): number {
  return Math.ceil((sendsAMinute * 60) / clientIps);
}

export function attackAttempts(attack: Attack, from: number, random: Random): readonly Attempt[] {
  const count = Math.round((attack.sendsAMinute * attack.lastsMs) / 60_000);
  return Array.from({ length: count }, () => {
    const number = numberIn(attack.blocks[random.below(attack.blocks.length)] ?? "", random);
    const sendsAt = [from + random.next() * attack.lastsMs];
    return { honest: false, country: attack.country, number, sendsAt, approvedAt: null };
  });
}
