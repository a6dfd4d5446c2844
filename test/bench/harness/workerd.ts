import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { unstable_readConfig } from "wrangler";
import { type RuntimeOptions, toCapnp, type Values, type WorkerConfig } from "./workerd-config.ts";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const BINDINGS = fileURLToPath(new URL("bindings.js", import.meta.url));

/** The path of the workerd binary that wrangler depends on. */
const WORKERD: string = createRequire(import.meta.url)("workerd").default;

const CONFIGURATION = "workerd.capnp";
const STARTUP_MS = 60_000;

/** A bundle and the settings it was built from. */
export interface BuiltWorker {
  /** The path of the bundle's only module. */
  readonly main: string;
  readonly config: WorkerConfig;
  /** The directory of the static assets. */
  readonly assets: string;
}

export interface RunOptions extends RuntimeOptions {
  /** A command that runs workerd, such as valgrind with its options. */
  readonly wrapper?: readonly string[];
}

export interface RunningWorker {
  readonly port: number;
  readonly child: ChildProcess;
  /** The working directory of the process. */
  readonly directory: string;
}

/**
 * Builds a Worker as a deploy does.
 *
 * @param toml The path of the wrangler.toml, relative to `root`.
 * @param directory Where the bundle is written; must be empty.
 * @param root The root of the source tree.
 */
export async function buildWorker(toml: string, directory: string, root = ROOT): Promise<BuiltWorker> {
  const args = ["deploy", "--config", toml, "--dry-run", "--outdir", directory];
  const wrangler = spawn(join(root, "node_modules/.bin/wrangler"), args, {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = await once(wrangler, "exit");
  const main = (await readdir(directory)).find((file) => file.endsWith(".js"));
  if (code !== 0 || main === undefined) throw new Error(`${toml} did not build`);
  const config = unstable_readConfig({ config: join(root, toml) }, { hideWarnings: true });
  const assets = resolve(root, dirname(toml), config.assets?.directory ?? ".");
  return { main: join(directory, main), config, assets };
}

/**
 * Writes what workerd needs to run a bundle: a configuration, the bundle, and a directory for the Durable Objects.
 *
 * @param directory Must be empty.
 * @param values Variables and secrets, added to or replacing those of the wrangler.toml.
 * @returns the port that the configuration names
 */
export async function configureWorker(
  { main, config, assets }: BuiltWorker,
  directory: string,
  values: Values,
  options: RuntimeOptions = {},
): Promise<number> {
  const port = await freePort();
  const files = { main: basename(main), bindings: "bindings.js", objects: "objects", assets };
  const vars = { ...config.vars, ...values };
  await Promise.all([
    copyFile(main, join(directory, files.main)),
    copyFile(BINDINGS, join(directory, files.bindings)),
    mkdir(join(directory, files.objects)),
    writeFile(join(directory, CONFIGURATION), toCapnp({ ...config, vars }, port, files, options)),
  ]);
  return port;
}

/**
 * Runs a configured bundle in bare workerd: a request to its port reaches workerd's own socket and then the
 * Worker, without the proxy Workers that `wrangler dev` and miniflare put in front.
 *
 * @param wrapper A command that runs workerd, such as valgrind with its options.
 */
export function spawnWorkerd(directory: string, wrapper: readonly string[] = []): ChildProcess {
  const [command = WORKERD, ...args] = [...wrapper, WORKERD, "serve", CONFIGURATION];
  // The Worker's log lines go to stdout and are discarded; workerd's own errors stay visible.
  return spawn(command, args, { cwd: directory, stdio: ["ignore", "ignore", "inherit"] });
}

/** Configures and runs a bundle, and resolves when its port accepts connections. */
export async function startWorker(
  worker: BuiltWorker,
  directory: string,
  values: Values,
  options: RunOptions = {},
): Promise<RunningWorker> {
  const port = await configureWorker(worker, directory, values, options);
  const child = spawnWorkerd(directory, options.wrapper);
  const until = Date.now() + STARTUP_MS;
  while (!(await isListening(port))) {
    if (child.exitCode !== null || Date.now() > until)
      throw new Error(`${worker.main} does not run in workerd`);
    await pause(20);
  }
  return { port, child, directory };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const isOpen = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
}

/** A port that no process listens on at the moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return address.port;
}
