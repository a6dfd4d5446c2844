import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** The path of the binary that wrangler ships with. */
const WORKERD: string = createRequire(import.meta.url)("workerd").default;

const STARTUP_MS = 30_000;
const LOOK_EVERY_MS = 5;
const STARTS = 3;

/** Below what systems give to outgoing connections, so that none of these takes it while the Worker is down. */
const PORTS = { from: 15_000, to: 30_000 };

/** None outlives this process, however it ends. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** One workerd after the other on the same storage, each ended in the middle of whatever it does. */
export class WorkerdProcess {
  readonly #directory: string;
  readonly #ports: readonly number[];
  #child: ChildProcess | null = null;

  /**
   * @param directory Has `workerd.capnp`; what the Worker logs goes to `worker.log` there.
   * @param ports Those that it listens on when it is ready.
   */
  constructor(directory: string, ports: readonly number[]) {
    [this.#directory, this.#ports] = [directory, ports];
  }

  async start(): Promise<void> {
    for (let starts = 1; !(await this.#start()); starts += 1) {
      if (starts === STARTS) throw new Error(`workerd does not run; see ${this.#directory}/worker.log`);
    }
  }

  /** @returns false when it ended at once, as when somebody else has its port */
  async #start(): Promise<boolean> {
    const log = openSync(join(this.#directory, "worker.log"), "a");
    const child = spawn(WORKERD, ["serve", "--experimental", "workerd.capnp"], {
      cwd: this.#directory,
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.#child = child;
    running.add(child);
    child.once("exit", () => running.delete(child));
    const until = Date.now() + STARTUP_MS;
    for (const port of this.#ports) {
      while (!(await isListening(port))) {
        if (child.exitCode !== null || Date.now() > until) return false;
        await pause(LOOK_EVERY_MS);
      }
    }
    return child.exitCode === null;
  }

  /** By SIGKILL: nothing is finished, flushed or said goodbye to. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  });
  socket.destroy();
  return isOpen;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}
