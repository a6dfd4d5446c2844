import { parseArgs } from "node:util";
import { toIso } from "../../platform/time.ts";
import { cloudflareChecks } from "../checks/cloudflare.ts";
import { CHECK_IDS, type CheckId } from "../checks/ids.ts";
import { platformChecks } from "../checks/platform.ts";
import {
  type CheckResult,
  concluded,
  type Examination,
  examine,
  isFault,
  type Verdict,
} from "../examination.ts";
import type { Fetch } from "../graph.ts";
import {
  type DoctorSource,
  deploymentSource,
  isOnThisMachine,
  isTrouble,
  type RepairRow,
  type Trouble,
} from "./doctor-sources.ts";
import { examinationText } from "./examination-text.ts";
import { localSettings, type ProjectFiles } from "./local-settings.ts";
import { lookAtCloudflare, type RunWrangler } from "./look-at-cloudflare.ts";
import { nothingFound } from "./nothing-found.ts";
import { labelled, markOf, paint, type Style, wrap } from "./terminal.ts";

/** What a run of the doctor needs of the world. */
export interface DoctorCommand {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly files: ProjectFiles;
  readonly fetch: Fetch;
  readonly runWrangler: RunWrangler;
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
  readonly style: Style;
}

const EXIT: Readonly<Record<Verdict, number>> = { ready: 0, limited: 3, trial: 3, blocked: 1 };
const FAILED = 1;
const WRONG_USAGE = 2;

export const HELP = `npm run doctor -- [--url https://…] [--fix [check …]] [--take-over] [--json]

Examines a deployment and its account at Meta, and names what is wrong.

  --url URL     asks that deployment, with the admin key in SANDI_KEY (or SANDI_URL
                in place of --url); without it, Meta is asked with .dev.vars
  --fix         repairs what the doctor can: all of it, or the checks that follow
  --take-over   agrees to take the app's webhook from another project, and to
                replace a number's two-step PIN
  --json        prints JSON and nothing else

Exit: 0 ready, 3 limited or trial, 1 blocked or failed, 2 wrong usage.`;

/** @returns the exit code */
export async function runDoctor(command: DoctorCommand): Promise<number> {
  const flags = readFlags(command.args);
  if (typeof flags === "string") return fail(command, flags, WRONG_USAGE);
  if (flags.help) {
    command.print(HELP);
    return 0;
  }
  const source = await sourceOf(command, flags);
  if (typeof source === "string") return fail(command, source, WRONG_USAGE);

  const before = await examineAll(command, source);
  if (isTrouble(before)) return fail(command, before.trouble, FAILED);
  const repairs = flags.fix ? await repairAll(source, before, flags) : [];
  if (isTrouble(repairs)) return fail(command, repairs.trouble, FAILED);
  const after = repairs.length === 0 ? before : await examineAll(command, source);
  if (isTrouble(after)) return fail(command, after.trouble, FAILED);

  if (flags.json) command.print(JSON.stringify(toJson(after, repairs, flags.fix), null, 2));
  else for (const line of report(source, after, repairs, command.style)) command.print(line);
  return EXIT[after.verdict];
}

interface Flags {
  readonly url?: string | undefined;
  readonly fix: boolean;
  readonly json: boolean;
  readonly help: boolean;
  readonly takeOver: boolean;
  /** Empty for all. */
  readonly checks: readonly CheckId[];
}

function readFlags(args: readonly string[]): Flags | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        url: { type: "string" },
        fix: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
        "take-over": { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const { url, fix, json, help } = values;
    const unknown = positionals.filter((id) => !CHECK_IDS.some((known) => known === id));
    if (unknown.length > 0) return `No check is named ${unknown.join(", ")}. ${SEE_HELP}`;
    if (positionals.length > 0 && !fix) return `Checks are named after --fix. ${SEE_HELP}`;
    return { url, fix, json, help, takeOver: values["take-over"], checks: positionals as CheckId[] };
  } catch (error) {
    const [sentence = ""] = (error instanceof Error ? error.message : "").split(". ");
    return `${sentence.replace(/\.$/, "")}. ${SEE_HELP}`;
  }
}

const SEE_HELP = "See: npm run doctor -- --help";

/** @returns a sentence where no source is named, or not all of it */
async function sourceOf(
  { environment, files, fetch }: DoctorCommand,
  flags: Flags,
): Promise<DoctorSource | string> {
  const url = flags.url ?? environment.SANDI_URL;
  if (url === undefined) return localSettings(files, environment, fetch);
  const address = URL.parse(url);
  if (address === null || (address.protocol !== "https:" && !isOnThisMachine(url))) {
    return `${url} is no https address of a deployment.`;
  }
  const key = environment.SANDI_KEY;
  if (key === undefined || key === "") {
    return "Set SANDI_KEY to the deployment's ADMIN_KEY, or to a key with the scope admin.";
  }
  return deploymentSource({ url: address.origin, key, fetch });
}

