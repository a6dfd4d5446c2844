/**
 * `npm run bench:guard [-- --quick]`: the time of a start with every rule of the guard enforced, compared with one
 * with every rule off. Two Workers are measured in turns, start by start, with the same stand-in for WhatsApp,
 * which takes 50 ms. Prints a table; the last line is JSON.
 */
import { Environment } from "./harness/environment.ts";
import { sandi, sandiValues } from "./harness/services.ts";
import { median, round, table } from "./harness/statistics.ts";

const STARTS = process.argv.includes("--quick") ? 100 : 500;
const WHATSAPP_MS = 50;
/** Not counted: the first starts create the databases of accounts and ranges. */
const WARM_UP_STARTS = 40;
const ACCOUNTS = 20;

const LARGE = { floor: 1_000_000 };

/** Every rule that configuration can turn on, except the veto, whose time is that of the team's own endpoint. */
const ON = {
  destinations: { mode: "enforce", mobile_only: false, countries_denied: ["KP"] },
  // No code is checked here, which the default budget would treat as fraud.
  budget: { mode: "enforce", hour: LARGE, day: LARGE, country_hour: LARGE, country_day: LARGE },
  named_limits: { mode: "enforce", windows: { account: "1000 per h, 1000 per day" } },
  caps: { mode: "enforce", sends_per_day: 1_000_000 },
};
const OFF = {
  fence: { mode: "off" },
  destinations: { mode: "off" },
  number_owner: { mode: "off" },
  budget: { mode: "off" },
  named_limits: { mode: "off" },
  caps: { mode: "off" },
};

const environment = await Environment.open();
try {
  await environment.setLatency(WHATSAPP_MS);
  const built = await environment.buildWorker("wrangler.toml");
  const worker = async (guard: object) => {
    const values = { ...sandiValues(environment.whatsAppBaseUrl), GUARD: guard };
    return (await environment.startWorker(built, values)).port;
  };
  const ports = { on: await worker(ON), off: await worker(OFF) };

  const times: Record<keyof typeof ports, number[]> = { on: [], off: [] };
  for (let index = 0; index < STARTS + WARM_UP_STARTS; index += 1) {
    const number = `+62812${10_000_000 + index}`;
    // The order alternates, so that neither always has a warmer machine.
    for (const name of index % 2 === 0 ? (["on", "off"] as const) : (["off", "on"] as const)) {
      const time = await start(ports[name], number);
      if (index >= WARM_UP_STARTS) times[name].push(time);
    }
  }
  const [on, off] = [median(times.on), median(times.off)];
  console.log(
    table(
      ["guard", `median start, including WhatsApp's ${WHATSAPP_MS} ms`, "ratio to off"],
      [
        ["off", `${round(off, 1)} ms`, 1],
        ["every rule enforced", `${round(on, 1)} ms`, round(on / off, 3)],
      ],
    ),
  );
  console.log(JSON.stringify({ starts: STARTS, guard_on_vs_off: round(on / off, 3) }));
} finally {
  environment.close();
}

/** Starts one verification that names an account and an address. @returns its time in milliseconds */
async function start(port: number, to: string): Promise<number> {
  const { headers, path } = sandi(port).start(to);
  const body = {
    to,
    limits: { account: `u_${Number(to.slice(-6)) % ACCOUNTS}` },
    client: { ip: "203.0.113.9" },
  };
  const beganAt = performance.now();
  const response = await environment.http.post(port, { path, headers, body });
  const time = performance.now() - beganAt;
  if (response.status !== 201) throw new Error(`${response.status}: ${response.body.slice(0, 300)}`);
  return time;
}
