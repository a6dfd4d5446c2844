import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { unstable_readConfig } from "wrangler";
import { toCapnp, type Values, type WorkerConfig } from "./capnp.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PLATFORM = fileURLToPath(new URL("platform.js", import.meta.url));

/** The path of the binary that wrangler ships with. */
const WORKERD: string = createRequire(import.meta.url)("workerd").default;

const STARTUP_MS = 20_000;

/**
 * Builds a Worker as a deploy does and runs the bundle in bare workerd, so that a request to its port meets
 * workerd's own socket and then the Worker: none of the scripts that `wrangler dev` and miniflare put in front.
 *
 * @param toml The wrangler.toml, from the root of the project.
 * @param directory An empty one, for the bundle and for what the objects store.
 * @param values For the environment, besides or instead of the wrangler.toml's own.
 */
export async function startWorker(
  toml: string,
  directory: string,
  values: Values,
): Promise<{ readonly port: number; readonly child: ChildProcess }> {
  const main = await build(toml, directory);
  const port = await freePort();
  const config: WorkerConfig = unstable_readConfig({ config: join(ROOT, toml) }, { hideWarnings: true });
  const assets = resolve(ROOT, dirname(toml), config.assets?.directory ?? ".");
  const files = { main, platform: "platform.js", objects: "objects", assets };
  const vars = { ...config.vars, ...values };
  await Promise.all([
    copyFile(PLATFORM, join(directory, files.platform)),
    mkdir(join(directory, files.objects)),
    writeFile(join(directory, "workerd.capnp"), toCapnp({ ...config, vars }, port, files)),
  ]);
  // Its log lines go where nobody waits for them; what it warns of is for everybody to see.
  const child = spawn(WORKERD, ["serve", "workerd.capnp"], {
    cwd: directory,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const until = Date.now() + STARTUP_MS;
  while (!(await isListening(port))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`${toml} does not run in workerd`);
    await pause(20);
  }
  return { port, child };
}

/** @returns the name of the bundle's module */
async function build(toml: string, directory: string): Promise<string> {
  const args = ["deploy", "--config", toml, "--dry-run", "--outdir", directory];
  const wrangler = spawn("wrangler", args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(wrangler, "exit");
  const main = (await readdir(directory)).find((file) => file.endsWith(".js"));
  if (code !== 0 || main === undefined) throw new Error(`${toml} did not build`);
  return main;
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return address.port;
}
