import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { convertV4MiniflareOptions, Miniflare, NoOpLog } from "miniflare";
import { migrationStatements } from "../../world/migrations.ts";
import { buildWorker, CONSUMERS, SETTINGS } from "../../world/project.ts";
import type { Path } from "./paths.ts";
import type { Chunk, Counts, Setup } from "./protocol.ts";

const DRIVER = fileURLToPath(new URL("driver/index.ts", import.meta.url));
const WORKERS = fileURLToPath(new URL("driver/workers.ts", import.meta.url));

/** Verifications started in one request to the driver. */
const NUMBERS_PER_REQUEST = 250;

/** How many numbers share each range of 10,000. */
const NUMBERS_PER_RANGE = 10;

const VALUES = {
  WHATSAPP_PHONE_NUMBER_ID: "100000000000001",
  WHATSAPP_BUSINESS_ACCOUNT_ID: "200000000000002",
  SECRET_KEY: "benchmark-secret-key-0123456789abcdef",
  ADMIN_KEY: "benchmark-admin-key-0123456789abcdef",
  WHATSAPP_ACCESS_TOKEN: "t",
  WHATSAPP_APP_SECRET: "s",
  WHATSAPP_VERIFY_TOKEN: "v",
};

/** The counts of a run that verified each of its numbers once. */
export interface Measured {
  readonly path: Path["name"];
  readonly numbers: number;
  readonly counts: Counts;
  /** CPU time of workerd, including the driver and its storage. Null where the system does not report it. */
  readonly cpuMs: number | null;
}

/** Builds the Worker as a deploy does and bundles it with the driver into one module. */
export async function buildDriver(directory: string): Promise<string> {
  const main = await buildWorker(directory);
  const { outputFiles } = await build({
    entryPoints: [DRIVER],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*", "node:*"],
    plugins: [withWorker(main)],
  });
  return outputFiles[0]?.text ?? "";
}

/**
 * Verifies every number once in a new workerd process.
 *
 * @param driver The module that {@link buildDriver} returns.
 */
export async function measure(path: Path, numbers: number, driver: string): Promise<Measured> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: "cost",
      log: new NoOpLog(),
      cf: false,
      handleStructuredLogs: () => {},
      modules: [{ type: "ESModule", path: "driver.js", contents: driver }],
      compatibilityDate: SETTINGS.compatibility_date,
      bindings: JSON.parse(JSON.stringify({ ...SETTINGS.vars, ...VALUES, ...path.values })),
      durableObjects: { DRIVER: { className: "Driver", useSQLite: true } },
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    }),
  );
  try {
    const call = async (pathname: string, body: object) => {
      const url = new URL(pathname, await miniflare.unsafeGetDirectURL("cost"));
      const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
      const text = await response.text();
      if (!response.ok) throw new Error(`The driver failed: ${text}`);
      return text;
    };
    await call("/set-up", await setupFor(path));
    const before = await childrenCpuMs();
    for (let first = 0; first < numbers; first += NUMBERS_PER_REQUEST) {
      const chunk: Chunk = {
        first,
        count: Math.min(NUMBERS_PER_REQUEST, numbers - first),
        ofAll: numbers,
      };
      await call("/run", chunk);
    }
    const counts = JSON.parse(await call("/finish", {})) as Counts;
    const checks = counts.worker_requests?.["POST /v1/verifications/{id}/check"];
    if (checks !== numbers) throw new Error(`Of ${numbers} verifications, ${checks} were checked`);
    const after = await childrenCpuMs();
    return {
      path: path.name,
      numbers,
      counts,
      cpuMs: before === null || after === null ? null : after - before,
    };
  } finally {
    await miniflare.dispose();
  }
}

async function setupFor(path: Path): Promise<Setup> {
  const migrations = await migrationStatements();
  const retentionDays = Number(SETTINGS.vars.JOURNAL_RETENTION_DAYS);
  return { ...path.setup, numbersPerRange: NUMBERS_PER_RANGE, retentionDays, queues: CONSUMERS, migrations };
}

/** The Worker's imports of `cloudflare:workers` resolve to the driver's; the driver's own do not. */
function withWorker(main: string): Plugin {
  return {
    name: "with-worker",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\/worker\.js$/ }, () => ({ path: main }));
      onResolve({ filter: /^cloudflare:workers$/ }, ({ importer }) =>
        importer === main ? { path: WORKERS } : null,
      );
    },
  };
}

/** The unit of CPU times in `/proc/<pid>/stat`. */
const TICK_MS = 10;

/** CPU time of this process's children so far, in milliseconds; null where there is no `/proc`. */
async function childrenCpuMs(): Promise<number | null> {
  try {
    const tasks = await readdir("/proc/self/task");
    const lists = await Promise.all(
      tasks.map((task) => readFile(`/proc/self/task/${task}/children`, "utf8")),
    );
    const pids = lists.join(" ").split(/\s+/).filter(Boolean);
    const times = await Promise.all(pids.map(cpuMs));
    return times.reduce((sum, time) => sum + time, 0);
  } catch {
    return null;
  }
}

async function cpuMs(pid: string): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The command name, in parentheses, may contain spaces; utime and stime are the 14th and 15th field (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
