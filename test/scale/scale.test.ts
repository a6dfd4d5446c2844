import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { PLATFORM_COST_USD } from "../../src/journal/platform-cost.ts";
import { type DeploymentSettings, settingsOf } from "../../src/scale/deployment.ts";
import { figure } from "../../src/scale/figure.ts";
import { toJson } from "../../src/scale/json.ts";
import { HELP, type Load, readLoad } from "../../src/scale/load.ts";
import { DELIVERY_BYTES, ROW_BYTES } from "../../src/scale/per-verification.ts";
import { planOf } from "../../src/scale/plan.ts";
import { type Report, reportOf } from "../../src/scale/report.ts";
import { reportText } from "../../src/scale/text.ts";

const run = promisify(execFile);

let folder: string;
let shipped: string;
let settings: DeploymentSettings;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sandi-scale-"));
  shipped = await readFile("wrangler.toml", "utf8");
  settings = await settingsWith((toml) => toml);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The settings of wrangler.toml after a change of its text. */
async function settingsWith(change: (toml: string) => string): Promise<DeploymentSettings> {
  const path = join(folder, "wrangler.toml");
  await writeFile(path, change(shipped));
  const read = settingsOf(unstable_readConfig({ config: path }, { hideWarnings: true }));
  if (typeof read === "string") throw new Error(read);
  return read;
}

const LOAD: Load = { rate: 1, endpoints: 0, hasBatches: false, retentionDays: null, senders: null };
const TWO_ENDPOINTS: Load = { ...LOAD, endpoints: 2 };
const BATCHED: Load = { ...TWO_ENDPOINTS, hasBatches: true };

function reportWith(load: Load, from = settings): Report {
  return reportOf(planOf(load, from));
}

function rateOf(id: string, report: Report): number {
  return report.ceilings.find((ceiling) => ceiling.id === id)?.at ?? Number.POSITIVE_INFINITY;
}

/** Adds a table before one that wrangler.toml has. */
const before = (table: string) => (added: string) => [table, `${added}\n${table}`] as const;
const beforeSms = before("[vars.SMS]");

const UPGRADED = `[[vars.WHATSAPP_SENDERS]]
phone_number_id = "100000000000001"
messages_per_second = 1000`;

