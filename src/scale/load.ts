import { parseArgs } from "node:util";
import { DEFAULT_PACE, FASTEST_PACE } from "../channels/whatsapp/senders.ts";
import { MAX_ENDPOINTS } from "../webhook-endpoints/endpoints.ts";

/** What a deployment is to carry. */
export interface Load {
  /** Verifications a second, the mean of a month. */
  readonly rate: number;
  /** Webhook endpoints that want every type of event, and whether they take batches. */
  readonly endpoints: number;
  readonly hasBatches: boolean;
  /** Null for those of wrangler.toml. */
  readonly retentionDays: number | null;
  readonly senders: Senders | null;
}

/** Senders of one pace, in messages a second. */
export interface Senders {
  readonly count: number;
  readonly pace: number;
}

/** The peak of a day, as a multiple of the mean: what is counted by the second has to take the peak. */
export const PEAK = 3;

export type Reading =
  | { readonly kind: "load"; readonly load: Load; readonly wantsJson: boolean }
  | { readonly kind: "help" }
  | { readonly kind: "invalid"; readonly sentence: string };

/** At most 80 columns wide. */
export const HELP = `npm run scale -- --rate N [flags]

Prints every ceiling of this deployment, as wrangler.toml and the code have it:
the rate at which it is met, and the headroom at N verifications a second. Rates
are means of a month; a peak is taken to be three times the mean.

  --rate N         verifications a second, such as 0.5 or 1000
  --endpoints M    webhook endpoints that want every event; 0 by default
  --batches        the endpoints take batches
  --retention D    days that the journal keeps; by default wrangler.toml's
  --senders S      senders of ${DEFAULT_PACE} messages a second, such as 3, or of another
                   pace, such as 2x1000; by default wrangler.toml's
  --json           prints JSON and nothing else

Exit codes: 0 printed, 1 wrangler.toml has a fault, 2 wrong usage.`;

const SEE_HELP = "See: npm run scale -- --help";
const HIGHEST_RATE = 1_000_000;
const LONGEST_RETENTION_DAYS = 3_650;
const MOST_SENDERS = 10_000;

/** Reads the command line; a fault is one sentence. */
export function readLoad(args: readonly string[]): Reading {
  const flags = readFlags(args);
  if (typeof flags === "string") return { kind: "invalid", sentence: `${flags} ${SEE_HELP}` };
  if (flags.help) return { kind: "help" };
  const rate = numberOf(flags.rate);
  const endpoints = numberOf(flags.endpoints ?? "0");
  const retentionDays = flags.retention === undefined ? null : numberOf(flags.retention);
  const senders = flags.senders === undefined ? null : sendersOf(flags.senders);
  const fault = firstOf([
    [flags.rate === undefined, "--rate is missing: give verifications a second, such as --rate 10."],
    [
      !(rate > 0 && rate <= HIGHEST_RATE),
      `--rate is a number of verifications a second, above 0 and at most ${HIGHEST_RATE}.`,
    ],
    [!isWhole(endpoints, 0, MAX_ENDPOINTS), `--endpoints is a whole number from 0 to ${MAX_ENDPOINTS}.`],
    [flags.batches && endpoints === 0, "--batches needs --endpoints: without one, nothing is delivered."],
    [
      retentionDays !== null && !isWhole(retentionDays, 1, LONGEST_RETENTION_DAYS),
      `--retention is a whole number of days from 1 to ${LONGEST_RETENTION_DAYS}.`,
    ],
    [
      senders === undefined,
      `--senders is a number of senders such as 3, or with a pace of 1 to ${FASTEST_PACE} such as 2x1000.`,
    ],
  ]);
  if (fault !== null) return { kind: "invalid", sentence: `${fault} ${SEE_HELP}` };
  return {
    kind: "load",
    load: { rate, endpoints, hasBatches: flags.batches, retentionDays, senders: senders ?? null },
    wantsJson: flags.json,
  };
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        rate: { type: "string" },
        endpoints: { type: "string" },
        batches: { type: "boolean", default: false },
        retention: { type: "string" },
        senders: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    const [sentence = ""] = (error instanceof Error ? error.message : "").split(/[.\n] ?/);
    return `${sentence}.`;
  }
}

/** NaN for what is no number in digits. */
function numberOf(text = ""): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** Undefined for what names no senders. */
function sendersOf(text: string): Senders | undefined {
  const [, count = "", pace = String(DEFAULT_PACE)] = /^(\d+)(?:x(\d+))?$/.exec(text) ?? [];
  const senders = { count: numberOf(count), pace: numberOf(pace) };
  const isPossible = isWhole(senders.count, 1, MOST_SENDERS) && isWhole(senders.pace, 1, FASTEST_PACE);
  return isPossible ? senders : undefined;
}

function firstOf(faults: readonly (readonly [is: boolean, sentence: string])[]): string | null {
  return faults.find(([is]) => is)?.[1] ?? null;
}
