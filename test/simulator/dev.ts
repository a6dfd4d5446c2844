/**
 * `npm run dev`: the Worker in workerd and, unless `.dev.vars` points it at the real WhatsApp, the phone
 * simulator and a sample app. Ctrl-C, or the end of the parent process, ends both.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { constants, readFileSync } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { curlExample, DevScreen, START_UP_REQUEST_ID, welcome } from "./dev-screen.ts";
import { type RunningSimulator, startSimulator } from "./server.ts";
import { createShop } from "./shop/shop.ts";
import { DEFAULT_SMS_SECRET } from "./sms/options.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WRANGLER = fileURLToPath(new URL("../../node_modules/wrangler/wrangler-dist/cli.js", import.meta.url));
const LEAVE_WITH_PARENT = new URL("./leave-with-parent.ts", import.meta.url).href;

/** Keeps wrangler from prompting and from calling Cloudflare. */
const ENVIRONMENT = {
  ...process.env,
  CI: "true",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

const REQUIRED_SECRETS = [
  "SECRET_KEY",
  "ADMIN_KEY",
  "WHATSAPP_ACCESS_TOKEN",
  "WHATSAPP_APP_SECRET",
  "WHATSAPP_VERIFY_TOKEN",
];

/** The simulator's account. Real ids come from Meta and go into `.dev.vars`. */
const ACCOUNT = { phoneNumberId: "100000000000001", businessAccountId: "200000000000002" };

const port = readPort("PORT", 8787);
const simulatorPort = readPort("SIMULATOR_PORT", 8788);
const state = process.env.SANDI_STATE ?? `${ROOT}.wrangler`;
const api = `http://127.0.0.1:${port}`;

let leaving = false;

const vars = await readVars();
const curl = curlExample({ api }, vars.ADMIN_KEY);

console.log("Starting Sandi. The first start takes some seconds.");
if (await staysTaken(port)) fail(`Port ${port} is taken. Free it, or choose another: PORT=8797 npm run dev`);
const shop = createShop({
  api,
  adminKey: vars.ADMIN_KEY ?? "",
  port: simulatorPort,
  file: `${state}/sample-shop.json`,
});
const simulator = vars.WHATSAPP_BASE_URL === undefined ? await simulate() : null;
await migrate();
const worker = startWorker(simulator);
const screens = [print(worker.stdout, process.stdout), print(worker.stderr, process.stderr)];
leaveOnRequest();
await ready();
if (simulator !== null) await registerShop();
console.log(welcome({ api, phone: simulator?.url ?? null, shop: shop.url }, curl));
for (const screen of screens) screen.open();

/** Creates a missing `.dev.vars` from the example, whose values work with the simulator only. */
async function readVars() {
  const path = `${ROOT}.dev.vars`;
  await copyFile(`${ROOT}.dev.vars.example`, path, constants.COPYFILE_EXCL).catch((error) => {
    if (error.code !== "EEXIST") throw error;
  });
  return parseEnv(await readFile(path, "utf8"));
}

async function simulate(): Promise<RunningSimulator> {
  if (await staysTaken(simulatorPort)) {
    fail(`Port ${simulatorPort} is taken. Free it, or choose another: SIMULATOR_PORT=8798 npm run dev`);
  }
  const { WHATSAPP_APP_SECRET: appSecret = "", WHATSAPP_ACCESS_TOKEN: accessToken = "" } = vars;
  const verifyToken = vars.WHATSAPP_VERIFY_TOKEN;
  return startSimulator({
    ...ACCOUNT,
    appSecret,
    accessToken,
    ...(verifyToken === undefined ? {} : { verifyToken }),
    port: simulatorPort,
    curlExample: curl.replaceAll(" \\\n ", ""),
    webhookUrl: `${api}/webhooks/whatsapp`,
    sms: { callbackUrl: `${api}/webhooks/sms`, secret: vars.SMS_SECRET ?? DEFAULT_SMS_SECRET },
    stateFile: `${state}/simulator.json`,
    shop: shop.app,
  });
}

/** Brings the journal's tables up to date. Its output is shown only when that fails. */
async function migrate(): Promise<void> {
  const args = ["d1", "migrations", "apply", "JOURNAL", "--local", "--persist-to", `${state}/state`];
  const child = fork(WRANGLER, args, {
    cwd: ROOT,
    env: ENVIRONMENT,
    execArgv: ["--no-warnings"],
    silent: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += chunk));
  const [code] = await once(child, "exit");
  if (code !== 0) fail(`The migrations of the journal's database failed:\n${output}`);
}

/** Forked, because the channel to a forked process closes when this process ends, even by SIGKILL. */
function startWorker(running: RunningSimulator | null) {
  const overrides: Record<string, string | undefined> = {
    WHATSAPP_PHONE_NUMBER_ID: ACCOUNT.phoneNumberId,
    WHATSAPP_BUSINESS_ACCOUNT_ID: ACCOUNT.businessAccountId,
    ...(running !== null && {
      WHATSAPP_BASE_URL: running.url,
      TURNSTILE_BASE_URL: running.url,
      SMS: JSON.stringify({ gateway: "http", brand: "Sandi", url: `${running.url}/sms` }),
      SMS_SECRET: DEFAULT_SMS_SECRET,
    }),
    // From `.dev.vars` wrangler reads only the secrets that wrangler.toml lists as required.
    ...vars,
    ...readMoreVars(),
  };
  const args = [
    "dev",
    "--ip",
    "127.0.0.1",
    "--port",
    String(port),
    "--persist-to",
    `${state}/state`,
    "--show-interactive-dev-session",
    "false",
    ...inspectorArgs(),
    ...Object.entries(overrides)
      .filter(([name]) => !REQUIRED_SECRETS.includes(name))
      .flatMap(([name, value]) => ["--var", `${name}:${value}`]),
  ];
  const child = fork(WRANGLER, args, {
    cwd: ROOT,
    execArgv: ["--no-warnings", "--import", LEAVE_WITH_PARENT],
    env: ENVIRONMENT,
    silent: true,
  });
  child.once("exit", (code) => void leave(code ?? 0));
  return child;
}

/** Prints what the screen shows of one of the Worker's output streams. */
function print(from: Readable | null, to: Writable & { isTTY?: boolean }): DevScreen {
  const screen = new DevScreen({ colour: to.isTTY === true && !process.env.NO_COLOR });
  if (from === null) return screen;
  createInterface({ input: from }).on("line", (line) => {
    for (const shown of screen.show(line)) to.write(`${shown}\n`);
  });
  return screen;
}

function leaveOnRequest() {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void leave(0));
  // npm, or the shell between npm and this process, may be killed without forwarding the signal.
  const before = ancestors();
  setInterval(() => ancestors() !== before && void leave(0), 200).unref();
}

