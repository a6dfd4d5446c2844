/** `npm run scale -- --rate N` prints what a deployment meets first at a rate. docs/scale.md describes it. */
import { join } from "node:path";
import { styleOf, wrap } from "../setup/command/terminal.ts";
import { settingsOf } from "./deployment.ts";
import { toJson } from "./json.ts";
import { HELP, readLoad } from "./load.ts";
import { planOf } from "./plan.ts";
import { reportOf } from "./report.ts";
import { reportText } from "./text.ts";

const SETTINGS = join(import.meta.dirname, "../../wrangler.toml");

const EXIT = { printed: 0, fault: 1, usage: 2 } as const;

async function main(): Promise<number> {
  const reading = readLoad(process.argv.slice(2));
  if (reading.kind === "invalid") return fail(reading.sentence, EXIT.usage);
  if (reading.kind === "help") {
    console.log(HELP);
    return EXIT.printed;
  }
  // It takes a second to load.
  const { unstable_readConfig } = await import("wrangler");
  const settings = settingsOf(unstable_readConfig({ config: SETTINGS }, { hideWarnings: true }));
  if (typeof settings === "string") return fail(`wrangler.toml: ${settings}`, EXIT.fault);
  const report = reportOf(planOf(reading.load, settings));
  if (reading.wantsJson) console.log(JSON.stringify(toJson(report), null, 2));
  else for (const line of reportText(report, styleOf(process.stdout, process.env))) console.log(line);
  return EXIT.printed;
}

function fail(sentence: string, exit: number): number {
  for (const line of wrap(styleOf(process.stderr, process.env), sentence, 0)) console.error(line);
  return exit;
}

process.exitCode = await main();
