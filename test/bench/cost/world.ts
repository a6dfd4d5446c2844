import { convertV4MiniflareOptions, Miniflare, NoOpLog } from "miniflare";
import { migrationStatements } from "../../world/migrations.ts";
import { CONSUMERS, SETTINGS } from "../../world/project.ts";
import { cpuMilliseconds } from "./cpu.ts";
import type { Path } from "./paths.ts";
import type { Counts, Portion, Setup } from "./protocol.ts";

/** Starts in one call of the driver. */
const PORTION = 250;

/** How verifications come: evenly, and so many numbers of each range of 10,000. */
export const ARRIVAL = { everyMs: 3_000, numbersPerRange: 10 };

const VALUES = {
  WHATSAPP_PHONE_NUMBER_ID: "100000000000001",
  WHATSAPP_BUSINESS_ACCOUNT_ID: "200000000000002",
  SECRET_KEY: "benchmark-secret-key-0123456789abcdef",
  ADMIN_KEY: "benchmark-admin-key-0123456789abcdef",
  WHATSAPP_ACCESS_TOKEN: "t",
  WHATSAPP_APP_SECRET: "s",
  WHATSAPP_VERIFY_TOKEN: "v",
};

/** What was counted of so many verifications, each of another number. */
export interface Measured {
  readonly path: Path["name"];
  readonly numbers: number;
  readonly counts: Counts;
  /** All of workerd's: the driver and what stands in for storage included. Null where the system does not tell. */
  readonly cpuMs: number | null;
}

/**
 * Verifies every number once, in a world of its own.
 *
 * @param driver The driver's one module, with the Worker in it.
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
    const ask = async (call: string, body: object) => {
      const url = new URL(call, await miniflare.unsafeGetDirectURL("cost"));
      const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
      const text = await response.text();
      if (!response.ok) throw new Error(`The driver failed: ${text}`);
      return text;
    };
    await ask("/set-up", await setupFor(path));
    const before = await cpuMilliseconds();
    for (let first = 0; first < numbers; first += PORTION) {
      const portion: Portion = { first, count: Math.min(PORTION, numbers - first), ofAll: numbers };
      await ask("/run", portion);
    }
    const counts = JSON.parse(await ask("/finish", {})) as Counts;
    const checks = counts.worker_requests?.["POST /v1/verifications/{id}/check"];
    if (checks !== numbers) throw new Error(`Of ${numbers} verifications, ${checks} came to their end`);
    const after = await cpuMilliseconds();
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
  return { ...path.setup, ...ARRIVAL, retentionDays: 90, queues: CONSUMERS, migrations };
}
