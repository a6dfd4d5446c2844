import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type DevProcess, freePorts, type Ports, spawnDev, startDev } from "../world/dev.ts";

/** The README's first steps on real processes, which are killed by real signals. */

const run = promisify(execFile);
const KEY = { authorization: "Bearer local-development-only-admin-key" };

let ports: Ports;
let state: string;
let dev: DevProcess;

beforeAll(async () => {
  ports = await freePorts();
  state = await mkdtemp(join(tmpdir(), "sandi-dev-"));
  dev = await startDev(ports, state);
});

afterAll(async () => {
  if (dev.child.exitCode === null && dev.child.signalCode === null) await dev.signalAll("SIGTERM");
  await rm(state, { recursive: true, force: true });
});

async function call(path: string, body?: object) {
  const init = body && { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(`${dev.api}${path}`, { headers: KEY, ...init });
  return { status: response.status, body: await response.json() };
}

async function phone(method: string, path: string, body: object): Promise<unknown> {
  const response = await fetch(`${dev.phone}/_sim${path}`, { method, body: JSON.stringify(body) });
  return response.json();
}

async function messagesTo(to: string) {
  const response = await fetch(`${dev.phone}/_sim/messages?to=${encodeURIComponent(to)}`);
  const { messages } = (await response.json()) as {
    messages: { id: string; channel: string; code: string }[];
  };
  return messages;
}

async function codeFor(to: string): Promise<string> {
  const [newest] = await messagesTo(to);
  if (newest === undefined) throw new Error(`Nothing was sent to ${to}`);
  return newest.code;
}

async function isSilent(url: string): Promise<boolean> {
  return fetch(url).then(
    () => false,
    () => true,
  );
}

describe("npm run dev", () => {
  it("prints a screen that says what runs where and fits 80 columns", () => {
    const screen = dev.output();
    expect(screen).toMatch(new RegExp(`^ {2}API +${dev.api}$`, "m"));
    expect(screen).toMatch(new RegExp(`^ {2}Docs +${dev.api}/docs `, "m"));
    expect(screen).toMatch(new RegExp(`^ {2}Phone +${dev.phone} `, "m"));
    expect(screen).toMatch(new RegExp(`^ {2}Shop +http://localhost:${ports.phone}/shop `, "m"));
    expect(screen).not.toMatch(/wrangler|env\.|bindings|Durable Object/);
    const lines = screen.split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.length).toBeLessThan(24);
  });

  it("prints one line per request, in words and without colour when its output is no terminal", async () => {
    await call("/v1/verifications/vrf_3n9bzjphnsjg5qgs0jdxagb1w0");
    await vi.waitFor(() =>
      expect(dev.output()).toMatch(/^GET +\/v1\/verifications\/\S+ +404 +\d+ ms +not_found$/m),
    );
    expect(dev.output()).not.toContain("\u001b");
  });

  it("prints a curl command that starts a verification, and the phone shows its code", async () => {
    const command = /^ {2}(curl (?:.*\\\n)*.*)$/m.exec(dev.output())?.[1] ?? "";
    const { stdout } = await run("sh", ["-c", `${command} -s`]);
    const started = JSON.parse(stdout);
    expect(started).toMatchObject({ status: "pending", channel: "whatsapp" });
    const code = await codeFor(started.to);

    const path = `/v1/verifications/${started.id}`;
    await vi.waitFor(
      async () => expect((await call(path)).body.messages[0].status).toBe("delivered"),
      10_000,
    );
    expect((await call(`${path}/check`, { code })).body).toMatchObject({ valid: true, status: "approved" });
    expect((await call(`${path}/check`, { code })).body).toMatchObject({ valid: false, status: "approved" });
  });

  it("loses no attempt and no code when it is killed in the middle", async () => {
    const [tried, untouched] = ["+6281200000001", "+6281200000002"];
    const first = (await call("/v1/verifications", { to: tried })).body;
    const second = (await call("/v1/verifications", { to: untouched })).body;
    const code = await codeFor(tried);
    // Read before the kill: it ends the phone too, which may not have saved its messages yet.
    const unused = await codeFor(untouched);
    const wrong = code === "000000" ? "111111" : "000000";
    for (let attempt = 0; attempt < 3; attempt += 1)
      await call(`/v1/verifications/${first.id}/check`, { code: wrong });

    await dev.signalAll("SIGKILL");
    dev = await startDev(ports, state);

    expect((await call(`/v1/verifications/${first.id}`)).body).toMatchObject({
      status: "pending",
      attempts_remaining: 2,
    });
    expect((await call(`/v1/verifications/${first.id}/check`, { code })).body).toMatchObject({ valid: true });
    const pending = await call(`/v1/verifications/${second.id}/check`, { code: unused });
    expect(pending.body).toMatchObject({ valid: true });
  });

  it("registers the clients of its sample app once, over restarts", async () => {
    const { data } = (await call("/v1/oauth/clients")).body;
    expect(data.map(({ purpose }: { purpose: string }) => purpose).toSorted()).toEqual([
      "login",
      "transaction",
    ]);
  });

  it("sends the SMS once when it is killed between the failed status and the SMS", async () => {
    const to = "+6281200000003";
    await phone("PUT", "/behaviour", { delivery: "manual" });
    await call("/v1/verifications", { to, channels: ["whatsapp", "sms"] });
    const [whatsapp] = await messagesTo(to);
    const told = await phone("POST", `/messages/${whatsapp?.id}/status`, {
      status: "failed",
      error_code: 131026,
    });
    expect(told).toEqual({ webhook_status: 200 });

    // The phone runs on until it has saved its messages, so that a second SMS would show.
    await dev.killWorker();
    dev = await startDev(ports, state);

    const texts = async () => (await messagesTo(to)).filter(({ channel }) => channel === "sms");
    await vi.waitFor(async () => expect(await texts()).toHaveLength(1), { timeout: 50_000, interval: 200 });
    const code = (await texts())[0]?.code;
    expect(code).toBe(whatsapp?.code);
    const checked = await call("/v1/verifications/check", { to, code });
    expect(checked.body).toMatchObject({ valid: true, messages: [{ status: "failed" }, { channel: "sms" }] });
    expect(await texts()).toHaveLength(1);
  });

  it("names the port that is taken", async () => {
    const other = await freePorts();
    for (const taken of [
      { api: ports.api, phone: other.phone },
      { api: other.api, phone: ports.phone },
    ]) {
      const refused = spawnDev(taken, state);
      expect((await refused.exited)[0]).toBe(1);
      const number = taken.api === ports.api ? ports.api : ports.phone;
      expect(refused.output()).toContain(`Port ${number} is taken.`);
    }
    expect((await call("/health")).status).toBe(200);
  });

  it("ends everything on Ctrl-C", async () => {
    await dev.signalAll("SIGINT");
    await vi.waitFor(async () => {
      expect(await isSilent(`${dev.api}/health`)).toBe(true);
      expect(await isSilent(dev.phone)).toBe(true);
    }, 10_000);
  });

  it.each(["SIGTERM", "SIGKILL"] as const)("ends everything on a %s to npm alone", async (signal) => {
    dev = await startDev(ports, state);
    dev.child.kill(signal);
    await vi.waitFor(async () => {
      expect(await isSilent(`${dev.api}/health`)).toBe(true);
      expect(await isSilent(dev.phone)).toBe(true);
    }, 15_000);
  });
});
