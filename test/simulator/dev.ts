/**
 * `npm run dev`: the Worker in workerd and, unless `.dev.vars` points it at the real WhatsApp, the phone
 * simulator beside it. One Ctrl-C, or the end of whatever started this, ends both.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { constants, readFileSync } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { type RunningSimulator, startSimulator } from "./server.ts";
import { DEFAULT_SMS_SECRET } from "./sms/options.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WRANGLER = fileURLToPath(new URL("../../node_modules/wrangler/wrangler-dist/cli.js", import.meta.url));
const LEAVE_WITH_PARENT = new URL("./leave-with-parent.ts", import.meta.url).href;

/** Wrangler asks nobody and looks nothing up. */
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

/** The simulator's account; real ids come from Meta and go into `.dev.vars`. */
const ACCOUNT = { phoneNumberId: "100000000000001", businessAccountId: "200000000000002" };

const port = readPort("PORT", 8787);
const simulatorPort = readPort("SIMULATOR_PORT", 8788);
const state = process.env.SANDI_STATE ?? `${ROOT}.wrangler`;
const api = `http://127.0.0.1:${port}`;

let leaving = false;

const vars = await readVars();
const curl = `curl ${api}/v1/verifications -H "Authorization: Bearer ${vars.ADMIN_KEY}" --json '{"to": "+6281234567890", "locale": "id"}'`;

if (await staysTaken(port)) fail(`Port ${port} is taken. Free it, or choose another: PORT=8797 npm run dev`);
const simulator = vars.WHATSAPP_BASE_URL === undefined ? await simulate() : null;
await migrate();
const worker = startWorker(simulator);
leaveOnRequest();
await ready();
console.log(banner());

/** A missing `.dev.vars` is made from the example, whose values go with the simulator. */
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
  return startSimulator({
    ...ACCOUNT,
    appSecret,
    accessToken,
    port: simulatorPort,
    curlExample: curl,
    webhookUrl: `${api}/webhooks/whatsapp`,
    sms: { callbackUrl: `${api}/webhooks/sms`, secret: vars.SMS_SECRET ?? DEFAULT_SMS_SECRET },
    stateFile: `${state}/simulator.json`,
  });
}

/** Brings the journal's tables up to date; those that are say so in silence. */
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
  if (code !== 0) fail(`The journal's tables could not be made:\n${output}`);
}

/** Forked, so that it learns when this process is gone, however it went. */
function startWorker(running: RunningSimulator | null) {
  const overrides: Record<string, string | undefined> = {
    WHATSAPP_PHONE_NUMBER_ID: ACCOUNT.phoneNumberId,
    WHATSAPP_BUSINESS_ACCOUNT_ID: ACCOUNT.businessAccountId,
    ...(running !== null && {
      WHATSAPP_BASE_URL: running.url,
      SMS: JSON.stringify({ gateway: "http", brand: "Sandi", url: `${running.url}/sms` }),
      SMS_SECRET: DEFAULT_SMS_SECRET,
    }),
    // Wrangler itself takes from the file only the secrets that wrangler.toml requires.
    ...vars,
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
    ...Object.entries(overrides)
      .filter(([name]) => !REQUIRED_SECRETS.includes(name))
      .flatMap(([name, value]) => ["--var", `${name}:${value}`]),
  ];
  const child = fork(WRANGLER, args, {
    cwd: ROOT,
    execArgv: ["--no-warnings", "--import", LEAVE_WITH_PARENT],
    env: ENVIRONMENT,
  });
  child.once("exit", (code) => void leave(code ?? 0));
  return child;
}

function leaveOnRequest() {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void leave(0));
  // npm, or the shell between it and this process, may be killed without passing that on.
  const before = ancestors();
  setInterval(() => ancestors() !== before && void leave(0), 200).unref();
}

/** Parent and, where the system tells, grandparent: an orphan gets others. */
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

/** Answers when the Worker does; a Worker that lacks configuration has said so on its log by then. */
async function ready(): Promise<void> {
  for (;;) {
    const answer = await fetch(`${api}/health`).catch(() => null);
    if (answer?.ok) return;
    if (answer !== null) console.error("The Worker answers, but not well: its log above says why.");
    await new Promise((resume) => setTimeout(resume, answer === null ? 100 : 2_000));
  }
}

function banner(): string {
  const phone = simulator && `  Phone  ${simulator.url}  (open it: the code arrives there)\n`;
  return `
Sandi is ready.

  API    ${api}  (reference: ${api}/docs)
${phone ?? "  WhatsApp is the real one: .dev.vars says so.\n"}
Type next, in another terminal:

  ${curl}

Ctrl-C ends all of it.
`;
}

function readPort(name: string, otherwise: number): number {
  const value = process.env[name] ?? String(otherwise);
  const number = Number(value);
  return Number.isInteger(number) && number > 0 && number < 65_536
    ? number
    : fail(`${name}=${value} is not a port.`);
}

/** A predecessor that was just told to end gets a moment to do so. */
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