describe("A ceiling", () => {
  it.each([
    ["api_key_fence", "limit = 60000", "limit = 30000", 1 / 2],
    ["api_key_check_fence", "limit = 120000", "limit = 480000", 4],
    ["senders_pace", ...beforeSms(UPGRADED), 1000 / 80],
    ["database_size", "JOURNAL_RETENTION_DAYS = 90", "JOURNAL_RETENTION_DAYS = 45", 97 / 52],
    [
      "early_deletion",
      "JOURNAL_RETENTION_DAYS = 90",
      "JOURNAL_RETENTION_DAYS = 45",
      (97 * ROW_BYTES + 84 * DELIVERY_BYTES) / (52 * ROW_BYTES + 84 * DELIVERY_BYTES),
    ],
    ["log_lines", ...beforeSms("[vars.LOGS]\nrequests = 0.1"), 10],
    ["tallies", '"*/10 * * * *"', '"*/20 * * * *"', 3 / 5 / (6 / 6.5)],
    ["posts", "max_batch_size = 25\n", "max_batch_size = 3\n", 3 / 6],
    ["hanging_endpoint", "max_batch_size = 6\n", "max_batch_size = 1\n", 1 / 3],
  ])("follows wrangler.toml: %s with %j as %j", async (id, setting, changed, factor) => {
    expect(shipped).toContain(setting);
    const after = reportWith(TWO_ENDPOINTS, await settingsWith((toml) => toml.replace(setting, changed)));
    expect(rateOf(id, after) / rateOf(id, reportWith(TWO_ENDPOINTS))).toBeCloseTo(factor, 5);
  });

  it("of an API key with figures of its own is theirs", async () => {
    const own = beforeSms("[vars.GUARD.fence.api_keys.operator]\nstarts_per_minute = 360");
    const report = reportWith(LOAD, await settingsWith((toml) => toml.replace(...own)));
    expect(rateOf("own_fence/operator/starts", report)).toBeCloseTo(2, 5);
    expect(rateOf("own_fence/operator/checks", report)).toBe(Number.POSITIVE_INFINITY);
  });

  it("of the messaging limit is there where each sender has one", async () => {
    const limited = (perDay: string) => beforeSms(`${UPGRADED}\nrecipients_per_day = ${perDay}`);
    const one = await settingsWith((toml) => toml.replace(...limited("86_400")));
    expect(rateOf("messaging_limit", reportWith(LOAD, one))).toBeCloseTo(1, 5);
    const other = `[[vars.WHATSAPP_SENDERS]]\nphone_number_id = "100000000000002"\n[vars.SMS]`;
    const two = await settingsWith((toml) => toml.replace(...limited("86_400")).replace("[vars.SMS]", other));
    expect(rateOf("messaging_limit", reportWith(LOAD, two))).toBe(Number.POSITIVE_INFINITY);
  });

  it("of the database's queries follows the batches of events", async () => {
    const smaller = await settingsWith((toml) => toml.replace("max_batch_size = 100", "max_batch_size = 10"));
    expect(rateOf("database_queries", reportWith(LOAD, smaller))).toBeLessThan(
      rateOf("database_queries", reportWith(LOAD)),
    );
  });

  it("of a key is absent where the guard's fence refuses nothing", async () => {
    const recording = beforeSms('[vars.GUARD.fence]\nmode = "record_only"');
    const after = reportWith(LOAD, await settingsWith((toml) => toml.replace(...recording)));
    expect(rateOf("api_key_fence", after)).toBe(Number.POSITIVE_INFINITY);
    expect(after.others.map(({ id }) => id)).not.toContain("client_fence");
  });

  it("follows the load: retention, senders and endpoints", () => {
    const report = reportWith(LOAD);
    const shorter = reportWith({ ...LOAD, retentionDays: 9 });
    expect(rateOf("database_size", shorter) / rateOf("database_size", report)).toBeCloseTo(97 / 16, 5);
    const faster = reportWith({ ...LOAD, senders: { count: 2, pace: 1000 } });
    expect(rateOf("senders_pace", faster) / rateOf("senders_pace", report)).toBeCloseTo(25, 5);
    for (const id of ["early_deletion", "database_queries", "events_queue"]) {
      expect(rateOf(id, reportWith(TWO_ENDPOINTS))).toBeLessThan(rateOf(id, report));
    }
    expect(rateOf("deliveries_queue", report)).toBe(Number.POSITIVE_INFINITY);
  });

  it("of an endpoint that hangs counts the attempts of an hour, not the first ones alone", () => {
    // 250 Workers with 3 posts of 15 seconds; 6 events, of which each is tried after 0 s, 5 s, 5 min and 35 min.
    expect(rateOf("hanging_endpoint", reportWith(TWO_ENDPOINTS))).toBeCloseTo(
      (250 * 3) / 15 / (6 * 4) / 3,
      5,
    );
  });

  it("of the database's size says when it is full at a rate above it", () => {
    const because = (rate: number) =>
      reportWith({ ...LOAD, rate }).ceilings.find(({ id }) => id === "database_size")?.because ?? "";
    expect(because(1)).not.toContain("full");
    expect(because(10)).toContain("full after 19.4 days.");
    expect(because(100)).toContain("full after 46.5 hours.");
  });

  it("of single deliveries is absent where the endpoints take batches, which have their own", () => {
    const [single, batched] = [reportWith(TWO_ENDPOINTS), reportWith(BATCHED)];
    for (const id of ["early_deletion", "deliveries_queue", "old_deliveries", "posts", "hanging_endpoint"]) {
      expect([Number.isFinite(rateOf(id, single)), rateOf(id, batched)]).toEqual([
        true,
        Number.POSITIVE_INFINITY,
      ]);
    }
    expect(rateOf("database_queries", batched)).toBeGreaterThan(rateOf("database_queries", single) * 5);
    // Six batches of a hundred in a tenth of a second are what six events of a verification take at its peak.
    expect(rateOf("batches", batched)).toBeCloseTo(6_000 / 6 / 3, 5);
    expect(batched.dollars.endpoints).toBeLessThan(single.dollars.endpoints / 4);
  });

  it("is met where the rate is above it, near below one and a half times it, and listed in that order", () => {
    const { ceilings } = reportWith({ ...LOAD, rate: 30 });
    expect(ceilings.map(({ at }) => at)).toEqual(ceilings.map(({ at }) => at).toSorted((a, b) => a - b));
    for (const { at, headroom, standing } of ceilings) {
      expect(headroom).toBeCloseTo(at / 30, 10);
      expect(standing).toBe(at < 30 ? "met" : at < 45 ? "near" : "far");
    }
  });
});

describe("The senders and the dollars of a report", () => {
  it("are those of the peak and of a month of thirty days", () => {
    const { senders, dollars, peak } = reportWith({ ...LOAD, rate: 100 });
    expect(peak).toBe(300);
    expect(senders).toEqual([
      { pace: 80, count: 4 },
      { pace: 1000, count: 1 },
    ]);
    expect(dollars.verifications).toBeCloseTo(100 * 86_400 * 30 * PLATFORM_COST_USD, 2);
    expect(dollars.endpoints).toBe(0);
    // A database never stores more than it holds.
    expect(dollars.storage).toBeCloseTo(7.5, 5);
    expect(reportWith({ ...TWO_ENDPOINTS, rate: 100 }).dollars.endpoints).toBeGreaterThan(0);
  });
});

