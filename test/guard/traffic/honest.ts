import { DAY_MS, HOUR_MS } from "../../../src/platform/time.ts";
import type { Random } from "../../world/random.ts";
import { type Attempt, BEGIN } from "./attempt.ts";
import { COUNTRIES, type Country, peopleOf } from "./countries.ts";

const ATTEMPTS_A_DAY = 7_500;
const CAMPAIGN_TIMES = 5;
/** Half of a campaign's additional attempts follow its message in the early evening. */
const CAMPAIGN_HOUR = 18;
const CAMPAIGN_MEAN_MS = 20 * 60_000;

/** The weight of each hour of the day in local time: lowest at night, highest in the evening. */
const RHYTHM = [3, 2, 1, 1, 1, 2, 4, 7, 9, 10, 10, 11, 12, 11, 10, 10, 11, 12, 14, 15, 14, 12, 9, 6];

/** Honest traffic of a day, counted from {@link BEGIN}, in all countries. */
export function honestDay(day: number, isCampaign: boolean, random: Random): readonly Attempt[] {
  const shares = COUNTRIES.reduce((sum, { share }) => sum + share, 0);
  return COUNTRIES.flatMap((home) => {
    const usual = (ATTEMPTS_A_DAY * home.share) / shares;
    const person = peopleOf(home, random);
    const hour = random.weighted(RHYTHM);
    const midnight = BEGIN + day * DAY_MS - home.utcOffsetHours * HOUR_MS;
    const atRhythm = () => midnight + (hour() + random.next()) * HOUR_MS;
    const afterPush = () =>
      midnight + CAMPAIGN_HOUR * HOUR_MS - Math.log(1 - random.next()) * CAMPAIGN_MEAN_MS;
    const extra = isCampaign ? (usual * (CAMPAIGN_TIMES - 1)) / 2 : 0;
    const times = [
      ...Array.from({ length: Math.round(usual + extra) }, atRhythm),
      ...Array.from({ length: Math.round(extra) }, afterPush),
    ];
    return times.map((at) => attempt(home, person(), at, random));
  });
}

/** Some users request the code again, mostly those who do not receive it; the others enter it after 5 to 120 s. */
function attempt(
  { code, conversion }: Country,
  number: Attempt["number"],
  at: number,
  random: Random,
): Attempt {
  const approved = random.next() < conversion;
  const again = random.next() < (approved ? 0.08 : 0.3);
  const sendsAt = again ? [at, at + 30_000 + random.next() * 60_000] : [at];
  const takesMs = 5_000 + 115_000 * random.next() ** 2;
  const approvedAt = approved ? (sendsAt.at(-1) ?? at) + takesMs : null;
  return { honest: true, country: code, number, sendsAt, approvedAt };
}