/** The source's checks and Cloudflare's. Of a deployment that does not answer, the latter alone may say why. */
async function examineAll(command: DoctorCommand, source: DoctorSource): Promise<Examination | Trouble> {
  const [results, cloudflare] = await Promise.all([source.look(), cloudflareResults(command, source)]);
  if (isTrouble(results) && !(results.isUnreachable && cloudflare.some(isFault))) return results;
  const checks = merged(isTrouble(results) ? [] : results, cloudflare);
  return Object.assign({ checkedAt: toIso(Date.now()), checks }, concluded(checks));
}

/** None for a deployment on this machine, unless Cloudflare's API is a stand-in. */
async function cloudflareResults(
  { environment, runWrangler, fetch }: DoctorCommand,
  { url, isRemote, codesToday }: DoctorSource,
): Promise<readonly CheckResult[]> {
  if (!isRemote && environment.CLOUDFLARE_API_BASE_URL === undefined) return [];
  const codes = await codesToday();
  const usage = codes === null ? null : { plan: null, codesToday: codes };
  const cloudflare = await lookAtCloudflare({ run: runWrangler, fetch, url, usage });
  return examine(nothingFound(url, cloudflare), [...cloudflareChecks, ...platformChecks]).checks;
}

/** One result for each check, in the list's order; of two, the fault. */
function merged(first: readonly CheckResult[], second: readonly CheckResult[]): readonly CheckResult[] {
  return CHECK_IDS.flatMap((id) => {
    const same = [...first, ...second].filter((result) => result.id === id);
    return same.find(isFault) ?? same.find(({ state }) => state === "ok") ?? same[0] ?? [];
  });
}

/** A repair may bring to light what was skipped because of it. */
const MOST_ROUNDS = 3;

async function repairAll(
  source: DoctorSource,
  examination: Examination,
  { checks: chosen, takeOver }: Flags,
): Promise<readonly RepairRow[] | Trouble> {
  const rows: RepairRow[] = [];
  let checks = examination.checks;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const tried = new Set(rows.map(({ check }) => check));
    const faults = checks.filter((check) => isFault(check) && check.repair?.by === "doctor");
    const wanted =
      round === 0 && chosen.length > 0 ? chosen : chosen.length > 0 ? [] : faults.map(({ id }) => id);
    const ids = wanted.filter((id) => !tried.has(id));
    if (ids.length === 0) break;
    const done = await source.repair(ids, takeOver);
    if (isTrouble(done)) return done;
    rows.push(...done);
    if (!done.some(({ outcome }) => outcome === "repaired")) break;
    const looked = await source.look();
    if (isTrouble(looked)) return looked;
    checks = looked;
  }
  return rows;
}

function report(
  { name }: DoctorSource,
  examination: Examination,
  repairs: readonly RepairRow[],
  style: Style,
): readonly string[] {
  return [
    ...wrap(style, `${paint(style, "bold", "Sandi doctor")} · ${name}`, 0),
    "",
    ...repairs.flatMap((row) => repairText(row, style)),
    ...(repairs.length > 0 ? [""] : []),
    ...examinationText(examination, style),
  ];
}

const OUTCOMES: Readonly<Record<RepairRow["outcome"], string>> = {
  repaired: "repaired",
  not_needed: "not needed",
  waits: "waits",
  refused: "refused by Meta",
  unanswered: "not answered; Meta may have done it",
  needs_consent: "needs your consent, --take-over",
  by_hand: "is for a person to do",
};

function repairText({ check, outcome, sentence, pin }: RepairRow, style: Style): readonly string[] {
  const mark = markOf(style, outcome === "repaired" || outcome === "not_needed" ? "ok" : "warning");
  const text = `${check}: ${OUTCOMES[outcome]}${sentence === null ? "" : `. ${sentence}`}`;
  return [
    ...wrap(style, text, { first: `  ${mark} `, others: 4 }),
    ...(pin === null
      ? []
      : labelled(style, "PIN", `${pin}, the number's new two-step PIN, shown this once: note it down.`, {
          indent: 4,
        })),
  ];
}

/** As the API answers, with the repairs where some were asked for. */
function toJson(
  { verdict, checkedAt, next, checks }: Examination,
  repairs: readonly RepairRow[],
  hasRepaired: boolean,
): object {
  const examination = { verdict, checked_at: checkedAt, next, checks };
  return hasRepaired ? Object.assign(examination, { repairs }) : examination;
}

function fail({ printError, style }: DoctorCommand, sentence: string, exit: number): number {
  for (const line of wrap(style, sentence, 0)) printError(line);
  return exit;
}