describe("A report as JSON", () => {
  it("has the load, the ceilings in order, the senders and the dollars", () => {
    const report = reportWith({ ...TWO_ENDPOINTS, rate: 10 });
    expect(JSON.parse(JSON.stringify(toJson(report)))).toMatchObject({
      rate: 10,
      peak: 30,
      first: report.ceilings[0]?.id,
      ceilings: report.ceilings.map(({ id, at, headroom }) => ({ id, at, headroom })),
      senders: { configured: 1, messages_per_second: 80 },
      usd_a_month: report.dollars,
    });
  });
});

describe("The flags of the command", () => {
  it("are read", () => {
    const flags = "--rate 0.5 --endpoints 2 --batches --retention 30 --senders 2x1000 --json";
    expect(readLoad(flags.split(" "))).toEqual({
      kind: "load",
      load: {
        rate: 0.5,
        endpoints: 2,
        hasBatches: true,
        retentionDays: 30,
        senders: { count: 2, pace: 1000 },
      },
      wantsJson: true,
    });
    expect(readLoad(["--rate", "1", "--senders", "3"])).toMatchObject({
      load: { senders: { count: 3, pace: 80 } },
    });
    expect(readLoad(["--help"])).toEqual({ kind: "help" });
    expect(HELP.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it.each([
    ["", "--rate is missing: give verifications a second, such as --rate 10."],
    ["--rate", "Option '--rate <value>' argument missing."],
    ["--rate ten", "--rate is a number of verifications a second, above 0 and at most 1000000."],
    ["--rate 0", "--rate is a number of verifications a second, above 0 and at most 1000000."],
    ["--rate 1e9", "--rate is a number of verifications a second, above 0 and at most 1000000."],
    ["--rate 1 --endpoints 21", "--endpoints is a whole number from 0 to 20."],
    ["--rate 1 --endpoints 1.5", "--endpoints is a whole number from 0 to 20."],
    ["--rate 1 --batches", "--batches needs --endpoints: without one, nothing is delivered."],
    ["--rate 1 --retention 0", "--retention is a whole number of days from 1 to 3650."],
    ["--rate 1 --senders 2x", "--senders is a number of senders such as 3, or with a pace of 1 to 1000"],
    ["--rate 1 --senders 2x1001", "--senders is a number of senders such as 3, or with a pace of 1 to 1000"],
    ["--rate 1 --speed", "Unknown option '--speed'."],
    ["--rate 1 2", "Unexpected argument '2'."],
  ])("are refused with one sentence: %s", (flags, sentence) => {
    const reading = readLoad(flags.split(" ").filter((part) => part !== ""));
    expect(reading).toMatchObject({ kind: "invalid", sentence: expect.stringContaining(sentence) });
  });
});

/** Without the npm script's colors, at the width of a file: 80 columns. */
async function command(...flags: readonly string[]) {
  const options = { env: { ...process.env, FORCE_COLOR: "", NO_COLOR: "1" } };
  const ended = await run("npm", ["run", "--silent", "scale", "--", ...flags], options).catch(
    (error) => error,
  );
  return { code: ended.code ?? 0, stdout: String(ended.stdout), stderr: String(ended.stderr) };
}

describe("npm run scale", () => {
  it.concurrent.each(["1", "10", "100", "1000"])("says at %s a second what is met first", async (rate) => {
    const load = { ...LOAD, rate: Number(rate) };
    const report = reportWith(load);
    const [first] = report.ceilings;
    if (first === undefined) throw new Error("A deployment has a ceiling");
    const { code, stdout } = await command("--rate", rate);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n")).toEqual(reportText(report, { width: 80, hasColor: false }));
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    const words = stdout.replaceAll(/\s+/g, " ");
    expect(words).toContain(`First ${first.title}, at ${figure(first.at)} a second`);
    expect(words.match(/✗/g) ?? []).toHaveLength(report.ceilings.filter(({ at }) => at < load.rate).length);
    expect(Math.min(...report.ceilings.map(({ at }) => at))).toBe(first.at);
  });

  it.concurrent("ends with 2 and one sentence after wrong usage", async () => {
    const { code, stdout, stderr } = await command("--rate", "-3");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("See: npm run scale -- --help");
  });
});

describe("docs/scale.md", () => {
  it("has the ceilings of the settings as shipped", async () => {
    const page = await readFile("docs/scale.md", "utf8");
    const reports = [LOAD, TWO_ENDPOINTS, BATCHED].map((load) => reportWith(load));
    const first = new Map(
      reports
        .flatMap(({ ceilings }) => ceilings)
        .toSorted((a, b) => b.at - a.at)
        .map((ceiling) => [ceiling.id, ceiling]),
    );
    const inOrder = [...first.values()].toSorted((a, b) => a.at - b.at);
    const rows = inOrder.map(({ id, title, effect }) => {
      const figures = reports
        .map((report) => rateOf(id, report))
        .map((at) => (Number.isFinite(at) ? figure(at) : ""));
      return `| ${[title, ...figures, effect].join(" | ")} |`;
    });
    expect(page.split("\n").filter((line) => rows.includes(line))).toEqual(rows);
    for (const { title } of reportWith(LOAD).others) expect(page).toContain(title);
  });
});
