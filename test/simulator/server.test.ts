import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { authenticationSend, SETTINGS } from "./rig.ts";
import { type RunningSimulator, type ServerOptions, startSimulator } from "./server.ts";

let directory: string;
let running: RunningSimulator[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "simulator-"));
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((simulator) => simulator.close()));
  await rm(directory, { recursive: true });
});

async function start(options: Partial<ServerOptions> = {}): Promise<RunningSimulator> {
  const deliver = async () => new Response();
  const simulator = await startSimulator({ ...SETTINGS, deliver, port: 0, ...options });
  running.push(simulator);
  return simulator;
}

function send({ url }: RunningSimulator, signal?: AbortSignal): Promise<Response> {
  return fetch(`${url}/v26.0/${SETTINGS.phoneNumberId}/messages`, {
    method: "POST",
    headers: { Authorization: `Bearer ${SETTINGS.accessToken}`, "Content-Type": "application/json" },
    body: JSON.stringify(authenticationSend()),
    ...(signal ? { signal } : {}),
  });
}

function control({ url }: RunningSimulator, method: string, path: string, body?: object) {
  return fetch(`${url}/_sim${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

describe("the simulator's server", () => {
  it("finds messages, templates and unreachable numbers again after a restart", async () => {
    const stateFile = join(directory, "deep", "simulator.json");
    const first = await start({ stateFile });
    await send(first);
    await first.simulator.settled();
    await control(first, "PUT", "/numbers/14155550123", { on_whatsapp: false });
    const before = await (await control(first, "GET", "/messages")).json();
    await first.close();
    running = [];

    const second = await start({ stateFile });
    expect(await (await control(second, "GET", "/messages")).json()).toEqual(before);
    expect(JSON.parse(await readFile(stateFile, "utf8"))).toMatchObject({
      state: { unreachable: ["+14155550123"] },
    });
    expect((await send(second)).status).toBe(200);
  });

  it("rejects with the listener's error when its port is taken", async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toMatchObject({ code: "EADDRINUSE", port });
  });

  it("serves the page and, beside it, the Graph API", async () => {
    const simulator = await start();
    const page = await fetch(simulator.url);
    expect(page.headers.get("Content-Type")).toMatch(/^text\/html/);
    expect((await fetch(`${simulator.url}/v26.0/1`)).status).toBe(401);
  });

  it("holds a hanging send open until its client hangs up", async () => {
    const simulator = await start();
    await control(simulator, "PUT", "/behaviour", { hang_next: 1 });
    const client = new AbortController();
    const held = send(simulator, client.signal);
    // The hang is used up once the send has arrived, so that the abort below meets a held request.
    await expect
      .poll(async () => (await control(simulator, "GET", "/behaviour")).json())
      .toMatchObject({ hang_next: 0 });
    client.abort();
    await expect(held).rejects.toThrow("abort");
    expect(await (await control(simulator, "GET", "/messages")).json()).toEqual({ messages: [] });
  });
});
