import { fork } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Environment } from "../steps/options.ts";
import type { Cloudflare, Deploy, DeployRun, WranglerRun } from "../steps/outside.ts";
import { atExit, withSecretsFile } from "./secrets-file.ts";

const LEAVE_WITH_PARENT = new URL("./leave-with-parent.ts", import.meta.url).href;

/** Beside wrangler.toml, because wrangler resolves the paths in it from its place. */
const ADOPTING_SETTINGS = ".wrangler-setup.toml";

/** Variables of setup that are no business of wrangler, of the build, or of a log. */
const PRIVATE = [
  "WHATSAPP_ACCESS_TOKEN",
  "WHATSAPP_APP_SECRET",
  "WHATSAPP_VERIFY_TOKEN",
  "ADMIN_KEY",
  "SECRET_KEY",
];

/** Runs the project's own wrangler in its root folder. */
export function wranglerIn(root: string, environment: Environment): Cloudflare {
  const cli = join(root, "node_modules/wrangler/wrangler-dist/cli.js");
  const shared = Object.fromEntries(Object.entries(environment).filter(([name]) => !PRIVATE.includes(name)));
  const quiet = {
    ...shared,
    CI: "true",
    NO_COLOR: "1",
    FORCE_COLOR: "0",
    WRANGLER_SEND_METRICS: "false",
    // Its log files hold what it sends.
    WRANGLER_WRITE_LOGS: "false",
  };

  let account: Readonly<Record<string, string>> = {};

  async function run(args: readonly string[], more: Environment = {}): Promise<WranglerRun> {
    const child = fork(cli, [...args], {
      cwd: root,
      env: { ...quiet, ...account, ...more } as unknown as NodeJS.ProcessEnv,
      execArgv: ["--no-warnings", "--import", LEAVE_WITH_PARENT],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    let stdout = "";
    let output = "";
    child.stdout?.on("data", (chunk) => {
      stdout += chunk;
      output += chunk;
    });
    child.stderr?.on("data", (chunk) => (output += chunk));
    const [code] = await once(child, "close");
    return {
      code: code ?? 1,
      stdout: stripVTControlCharacters(stdout),
      output: stripVTControlCharacters(output),
    };
  }

  async function deploy({ secrets, args, settings }: Deploy): Promise<DeployRun> {
    return withSecretsFile(secrets, async (path, directory) => {
      const report = join(directory, "output.jsonl");
      const withConfig = settings === undefined ? [] : ["--config", ADOPTING_SETTINGS];
      const end = await run(["deploy", "--secrets-file", path, ...withConfig, ...args], {
        WRANGLER_OUTPUT_FILE_PATH: report,
      });
      return { ...end, targets: targetsIn(await readFile(report, "utf8").catch(() => "")) };
    });
  }

  return {
    accountId: environment.CLOUDFLARE_ACCOUNT_ID || null,
    useAccount(id) {
      account = { CLOUDFLARE_ACCOUNT_ID: id };
    },
    run: (args) => run(args),
    async login() {
      const child = fork(cli, ["login"], {
        cwd: root,
        env: { ...shared, WRANGLER_SEND_METRICS: "false" } as unknown as NodeJS.ProcessEnv,
        execArgv: ["--no-warnings"],
        stdio: ["inherit", "inherit", "inherit", "ipc"],
      });
      await once(child, "close");
    },
    async deploy(request) {
      if (request.settings === undefined) return deploy(request);
      const path = join(root, ADOPTING_SETTINGS);
      const stopListening = atExit(() => rmSync(path, { force: true }));
      try {
        await writeFile(path, request.settings);
        return await deploy(request);
      } finally {
        stopListening();
        await rm(path, { force: true });
      }
    },
  };
}

/** From the lines of JSON that wrangler writes for other programs. */
function targetsIn(report: string): readonly string[] {
  for (const line of report.split("\n")) {
    if (!line.startsWith("{")) continue;
    const entry = JSON.parse(line) as { type?: string; targets?: readonly string[] };
    if (entry.type === "deploy") return entry.targets ?? [];
  }
  return [];
}
