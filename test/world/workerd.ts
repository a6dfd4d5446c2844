import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isListening } from "./network.ts";
import type { Values, WorkerSettings } from "./project.ts";
import { FILES, type Platform, type RuntimeOptions, workerdConfig } from "./workerd-config.ts";

/** The path of the binary that wrangler ships with. */
export const WORKERD: string = createRequire(import.meta.url)("workerd").default;

const PLATFORM = fileURLToPath(new URL("workerd-platform.js", import.meta.url));
const DRIVER = fileURLToPath(new URL("workerd-driver.js", import.meta.url));

const STARTUP_MS = 30_000;
const POLL_MS = 1;
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
  readonly runtime?: RuntimeOptions;
  /** A command that runs workerd, such as valgrind with its options. */
  readonly wrapper?: readonly string[];
}

/** A Worker in bare workerd, which can be killed and started again on the same storage. */
export class Workerd {
  readonly #directory: string;
  readonly #ports: readonly number[];
  readonly #log: string | undefined;
  readonly #wrapper: readonly string[];
  #child: ChildProcess | null = null;
  #env: Readonly<Record<string, string>> = {};

  private constructor({ directory, port, platform, log, wrapper = [] }: WorkerdSetup) {
    this.#directory = directory;
    this.#ports = platform.kind === "external" ? [port, platform.driver] : [port];
    this.#log = log;
    this.#wrapper = wrapper;
  }

  /** Writes the configuration and starts the Worker. Resolves when it accepts connections. */
  static async open(setup: WorkerdSetup): Promise<Workerd> {
    const { settings, values, main, directory, port, platform, runtime } = setup;
    const file = (name: string) => join(directory, name);
    await Promise.all([
      main === file(FILES.main) ? undefined : copyFile(main, file(FILES.main)),
      copyFile(PLATFORM, file(FILES.platform)),
      copyFile(DRIVER, file(FILES.driver)),
      mkdir(file(FILES.objects), { recursive: true }),
      writeFile(file(FILES.config), workerdConfig(settings, values, port, platform, runtime)),
    ]);
    const workerd = new Workerd(setup);
    await workerd.start();
    return workerd;
  }

  /** The process of workerd, or of the command that runs it; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * @param env More variables of the process, from this start on.
   * @throws when workerd exits or accepts no connections in time, repeatedly
   */
  async start(env: Readonly<Record<string, string>> = this.#env): Promise<void> {
    this.#env = env;
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
    const [command = WORKERD, ...args] = [...this.#wrapper, WORKERD, "serve", "--experimental", FILES.config];
    const cwd = this.#directory;
    const env = { ...process.env, ...this.#env };
    if (this.#log === undefined) {
      return spawn(command, args, { cwd, env, stdio: ["ignore", "ignore", "inherit"] });
    }
    const log = openSync(join(cwd, this.#log), "a");
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", log, log] });
    closeSync(log);
    return child;
  }
}
