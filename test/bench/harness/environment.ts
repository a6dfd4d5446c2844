import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../world/network.ts";
import { buildWorker, ROOT, readSettings, type Values, type WorkerSettings } from "../../world/project.ts";
import type { WhatsAppPorts } from "../../world/whatsapp-process.ts";
import { Workerd, type WorkerdSetup } from "../../world/workerd.ts";
import { HttpClient } from "./client.ts";

/** Inside the project: the system's temporary files may be in memory, where durable writes cost nothing. */
const STORAGE = join(ROOT, ".wrangler");

/** A bundle, and the settings it was built from. */
export interface BuiltWorker {
  readonly settings: WorkerSettings;
  /** The path of the bundle's only module. */
  readonly main: string;
}

export interface RunningWorker {
  readonly port: number;
  readonly workerd: Workerd;
  /** The working directory of the process. */
  readonly directory: string;
}

/** The stand-in for WhatsApp, an HTTP client, and the processes that a benchmark starts. */
export class Environment {
  readonly http = new HttpClient();
  readonly directory: string;
  readonly #children: ChildProcess[] = [];
  readonly #workers: Workerd[] = [];
  #ports: WhatsAppPorts = { api: 0, control: 0 };
  #directories = 0;

  private constructor(directory: string) {
    this.directory = directory;
    process.once("exit", () => this.close());
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  }

  /** Starts the stand-in for WhatsApp. Every process ends with {@link close} or with this process. */
  static async open(): Promise<Environment> {
    await mkdir(STORAGE, { recursive: true });
    const environment = new Environment(await mkdtemp(join(STORAGE, "bench-")));
    const script = fileURLToPath(new URL("../../world/whatsapp-process.ts", import.meta.url));
    environment.#ports = await environment.startScript<WhatsAppPorts>(script);
    return environment;
  }

  get whatsAppBaseUrl(): string {
    return `http://127.0.0.1:${this.#ports.api}`;
  }

  /** @param milliseconds How long the stand-in holds each message before it answers. */
  setLatency(milliseconds: number): Promise<void> {
    return this.http.put(this.#ports.control, `/latency/${milliseconds}`);
  }

  /** Has the stand-in refuse messages to every number that begins so, as one that is not on WhatsApp. */
  setUnreachable(start: string): Promise<void> {
    return this.http.put(this.#ports.control, `/unreachable/${start}`);
  }

  /** The last code sent to each number since the previous call. */
  takeCodes(): Promise<Readonly<Record<string, string>>> {
    return this.http.get(this.#ports.control, "/codes");
  }

  /**
   * Builds a Worker as a deploy does.
   *
   * @param toml Path from the root of the source tree.
   * @param root The source tree; by default the project's.
   */
  async buildWorker(toml: string, root = ROOT): Promise<BuiltWorker> {
    const main = await buildWorker(await this.#createDirectory(), toml, root);
    return { main, settings: readSettings(toml, root) };
  }

  /**
   * Runs a Worker in a workerd process with new, empty storage.
   *
   * @param values Or what they are of, where they name the Worker's own address.
   */
  async startWorker(
    { main, settings }: BuiltWorker,
    values: Values | ((origin: string) => Values),
    options: Pick<WorkerdSetup, "runtime" | "wrapper"> = {},
  ): Promise<RunningWorker> {
    const [directory, port] = [await this.#createDirectory(), await freePort()];
    const platform = { kind: "empty" } as const;
    const own = typeof values === "function" ? values(`http://127.0.0.1:${port}`) : values;
    const setup = { ...options, settings, values: own, main, directory, port, platform };
    const workerd = await Workerd.open(setup);
    this.#workers.push(workerd);
    return { port, directory, workerd };
  }

  /** Forks a Node script and resolves to the first message it sends to this process. */
  async startScript<Ready>(path: string, ...args: readonly string[]): Promise<Ready> {
    const child = fork(path, args);
    this.#children.push(child);
    const failed = once(child, "exit").then(() => Promise.reject(new Error(`${path} exited`)));
    const [ready] = await Promise.race([once(child, "message"), failed]);
    failed.catch(() => {}); // The script exits when the environment is closed.
    return ready;
  }

  close(): void {
    this.http.close();
    for (const child of this.#children) child.kill("SIGKILL");
    // A running child keeps this process alive.
    for (const workerd of this.#workers) void workerd.kill();
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  async #createDirectory(): Promise<string> {
    this.#directories += 1;
    const directory = join(this.directory, String(this.#directories));
    await mkdir(directory);
    return directory;
  }
}
