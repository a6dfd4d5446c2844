import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort, isListening } from "./network.ts";
import { buildWorker, readSettings, type Values, type WorkerSettings } from "./project.ts";
import { FILES, type Platform, workerdConfig } from "./workerd-config.ts";

/** The path of the binary that wrangler ships with. */
export const WORKERD: string = createRequire(import.meta.url)("workerd").default;

const PLATFORM = fileURLToPath(new URL("workerd-platform.js", import.meta.url));
const DRIVER = fileURLToPath(new URL("workerd-driver.js", import.meta.url));

const STARTUP_MS = 30_000;
const POLL_MS = 5;
const MAX_STARTS = 3;

/** Killed when this process exits, however it exits. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** What runs in bare workerd, without the proxies that `wrangler dev` and miniflare put before the Worker. */
export interface WorkerdSetup {
  readonly settings: WorkerSettings;
  /** Added to the variables of wrangler.toml, or in their place. */
  readonly values: Values;
  /** The path of the built Worker. */
  readonly main: string;
  /** Empty; for the bundle, the configuration and the objects' storage. */
  readonly directory: string;
  /** Where the Worker listens. */
  readonly port: number;
  readonly platform: Platform;
  /** A file in the directory for the Worker's log; without it, log lines are dropped and warnings are shown. */
  readonly log?: string;
}

/** A Worker in bare workerd, which can be killed and started again on the same storage. */
export class Workerd {
  readonly #directory: string;
  readonly #ports: readonly number[];
  readonly #log: string | undefined;
  #child: ChildProcess | null = null;

  private constructor({ directory, port, platform, log }: WorkerdSetup) {
    this.#directory = directory;
    this.#ports = platform.kind === "external" ? [port, platform.driver] : [port];
    this.#log = log;
  }

  /** Writes the configuration and starts the Worker. Resolves when it accepts connections. */
  static async open(setup: WorkerdSetup): Promise<Workerd> {
    const { settings, values, main, directory, port, platform } = setup;
    const file = (name: string) => join(directory, name);
    await Promise.all([
      main === file(FILES.main) ? undefined : copyFile(main, file(FILES.main)),
      copyFile(PLATFORM, file(FILES.platform)),
      copyFile(DRIVER, file(FILES.driver)),
      mkdir(file(FILES.objects), { recursive: true }),
      writeFile(file(FILES.config), workerdConfig(settings, values, port, platform)),
    ]);
    const workerd = new Workerd(setup);
    await workerd.start();
    return workerd;
  }

  /** @throws when workerd exits or accepts no connections in time, repeatedly */
  async start(): Promise<void> {
    for (let starts = 1; !(await this.#start()); starts += 1) {
      if (starts === MAX_STARTS) throw new Error(`workerd does not run in ${this.#directory}`);
    }
  }

  /** Sends SIGKILL, so that workerd finishes and flushes nothing. Resolves when it has exited. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  /** @returns false when workerd exits at once, as when another process has taken its port */
  async #start(): Promise<boolean> {
    const child = this.#spawn();
    this.#child = child;
    running.add(child);
    child.once("exit", () => running.delete(child));
    const deadline = Date.now() + STARTUP_MS;
    for (const port of this.#ports) {
      while (!(await isListening(port))) {
        if (child.exitCode !== null || Date.now() > deadline) return false;
        await pause(POLL_MS);
      }
    }
    return child.exitCode === null;
  }

  #spawn(): ChildProcess {
    const args = ["serve", "--experimental", FILES.config];
    const cwd = this.#directory;
    if (this.#log === undefined) return spawn(WORKERD, args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
    const log = openSync(join(cwd, this.#log), "a");
    const child = spawn(WORKERD, args, { cwd, stdio: ["ignore", log, log] });
    closeSync(log);
    return child;
  }
}

/**
 * Builds a Worker as a deploy does and starts it in bare workerd with an empty platform, for benchmarks.
 *
 * @param toml The wrangler.toml, from the root of the project.
 * @param directory Empty; for the bundle and for what the objects store.
 */
export async function startWorker(
  toml: string,
  directory: string,
  values: Values,
): Promise<{ readonly port: number; readonly workerd: Workerd }> {
  const port = await freePort();
  const main = await buildWorker(directory, toml);
  const platform = { kind: "empty" } as const;
  const workerd = await Workerd.open({
    settings: readSettings(toml),
    values,
    main,
    directory,
    port,
    platform,
  });
  return { port, workerd };
}