/** The process ids of parent and, on Linux, grandparent. They change when one of the two ends. */
function ancestors(): string {
  const parent = process.ppid;
  try {
    return `${parent} ${/^PPid:.*$/m.exec(readFileSync(`/proc/${parent}/status`, "utf8"))?.[0]}`;
  } catch {
    return String(parent);
  }
}

async function leave(code: number): Promise<never> {
  if (leaving) return new Promise(() => {});
  leaving = true;
  const ended = worker.exitCode !== null || worker.signalCode !== null;
  const gone = ended ? Promise.resolve() : new Promise((resolve) => worker.once("exit", resolve));
  worker.kill("SIGTERM");
  setTimeout(() => worker.kill("SIGKILL"), 5_000).unref();
  await Promise.all([gone, simulator?.close()]);
  process.exit(code);
}

/** Resolves once the Worker answers 200. A Worker without a valid configuration has logged why by then. */
async function ready(): Promise<void> {
  let complained = false;
  for (;;) {
    const answer = await fetch(`${api}/health`, { headers: { "x-request-id": START_UP_REQUEST_ID } }).catch(
      () => null,
    );
    if (answer?.ok) return;
    if (answer !== null && !complained) {
      console.error(`The Worker answers ${answer.status}. Its log says why. Correct it and run this again.`);
      complained = true;
    }
    await new Promise((resume) => setTimeout(resume, answer === null ? 100 : 2_000));
  }
}

/** The Worker serves without the sample app too, as with an issuer at another address. */
async function registerShop(): Promise<void> {
  await shop
    .register()
    .catch((error: Error) => console.error(`The sample app does not work: ${error.message}`));
}

/**
 * For tests, which start several Workers at the same moment: wrangler looks for a free port of the debugger and takes it
 * later, so that two may find the same one. With 0 the system chooses.
 */
function inspectorArgs(): string[] {
  const chosen = process.env.SANDI_INSPECTOR_PORT;
  return chosen === undefined ? [] : ["--inspector-port", chosen];
}

/** For tests: more variables of the Worker, as a JSON object of texts. */
function readMoreVars(): Record<string, string> {
  return JSON.parse(process.env.SANDI_VARS ?? "{}");
}

function readPort(name: string, otherwise: number): number {
  const value = process.env[name] ?? String(otherwise);
  const number = Number(value);
  return Number.isInteger(number) && number > 0 && number < 65_536
    ? number
    : fail(`${name}=${value} is not a port number.`);
}

/** Waits up to two seconds for a previous run to release the port. */
async function staysTaken(number: number): Promise<boolean> {
  for (let look = 0; look < 20; look += 1) {
    if (!(await isTaken(number))) return false;
    await new Promise((resume) => setTimeout(resume, 100));
  }
  return true;
}

function isTaken(number: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(number, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
