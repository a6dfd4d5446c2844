import { DAY_MS, HOUR_MS } from "../../../src/platform/time.ts";
import type { Random } from "../../world/random.ts";
import { COUNTRIES, type Country, peopleOf } from "./countries.ts";
import { BEGIN, type Visit } from "./visit.ts";

const VISITS_A_DAY = 7_500;
const CAMPAIGN_TIMES = 5;
/** Half of what a campaign brings comes soon after its message went out, in the early evening. */
const CAMPAIGN_HOUR = 18;
const CAMPAIGN_MEAN_MS = 20 * 60_000;

/** What an hour of the day brings, by the clock on the wall: little at night, most in the evening. */
const RHYTHM = [3, 2, 1, 1, 1, 2, 4, 7, 9, 10, 10, 11, 12, 11, 10, 10, 11, 12, 14, 15, 14, 12, 9, 6];

/** Honest traffic of a day, counted from {@link BEGIN}, in all countries. */
export function honestDay(day: number, isCampaign: boolean, random: Random): readonly Visit[] {
  const shares = COUNTRIES.reduce((sum, { share }) => sum + share, 0);
  return COUNTRIES.flatMap((home) => {
    const usual = (VISITS_A_DAY * home.share) / shares;
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
    return times.map((at) => visit(home, person(), at, random));
  });
}

/** Some ask for the code again, most of all those who never get it; the others type it in after 5 to 120 s. */
function visit({ code, conversion }: Country, number: Visit["number"], at: number, random: Random): Visit {
  const approved = random.next() < conversion;
  const again = random.next() < (approved ? 0.08 : 0.3);
  const sendsAt = again ? [at, at + 30_000 + random.next() * 60_000] : [at];
  const takesMs = 5_000 + 115_000 * random.next() ** 2;
  const approvedAt = approved ? (sendsAt.at(-1) ?? at) + takesMs : null;
  return { honest: true, country: code, number, sendsAt, approvedAt };
}
