/**
 * `npm run setup` leads from an account at Meta and a login at Cloudflare to a deployed Worker that has sent a code and
 * heard of it. docs/going-live.md describes it.
 */

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Graph } from "../graph.ts";
import { drawPin } from "../pin.ts";
import { FLAGS, type Flags, type Options, readOptions } from "../steps/options.ts";
import { removals } from "../steps/remove.ts";
import { EXIT, nothingKnown, type Setup } from "../steps/step.ts";
import { STEPS, type Verdict, verdictOf, walk } from "../steps/walk.ts";
import { readVar } from "../steps/worker-settings.ts";
import { deployment } from "./deployment.ts";
import { projectAt, stateAt } from "./files.ts";
import { HELP } from "./help.ts";
import { TerminalPrompt } from "./prompt.ts";
import { Screen } from "./screen.ts";
import { elapsed, paint, styleOf, wrap } from "./terminal.ts";
import { wranglerIn } from "./wrangler.ts";

const ROOT = join(import.meta.dirname, "../../..");
const STATE = join(ROOT, ".wrangler/setup.json");

const style = styleOf(process.stdout, process.env);
const screen = new Screen(process.stdout, style);

async function main(): Promise<number> {
  const flags = readFlags();
  if (typeof flags === "string") return fail(flags, EXIT.usage);
  if (flags.help) {
    console.log(HELP);
    return EXIT.ready;
  }
  const hasTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const reading = readOptions(flags, process.env, readText, hasTerminal);
  if (reading.kind === "invalid") return fail(reading.sentence, EXIT.usage);
  const setup = await assemble(reading.options, hasTerminal);
  return setup.options.remove ? remove(setup) : setUp(setup);
}

function readFlags(): Flags | string {
  try {
    return parseArgs({ options: FLAGS, strict: true }).values;
  } catch (error) {
    const [sentence = ""] = (error instanceof Error ? error.message : "").split(". ");
    return `${sentence.replace(/\.$/, "")}. See: npm run setup -- --help`;
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

async function assemble(options: Options, hasTerminal: boolean): Promise<Setup> {
  const project = projectAt(ROOT);
  const version = readVar(await project.readSettings(), "WHATSAPP_API_VERSION") ?? "v26.0";
  const known = { ...nothingKnown(), accessToken: options.accessToken, appSecret: options.appSecret };
  return {
    options,
    known,
    project,
    cloudflare: wranglerIn(ROOT, process.env),
    deployment,
    state: await stateAt(STATE),
    prompt: options.isUnattended || !hasTerminal ? null : new TerminalPrompt(screen, style),
    graph: (limits) =>
      new Graph({
        fetch: (url, init) => fetch(url, init),
        baseUrl: options.baseUrl,
        version,
        accessToken: known.accessToken ?? "",
        appSecret: known.appSecret ?? "",
        ...limits,
      }),
    print: (shown) => screen.show(shown),
    random: {
      key: () => randomBytes(32).toString("base64url"),
      pin: drawPin,
    },
    now: () => Date.now(),
    pause: (ms) => pause(ms),
  };
}

async function setUp(setup: Setup): Promise<number> {
  const began = Date.now();
  process.once("SIGINT", () => screen.endEarly());
  screen.lines([paint(style, "bold", "Sandi setup"), ""]);
  const steps = setup.options.deploys ? STEPS : STEPS.filter(({ id }) => id !== "settings" && id !== "login");
  const walked = await walk(setup, screen, steps);
  if (walked.kind === "stop") {
    const again = "What is done stays done: the same command goes on from here.";
    screen.lines(["", ...wrap(style, `Stopped after ${elapsed(Date.now() - began)}. ${again}`, 0)]);
    return walked.exit;
  }
  const verdict = verdictOf(setup);
  screen.lines(["", ...endOf(setup, verdict, Date.now() - began)]);
  return verdict.exit;
}

const COLORS = { ready: "green", limited: "yellow", trial: "yellow", blocked: "red" } as const;

function endOf({ known: { url } }: Setup, { kind, sentence }: Verdict, elapsedMs: number): readonly string[] {
  const first = `${paint(style, [COLORS[kind], "bold"], kind)} `;
  return [
    ...wrap(style, `after ${elapsed(elapsedMs)}. ${sentence}`, { first, others: 0 }),
    ...(url === null ? [] : [`Deployment: ${url}`, `API reference: ${url}/docs`]),
  ];
}

async function remove(setup: Setup): Promise<number> {
  const known = await walk(setup, screen, STEPS.slice(0, 2));
  if (known.kind === "stop") return known.exit;
  const list = await removals(setup);
  if ("kind" in list) return fail(list.sentence, list.exit);
  const kept = "The number stays registered; the Worker, its secrets and its database stay at Cloudflare.";
  if (list.length === 0)
    screen.lines(["", "Nothing of this setup is left at Meta.", ...wrap(style, kept, 0)]);
  for (const removal of list) {
    if (setup.options.isUnattended) {
      const refused = await removal.do();
      if (refused !== null) return fail(refused.sentence, refused.exit);
    }
    screen.lines([`${setup.options.isUnattended ? "Done" : "Would"}: ${removal.text}`]);
  }
  if (list.length > 0) screen.lines(wrap(style, kept, 0));
  if (list.length > 0 && !setup.options.isUnattended)
    screen.lines(["To do it: npm run setup -- --remove --yes"]);
  return EXIT.ready;
}

function fail(sentence: string, exit: number): number {
  screen.hold();
  for (const line of wrap(styleOf(process.stderr, process.env), sentence, 0)) console.error(line);
  return exit;
}

process.exitCode = await main();
