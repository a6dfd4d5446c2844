import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { promisify } from "node:util";

const run = promisify(execFile);

/** `npm run dev` as somebody at a terminal runs it, in a process group of its own. */
export interface DevProcess {
  readonly child: ChildProcess;
  readonly api: string;
  readonly phone: string;
  /** All that it has printed so far. */
  output(): string;
  /** Ends the Worker by SIGKILL, and nothing else; what it leaves behind then goes of its own accord. */
  killWorker(): Promise<void>;
  /** Sends a signal to the whole group, as the terminal's Ctrl-C or a crash of the machine does. */
  signalAll(signal: NodeJS.Signals): Promise<void>;
}

export interface Ports {
  readonly api: number;
  readonly phone: number;
}

/** Starts it and waits until it says that it is ready. */
export async function startDev(ports: Ports, state: string): Promise<DevProcess> {
  const dev = spawnDev(ports, state);
  await dev.until(/Press Ctrl-C to stop/);
  return dev;
}

/** Starts it and waits for nothing. */
export function spawnDev(ports: Ports, state: string) {
  const child = spawn("npm", ["run", "dev"], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PORT: String(ports.api), SIMULATOR_PORT: String(ports.phone), SANDI_STATE: state },
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
        child.once("exit", () => (pattern.test(text) ? resolve() : reject(new Error(`It ended:\n${text}`))));
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
      if (child.pid === undefined) throw new Error("It never started");
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return address.port;
}
