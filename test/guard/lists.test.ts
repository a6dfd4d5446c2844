import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { LONGEST_LIST, LONGEST_NOTE } from "../../src/guard/destinations/lists.ts";
import { parsePrefix } from "../../src/guard/range.ts";
import { newNumber, useDeployment } from "../deployment.ts";
import { CALLING_CODES } from "../numbering/numbers.ts";
import { describeRuleInEveryMode, GuardedService } from "./guarded-service.ts";

const deployment = useDeployment();

const MINUTE = 60_000;
const BLOCK = "/v1/guard/lists/block";
const SAFE = "/v1/guard/lists/safe";
const add = (service: GuardedService, path: string, entry: object) =>
  service.call("POST", path, { note: "why", ...entry });
const statusOf = async (service: GuardedService, to: string) => (await service.start({ to })).status;

const BLOCKED = newNumber();

describeRuleInEveryMode(
  "a number on the block list",
  {
    rule: "block_list",
    code: "destination_not_allowed",
    request: { to: BLOCKED },
    guard: (mode) => ({ destinations: { mode } }),
    prepare: (service) => add(service, BLOCK, { number: BLOCKED }),
    figures: {},
    limits: { list: "block" },
  },
  deployment,
);

describeRuleInEveryMode(
  "a prefix on the block list",
  {
    rule: "block_list",
    code: "destination_not_allowed",
    request: { to: newNumber() },
    guard: (mode) => ({ destinations: { mode } }),
    prepare: (service) => add(service, BLOCK, { prefix: "+62812" }),
    figures: { prefix: "+62812" },
    limits: { list: "block" },
  },
  deployment,
);

describe("the safe list", () => {
  it("the safe list overrides every other rule, and nothing is reported", async () => {
    const full = { limit: async () => ({ success: false }) };
    const service = new GuardedService(
      {
        destinations: { countries_denied: ["ID"] },
        named_limits: { windows: { account: "1 per day" } },
        veto: { mode: "enforce", url: "https://team.test/check", on_failure: "deny" },
      },
      {
        API_KEY_FENCE: full,
        CLIENT_FENCE: full,
        GUARD_VETO_SECRET: "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
      },
    );
    const [blocked, safe, neither] = [newNumber(), newNumber(), newNumber()];
    await add(service, BLOCK, { prefix: "+62" });
    await add(service, SAFE, { number: safe });
    expect(await statusOf(service, blocked)).toBe(429);
    service.events.length = 0;
    for (const limits of [{ account: "a" }, { account: "a" }]) {
      const { status, body } = await service.start({ to: safe, limits, client: { ip: "203.0.113.9" } });
      expect([status === 201 || body.code === "resend_too_soon", service.events]).toEqual([true, []]);
    }
    await add(service, SAFE, { prefix: neither.slice(0, -4) });
    expect(await statusOf(service, neither)).toBe(201);
  });
});

