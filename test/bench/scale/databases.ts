import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare, NoOpLog } from "miniflare";
import { migrate } from "../../world/migrations.ts";
import { SETTINGS } from "../../world/project.ts";
import type { Result, Step } from "./protocol.ts";

const DRIVER = fileURLToPath(new URL("driver/index.ts", import.meta.url));
const DATABASES = ["HISTORY", "BUSY", "DELIVERIES"];

/** A workerd process with the driver and its D1 databases, which have the journal's tables. */
export class Databases {
  readonly #miniflare: Miniflare;
  readonly #directory: string;

  private constructor(miniflare: Miniflare, directory: string) {
    this.#miniflare = miniflare;
    this.#directory = directory;
  }

  static async open(): Promise<Databases> {
    const directory = await mkdtemp(join(tmpdir(), "sandi-scale-"));
    const { outputFiles } = await build({
      entryPoints: [DRIVER],
      bundle: true,
      write: false,
      format: "esm",
      target: "es2024",
      external: ["cloudflare:*", "node:*"],
    });
    const options = {
      name: "scale",
      log: new NoOpLog(),
      cf: false as const,
      modules: [{ type: "ESModule" as const, path: "driver.js", contents: outputFiles[0]?.text ?? "" }],
      compatibilityDate: SETTINGS.compatibility_date,
      d1Databases: DATABASES,
      d1Persist: directory,
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    };
    const databases = new Databases(new Miniflare(convertV4MiniflareOptions(options)), directory);
    for (const name of DATABASES) await migrate(await databases.#miniflare.getD1Database(name));
    return databases;
  }

  /** A step may take minutes, which is why this is not `fetch`: it gives up after five. */
  async take(step: Step): Promise<Result> {
    const url = await this.#miniflare.unsafeGetDirectURL("scale");
    const call = request(url, { method: "POST" }).end(JSON.stringify(step));
    const [response]: IncomingMessage[] = await once(call, "response");
    const body = response === undefined ? "" : await text(response);
    if (response?.statusCode !== 200) throw new Error(`The step ${step.do} failed: ${body}`);
    return JSON.parse(body) as Result;
  }

  async close(): Promise<void> {
    await this.#miniflare.dispose();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
