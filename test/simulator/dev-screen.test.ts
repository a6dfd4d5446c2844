import { describe, expect, it } from "vitest";
import { curlExample, DevScreen, START_UP_REQUEST_ID, welcome } from "./dev-screen.ts";

const API = "http://127.0.0.1:8787";

/** The lines that are printed for these lines of wrangler, once the Worker is ready. */
function shown(lines: readonly string[], colour = false): string[] {
  const screen = new DevScreen({ colour });
  screen.open();
  return lines.flatMap((line) => screen.show(line));
}

function request(fields: object): string {
  return JSON.stringify({
    level: "info",
    message: "request",
    requestId: "r",
    route: "POST /v1/verifications",
    status: 201,
    outcome: "started",
    ms: 72,
    ...fields,
  });
}

describe("the screen of npm run dev", () => {
  const shop = "http://localhost:8788/shop";

  it("names the API, the docs, the phone, the sample app and a curl command within 80 columns", () => {
    const addresses = { api: API, phone: "http://127.0.0.1:8788", shop };
    const text = welcome(addresses, curlExample(addresses, "a-key"));
    for (const part of [API, `${API}/docs`, addresses.phone, shop, "Bearer a-key", "Ctrl-C"])
      expect(text).toContain(part);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("says that messages go to the real WhatsApp when there is no simulator", () => {
    expect(welcome({ api: API, phone: null, shop }, "curl")).toMatch(/Phone +the real WhatsApp/);
    expect(welcome({ api: API, phone: null, shop }, "curl")).not.toContain(shop);
  });

  it("drops wrangler's banner, binding tables and the warning about cron triggers", () => {
    const lines = [
      " ⛅️ wrangler 4.164.0",
      "────────────────────",
      "[custom build] Running: npm run --silent build:assets",
      "Using secrets defined in .dev.vars",
      "Your Worker has access to the following bindings:",
      "Binding                          Resource         Mode",
      "env.PHONE_NUMBERS (PhoneNumber)  Durable Object   local",
      "",
      "\u001b[33m▲ \u001b[43;33m[\u001b[43;30mWARNING\u001b[43;33m]\u001b[0m Scheduled Workers are not automatically triggered during local development.",
      "",
      "  To manually trigger a scheduled event, run:",
      '    curl "http://127.0.0.1:8787/cdn-cgi/local/scheduled"',
      "",
      "⎔ Starting local server...",
      "[wrangler:info] Ready on http://127.0.0.1:8787",
      "[wrangler:info] GET /health 200 OK (586ms)",
    ];
    expect(shown(lines)).toEqual([]);
  });

  it("prints a request as route, status, time, outcome and masked number", () => {
    expect(shown([request({ to: "+62*********90" })])[0]?.split(/ +/)).toEqual([
      "POST",
      "/v1/verifications",
      "201",
      "72",
      "ms",
      "started",
      "+62*********90",
    ]);
    expect(shown([request({ route: "other", status: 404, outcome: "not_found" })])[0]).toMatch(
      /^\(unknown route\) +404 +72 ms +not_found$/,
    );
  });

  it("colours a status by its class, and only when asked to", () => {
    const statuses = [201, 404, 500].map((status) => request({ status }));
    const coloured = ["\u001b[32m201", "\u001b[33m404", "\u001b[31m500"];
    const lines = shown(statuses, true);
    expect(lines).toEqual(coloured.map((text) => expect.stringContaining(text)));
    expect(shown(statuses).join("")).not.toContain("\u001b");
  });

  it("prints warnings and errors of the Worker with their details and stack traces", () => {
    const error = {
      level: "error",
      message: "A request failed",
      requestId: "r",
      error: "Error: x\n    at y",
    };
    expect(shown([`✘ [ERROR] ${JSON.stringify(error)}`])).toEqual([
      "error: A request failed",
      "  error: Error: x",
      "    at y",
    ]);
  });

  it("prints what it does not know, such as a failed build, as it came", () => {
    const lines = [
      "✘ [ERROR] Build failed with 1 error:",
      "",
      '  Expected ";"',
      "",
      request({ status: 200 }),
    ];
    expect(shown(lines).slice(0, 3)).toEqual(["✘ [ERROR] Build failed with 1 error:", "", '  Expected ";"']);
    expect(shown(lines)).toHaveLength(4);
  });

  it("prints a repeated complaint once while it waits for the Worker, and never its own polls", () => {
    const screen = new DevScreen({ colour: false });
    const complaint = JSON.stringify({ level: "error", message: "Its configuration is incomplete" });
    const poll = request({ requestId: START_UP_REQUEST_ID, route: "GET /health" });
    expect([complaint, poll, complaint, poll].flatMap((line) => screen.show(line))).toEqual([
      "error: Its configuration is incomplete",
    ]);
  });
});
