import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Values } from "./capnp.ts";
import { ADMIN_KEY, betterAuth, type Contender, floor, sandi } from "./contenders.ts";
import { Http } from "./http.ts";
import type { WhatsAppAddress } from "./whatsapp.ts";
import { startWorker } from "./workerd.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PEER = join(HERE, "../better-auth");
/** In the project and not among the temporary files: those may be in memory, where durability costs nothing. */
const STORAGE = join(HERE, "../../../.wrangler");

/** Sandi, the floor and better-auth, each in a process of its own, all in front of the same WhatsApp. */
export interface Stage {
  readonly http: Http;
  readonly sandi: Contender;
  readonly floor: Contender;
  readonly betterAuth: Contender;
  setLatency(ms: number): Promise<void>;
  /** The last code of each number that was written to since this was last asked. */
  takeCodes(): Promise<Readonly<Record<string, string>>>;
  close(): void;
}

/** Starts them all. Whatever ends this process ends them too. */
export async function setStage(): Promise<Stage> {
  await installPeer();
  await mkdir(STORAGE, { recursive: true });
  const directory = await mkdtemp(join(STORAGE, "bench-"));
  const http = new Http();
  const children: ChildProcess[] = [];
  const close = () => {
    http.close();
    for (const child of children) child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  process.once("exit", close);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

  const script = async <Ready>(path: string, ...args: string[]): Promise<Ready> => {
    const child = fork(path, args);
    children.push(child);
    const failed = once(child, "exit").then(() => Promise.reject(new Error(`${path} ended`)));
    const [ready] = await Promise.race([once(child, "message"), failed]);
    failed.catch(() => {}); // It ends when everything does.
    return ready;
  };
  const worker = async (name: string, toml: string, values: Values): Promise<number> => {
    const itsOwn = join(directory, name);
    await mkdir(itsOwn);
    const { port, child } = await startWorker(toml, itsOwn, values);
    children.push(child);
    return port;
  };

  const whatsApp = await script<WhatsAppAddress>(join(HERE, "whatsapp.ts"));
  const baseUrl = `http://127.0.0.1:${whatsApp.api}`;
  return {
    http,
    close,
    sandi: sandi(await worker("sandi", "wrangler.toml", sandiValues(baseUrl))),
    floor: floor(await worker("floor", "test/bench/floor.toml", { WHATSAPP_BASE_URL: baseUrl })),
    betterAuth: betterAuth(
      await script<number>(join(PEER, "server.js"), join(directory, "better-auth.sqlite"), baseUrl),
    ),
    setLatency: (ms) => http.put(whatsApp.control, `/latency/${ms}`),
    takeCodes: () => http.get(whatsApp.control, "/codes"),
  };
}

/**
 * A deployment as wrangler.toml describes it, but for its senders: Meta's default of 80 messages a second, to
 * which Sandi keeps, would be all there is to measure. These two have the most that Meta gives a number.
 */
function sandiValues(baseUrl: string): Values {
  const senders = ["100000000000001", "100000000000002"];
  return {
    WHATSAPP_BASE_URL: baseUrl,
    WHATSAPP_PHONE_NUMBER_ID: senders[0],
    WHATSAPP_BUSINESS_ACCOUNT_ID: "200000000000002",
    WHATSAPP_SENDERS: senders.map((id) => ({ phone_number_id: id, messages_per_second: 1000 })),
    SECRET_KEY: "benchmark-secret-key-0123456789abcdef",
    ADMIN_KEY,
    WHATSAPP_ACCESS_TOKEN: "t",
    WHATSAPP_APP_SECRET: "s",
    WHATSAPP_VERIFY_TOKEN: "v",
  };
}

/** It has packages of its own, which nobody needs who does not run this. */
async function installPeer(): Promise<void> {
  if (existsSync(join(PEER, "node_modules"))) return;
  const npm = spawn("npm", ["ci", "--no-audit", "--no-fund"], { cwd: PEER, stdio: "inherit" });
  const [code] = await once(npm, "exit");
  if (code !== 0) throw new Error("better-auth could not be installed");
}
