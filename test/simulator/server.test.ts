import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { authenticationSend, SETTINGS } from "./rig.ts";
import { type RunningSimulator, type ServerOptions, startSimulator } from "./server.ts";
import { StateFile } from "./state-file.ts";

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
  it("keeps messages, templates and unreachable numbers across a restart", async () => {
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

  it("keeps replies, template statuses, blocked names and what was set of the account across a restart", async () => {
    const stateFile = join(directory, "simulator.json");
    const first = await start({ stateFile });
    await control(first, "POST", "/inbound", { from: "+6281234567890", text: "hello" });
    await control(first, "PUT", "/account", { limit: "TIER_250", pin: "123456" });
    await control(first, "POST", "/templates/verification_code/status", { status: "PAUSED", language: "id" });
    const account = `/v26.0/${SETTINGS.businessAccountId}/message_templates`;
    const headers = { Authorization: `Bearer ${SETTINGS.accessToken}` };
    await fetch(`${first.url}${account}?name=verification_code`, { method: "DELETE", headers });
    const before = await (await control(first, "GET", "/inbound")).json();
    await first.close();
    running = [];

    const appSecret = "a secret that was changed meanwhile";
    const second = await start({ stateFile, appSecret });
    expect(await (await control(second, "GET", "/account")).json()).toMatchObject({
      limit: "TIER_250",
      pin: "123456",
      app_secret: appSecret,
    });
    expect(await (await control(second, "GET", "/inbound")).json()).toEqual(before);
    expect(await (await control(second, "GET", "/templates")).json()).toEqual({ templates: [] });
    expect(JSON.parse(await readFile(stateFile, "utf8")).state.blockedNames).toEqual({
      verification_code: expect.any(Number),
    });
  });

  it("writes its state less often than it changes", async () => {
    const stateFile = join(directory, "simulator.json");
    const file = new StateFile(stateFile);
    let reads = 0;
    const until = performance.now() + 400;
    while (performance.now() < until) {
      file.save(() => {
        reads += 1;
        return { messages: [], templates: [], unreachable: [] };
      });
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await file.flushed();
    expect(reads).toBeGreaterThan(1);
    expect(reads).toBeLessThan(10);
  });

  it("posts webhooks again after the Worker restarts", async () => {
    const taken: string[] = [];
    const worker = createServer((request, response) => {
      taken.push(request.headers["x-hub-signature-256"]?.toString() ?? "");
      response.end();
    });
    await new Promise<void>((resolve) => worker.listen(0, "127.0.0.1", resolve));
    const address = worker.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => worker.close(resolve));
    const webhookUrl = `http://127.0.0.1:${port}/webhooks/whatsapp`;
    const simulator = await startSimulator({ ...SETTINGS, webhookUrl, port: 0 });
    running.push(simulator);
    const writes = { from: "+6281234567890", text: "hello" };
    const answer = await control(simulator, "POST", "/inbound", writes);
    expect(await answer.json()).toEqual({ webhook_status: null });

    await new Promise<void>((resolve) => worker.listen(port, "127.0.0.1", resolve));
    await simulator.simulator.settled();
    expect(taken).toEqual([expect.stringMatching(/^sha256=/)]);
    worker.closeAllConnections();
    await new Promise((resolve) => worker.close(resolve));
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

  it("keeps a hanging send open until its client disconnects", async () => {
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