describe("the lists", () => {
  it("the lists show their entries with numbers masked, and remove them by id", async () => {
    const service = new GuardedService({});
    const to = newNumber();
    const number = (await add(service, BLOCK, { number: to, note: "asked us to" })).body;
    const prefix = (await add(service, BLOCK, { prefix: "+99312" })).body;
    const masked = `+62*********${to.slice(-2)}`;
    expect(number).toMatchObject({ number: masked, prefix: null, note: "asked us to", added_by: "operator" });
    expect(prefix).toMatchObject({ id: "+99312", number: null, prefix: "+99312" });
    expect(Date.now() - Date.parse(number.added_at)).toBeLessThan(MINUTE);
    expect((await service.call("GET", BLOCK)).body).toEqual({ data: [prefix, number], next: null });
    expect((await service.call("GET", SAFE)).body).toEqual({ data: [], next: null });

    expect(await statusOf(service, to)).toBe(403);
    for (const { id } of [number, prefix]) {
      expect((await service.call("DELETE", `${BLOCK}/${encodeURIComponent(id)}`)).status).toBe(204);
    }
    expect(await statusOf(service, to)).toBe(201);
    expect((await service.call("GET", BLOCK)).body.data).toEqual([]);
  });

  it("adding an entry again replaces its note", async () => {
    const service = new GuardedService({});
    for (const note of ["one", "two"]) await add(service, SAFE, { prefix: "+6281", note });
    expect((await service.call("GET", SAFE)).body.data).toMatchObject([{ prefix: "+6281", note: "two" }]);
  });

  it("the lists store no whole number in a key, value or metadata of KV", async () => {
    const to = newNumber();
    await add(new GuardedService({}), BLOCK, { number: to });
    const { keys } = await env.GUARD_LISTS.list();
    const values = await Promise.all(keys.map(({ name }) => env.GUARD_LISTS.get(name)));
    expect(keys.length).toBeGreaterThan(0);
    expect(JSON.stringify([keys, values])).not.toContain(to.slice(4, -2));
  });

  it("the lists apply during a rotation of the secret key", async () => {
    const [under, to] = ["the-next-key-0123456789-abcdefghijkl", newNumber()];
    await add(new GuardedService({}), BLOCK, { number: to });
    const rotating = { SECRET_KEY: under, SECRET_KEY_PREVIOUS: env.SECRET_KEY };
    expect(await statusOf(new GuardedService({}, rotating), to)).toBe(403);
  });

  it("a start reads the lists from memory, and a change arrives within two minutes", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const [here, elsewhere, to] = [new GuardedService({}), new GuardedService({}), newNumber()];
    const [get, list] = [vi.spyOn(env.GUARD_LISTS, "get"), vi.spyOn(env.GUARD_LISTS, "list")];
    const listed = () => list.mock.calls.filter(([options]) => options?.prefix !== "denied/").length;
    await here.start({ to: newNumber() });
    expect([get.mock.calls.length, listed()]).toEqual([1, 0]);
    await here.start({ to: newNumber() });
    expect([get.mock.calls.length, listed()]).toEqual([1, 0]);

    await add(elsewhere, BLOCK, { number: to });
    vi.setSystemTime(Date.now() + MINUTE);
    await here.start({ to: newNumber() });
    expect(await statusOf(here, to)).toBe(403);

    // Long after the last change, the lists themselves are not read again.
    for (let minutes = 0; minutes < 7; minutes += 1) {
      vi.setSystemTime(Date.now() + MINUTE);
      await here.start({ to: newNumber() });
    }
    const before = listed();
    vi.setSystemTime(Date.now() + MINUTE);
    expect([await statusOf(here, to), listed()]).toEqual([403, before]);
  });

  it("the lists are listed again until KV's slowest location has the change", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const [service, to] = [new GuardedService({}), newNumber()];
    const stale = { keys: [], list_complete: true, cacheStatus: null } as const;
    await add(service, BLOCK, { number: to });
    const list = vi.spyOn(env.GUARD_LISTS, "list").mockResolvedValue({ ...stale, keys: [] });
    expect(await statusOf(service, newNumber())).toBe(201);
    list.mockRestore();
    for (let minutes = 0; minutes < 2; minutes += 1) {
      vi.setSystemTime(Date.now() + MINUTE);
      await service.start({ to: newNumber() });
    }
    expect(await statusOf(service, to)).toBe(403);
  });

  it("the lists apply as last read while KV fails, and refuse no other number", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const [service, to] = [new GuardedService({}), newNumber()];
    await add(service, BLOCK, { number: to });
    expect(await statusOf(service, to)).toBe(403);
    vi.spyOn(env.GUARD_LISTS, "get").mockRejectedValue(new Error("no KV today"));
    vi.setSystemTime(Date.now() + MINUTE);
    expect(await statusOf(service, newNumber())).toBe(201);
    expect(await statusOf(service, to)).toBe(403);
    expect(deployment.logLines.join()).toContain("no KV today");
  });

  it("a list accepts many entries within a second, more than KV accepts writes to one key", async () => {
    const [service, to] = [new GuardedService({}), newNumber()];
    await add(service, BLOCK, { prefix: "+99312" });
    vi.spyOn(env.GUARD_LISTS, "put").mockRejectedValueOnce(new Error("KV PUT failed: 429"));
    expect((await add(service, BLOCK, { number: to })).status).toBe(201);
    expect(await statusOf(service, to)).toBe(403);
  });

  it("a full list refuses another entry", async () => {
    const metadata = { shown: "+1", note: "n", addedBy: "admin", addedAt: 0 };
    const keys = Array.from({ length: LONGEST_LIST }, (_, entry) => ({ name: `block/${entry}`, metadata }));
    vi.spyOn(env.GUARD_LISTS, "list").mockResolvedValue({ keys, list_complete: true, cacheStatus: null });
    const { status, body } = await add(new GuardedService({}), BLOCK, { prefix: "+99312" });
    expect([status, body.code, body.detail]).toEqual([400, "invalid_request", expect.stringMatching("1000")]);
  });

  it("bad input to a list is refused by name and not stored", async () => {
    const service = new GuardedService({});
    const cases: [body: object, pointer: string][] = [
      [{ note: "n" }, "/prefix"],
      [{ note: "n", number: newNumber(), prefix: "+62" }, "/prefix"],
      [{ prefix: "+62" }, "/note"],
      [{ prefix: "+62", note: "" }, "/note"],
      [{ prefix: "+62", note: "n".repeat(LONGEST_NOTE + 1) }, "/note"],
      [{ number: "+1555", note: "n" }, "/number"],
      ...["62", "+", "+0", "+62 81", "", "+123456789012"].map((prefix): [object, string] => [
        { prefix, note: "n" },
        "/prefix",
      ]),
    ];
    for (const [body, pointer] of cases) {
      const answer = await service.call("POST", BLOCK, body);
      expect([body, answer.status, answer.body.errors[0].pointer]).toEqual([body, 400, pointer]);
    }
    expect((await env.GUARD_LISTS.list()).keys).toEqual([]);
  });

  it("a list accepts the longest note with any characters", async () => {
    for (const letter of ["\u0001", "字", "\ud800"]) {
      const answer = await add(new GuardedService({}), BLOCK, {
        prefix: "+62",
        note: letter.repeat(LONGEST_NOTE),
      });
      expect(answer.status).toBe(201);
    }
  });

  it("only the two lists exist", async () => {
    const service = new GuardedService({});
    for (const [method, path] of [
      ["GET", "/v1/guard/lists/denied"],
      ["POST", "/v1/guard/lists/changed_at"],
      ["DELETE", `${BLOCK}/+1`],
      ["DELETE", `${BLOCK}/${"x".repeat(2000)}`],
      ["DELETE", "/v1/guard/lists/denied/+1"],
    ] as const) {
      const body = method === "POST" ? { prefix: "+62", note: "n" } : undefined;
      expect([path, (await service.call(method, path, body)).body.code]).toEqual([path, "not_found"]);
    }
  });
});

describe("a prefix", () => {
  it("a prefix may be any country's calling code", () => {
    for (const callingCode of CALLING_CODES) expect(parsePrefix(`+${callingCode}`)).not.toBeNull();
  });

  it("a prefix leaves at least four digits open", () => {
    for (const [prefix, isOne] of [
      ["+6281234567", true],
      ["+1212555", true],
      ["+1212555123", false],
      ["+12125551234", false],
      ["+6591234567", false],
      ["+50051234", false],
    ] as const) {
      expect([prefix, parsePrefix(prefix) !== null]).toEqual([prefix, isOne]);
    }
  });
});
