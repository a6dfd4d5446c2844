import { describe, expect, it } from "vitest";
import { Graph, type GraphOptions } from "../../src/setup/graph.ts";

const TOKEN = "EAAtoken0123456789";
const SECRET = "0123456789abcdef0123456789abcdef";

/** A Graph whose calls get these answers, and what it called. */
function graphOf(answers: readonly (Response | Error)[], more: Partial<GraphOptions> = {}) {
  const left = [...answers];
  const calls: { url: string; init: RequestInit }[] = [];
  const graph = new Graph({
    fetch: async (url, init) => {
      calls.push({ url, init });
      const answer = left.shift();
      if (answer instanceof Response) return answer;
      throw answer ?? new Error("no answer is left");
    },
    baseUrl: "https://meta.test",
    version: "v26.0",
    accessToken: TOKEN,
    appSecret: SECRET,
    ...more,
  });
  return { graph, calls };
}

const read = (body: unknown) => body;
const refusal = (error: object, status = 400) => Response.json({ error }, { status });

describe("The reader of Meta's management API", () => {
  it("returns what Meta answers, and sends the token in the header only", async () => {
    const { graph, calls } = graphOf([Response.json({ id: "1" })]);
    expect(await graph.get("app", { fields: "id,name" }, read)).toEqual({
      kind: "answered",
      value: { id: "1" },
    });
    expect(calls[0]?.url).toBe("https://meta.test/v26.0/app?fields=id%2Cname");
    expect(calls[0]?.init.headers).toEqual({ authorization: `Bearer ${TOKEN}` });
  });

  it("calls with the token of the app where it is asked to", async () => {
    const { graph, calls } = graphOf([Response.json({ id: "1" })]);
    await graph.asApp("77").get("77", {}, read);
    expect(calls[0]?.init.headers).toEqual({ authorization: `Bearer 77|${SECRET}` });
  });

  it("returns Meta's refusal without the numbers and secrets that it quotes", async () => {
    const message = `Object 106540352242922 of +1 206 555 0100 with ${TOKEN} and ${SECRET} is unknown (#100)`;
    const error = { code: 100, error_subcode: 33, message, fbtrace_id: "AbC-1" };
    const { graph } = graphOf([refusal(error)]);
    expect(await graph.get("1", {}, read)).toEqual({
      kind: "refused",
      error: {
        code: 100,
        subcode: 33,
        message: "Object *** of *** with *** and *** is unknown (#100)",
        trace: "AbC-1",
      },
    });
  });

  it.each([
    ["a network error", new TypeError("fetch failed"), "Meta could not be reached"],
    ["a timeout", new DOMException("late", "TimeoutError"), "Meta did not answer in time"],
    ["an HTML page", new Response("<html>", { status: 502 }), "Meta answered in an unknown format (502)"],
    [
      "a transient error",
      refusal({ code: 1, is_transient: true }),
      "Meta answered with code 1: ask again later",
    ],
    ["a server error", refusal({ code: 1 }, 500), "Meta answered with code 1: ask again later"],
    ["a rate limit", refusal({ code: 80007 }), "Meta answered with code 80007: ask again later"],
  ])("is silent after %s", async (_, answer, reason) => {
    const { graph } = graphOf([answer]);
    expect(await graph.get("app", {}, read)).toEqual({ kind: "silent", reason });
  });

  it("is silent where the body has another format", async () => {
    const { graph } = graphOf([Response.json({ id: 1 })]);
    expect(await graph.get("app", {}, () => null)).toMatchObject({ kind: "silent" });
  });

  it("makes no more calls than it may, over both tokens", async () => {
    const { graph, calls } = graphOf([Response.json({}), Response.json({})], { mostCalls: 2 });
    await graph.get("1", {}, read);
    await graph.asApp("77").post("2", {});
    expect(await graph.remove("3")).toMatchObject({ kind: "silent" });
    expect([calls.length, graph.calls]).toEqual([2, 2]);
  });

  it("posts a form as a form, and everything else as JSON", async () => {
    const { graph, calls } = graphOf([Response.json({ success: true }), Response.json({ success: true })]);
    await graph.post("1", new URLSearchParams({ fields: "messages" }));
    await graph.post("2", { pin: "123456" });
    expect(calls[0]?.init.body).toBeInstanceOf(URLSearchParams);
    expect(calls[1]?.init).toMatchObject({
      body: '{"pin":"123456"}',
      headers: { "content-type": "application/json" },
    });
  });
});
