import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import type { Clock } from "../clock/clock.ts";
import { freePort } from "./network.ts";

const run = promisify(execFile);

/** Of every purpose of wrangler.toml. */
export const CODE_LIFETIME_SECONDS = 300;

/** `npm run dev` as a terminal runs it, in its own process group. */
export interface DevProcess {
  readonly child: ChildProcess;
  readonly api: string;
  readonly phone: string;
  /** Everything printed so far, standard output and error together. */
  output(): string;
  /** Sends SIGKILL to the Worker only. Resolves when the other processes have exited as well. */
  killWorker(): Promise<void>;
  /** Signals the whole group, as Ctrl-C in a terminal does. Resolves when npm has exited. */
  signalAll(signal: NodeJS.Signals): Promise<void>;
}

export type Vars = Readonly<Record<string, string>>;

export interface Ports {
  readonly api: number;
  readonly phone: number;
}

/**
 * Starts `npm run dev` and waits until it reports that it is ready.
 *
 * @param vars More variables of the Worker; tables as JSON.
 * @param clock Read by the Worker and the simulator instead of the system's.
 */
export async function startDev(
  ports: Ports,
  state: string,
  vars: Vars = {},
  clock?: Clock,
): Promise<DevProcess> {
  const dev = spawnDev(ports, state, vars, clock);
  await dev.until(/Press Ctrl-C to stop/);
  return dev;
}

/** Starts `npm run dev` without waiting for it. */
export function spawnDev(ports: Ports, state: string, vars: Vars = {}, clock?: Clock) {
  const child = spawn("npm", ["run", "dev"], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      ...clock?.env,
      PORT: String(ports.api),
      SIMULATOR_PORT: String(ports.phone),
      SANDI_STATE: state,
      SANDI_INSPECTOR_PORT: "0",
      SANDI_VARS: JSON.stringify(vars),
    },
  });
  const exited = once(child, "exit");
  let text = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      text += chunk;
      for (const listener of listeners) listener();
    });
  }
  return {
    child,
    api: `http://127.0.0.1:${ports.api}`,
    phone: `http://127.0.0.1:${ports.phone}`,
    output: () => text,
    exited,
    until(pattern: RegExp): Promise<void> {
      return new Promise((resolve, reject) => {
        const look = () => pattern.test(text) && resolve();
        listeners.add(look);
        child.once("exit", () =>
          pattern.test(text) ? resolve() : reject(new Error(`npm run dev exited:\n${text}`)),
        );
        look();
      });
    },
    async killWorker(): Promise<void> {
      const { stdout } = await run("ps", ["-eo", "pid,pgid,args"]);
      for (const line of stdout.split("\n")) {
        const [, pid, group, args = ""] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [];
        if (Number(group) === child.pid && /workerd|wrangler-dist/.test(args))
          process.kill(Number(pid), "SIGKILL");
      }
      await exited;
    },
    async signalAll(signal: NodeJS.Signals): Promise<void> {
      if (child.pid === undefined) throw new Error("npm run dev did not start");
      process.kill(-child.pid, signal);
      await exited;
    },
  };
}

/** Ports that were free a moment ago. */
export async function freePorts(): Promise<Ports> {
  const [api, phone] = await Promise.all([freePort(), freePort()]);
  return { api, phone };
}
