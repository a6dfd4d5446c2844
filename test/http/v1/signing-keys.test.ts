import { beforeEach, describe, expect, it, vi } from "vitest";
import { DAY_MS } from "../../../src/platform/time.ts";
import { api, useDeployment } from "../../deployment.ts";

useDeployment();

const START = Date.parse("2026-12-01T03:17:00.000Z");

interface ShownKey {
  readonly kid: string;
  readonly alg: string;
  readonly status: string;
  readonly signs_from: string;
  readonly published_until: string | null;
}

const list = async () => (await api<{ data: ShownKey[] }>("GET", "/v1/oauth/keys")).body.data;
const rotate = (body?: object) => api<{ data: ShownKey[] }>("POST", "/v1/oauth/keys/rotate", body);
const statuses = (keys: readonly ShownKey[]) => keys.map(({ alg, status }) => `${alg} ${status}`);

beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ["Date"] });
});

describe("The signing keys", () => {
  it("are listed without anything private", async () => {
    const keys = await list();
    expect(statuses(keys)).toEqual(["RS256 current", "ES256 current"]);
    for (const key of keys) {
      expect(Object.keys(key)).toEqual([
        "kid",
        "alg",
        "status",
        "created_at",
        "signs_from",
        "published_until",
      ]);
    }
  });

  it.each([[undefined], [{}], [{ compromised: false }]])(
    "are announced by a rotation with the body %j",
    async (body) => {
      const { status, body: answer } = await rotate(body);
      expect(status).toBe(200);
      expect(statuses(answer.data)).toEqual(["RS256 next", "RS256 current", "ES256 next", "ES256 current"]);
      expect(answer.data.map(({ kid }) => kid)).toEqual((await list()).map(({ kid }) => kid));
    },
  );

  it("sign from the time that the answer names, and then show until when the former one is published", async () => {
    const [next, current] = (await rotate()).body.data;
    const signsFrom = Date.parse(next?.signs_from ?? "");
    expect(signsFrom).toBeGreaterThanOrEqual(START + DAY_MS);
    vi.setSystemTime(signsFrom);
    const [now, former] = await list();
    expect([now?.kid, now?.status, former?.kid, former?.status]).toEqual([
      next?.kid,
      "current",
      current?.kid,
      "former",
    ]);
    expect(former?.published_until).toBe(new Date(signsFrom + DAY_MS).toISOString());
  });

  it("are withdrawn where they are compromised", async () => {
    const before = (await rotate()).body.data.map(({ kid }) => kid);
    const { body } = await rotate({ compromised: true });
    expect(statuses(body.data)).toEqual(["RS256 current", "ES256 current"]);
    expect(before).not.toEqual(expect.arrayContaining(body.data.map(({ kid }) => kid)));
  });

  it("leave an audit entry for a rotation, with the keys and whether they were withdrawn", async () => {
    const { body } = await rotate({ compromised: true });
    const audit = await api("GET", "/v1/audit?action=rotateSigningKeys");
    expect(audit.body.data).toMatchObject([
      {
        actor: "operator",
        outcome: "withdrawn",
        target: body.data.map(({ kid }) => kid).join(" "),
      },
    ]);
  });

  it.each([{ compromised: "yes" }, { compromised: null }, { force: true }])("refuse %j", async (body) => {
    expect(await rotate(body)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });
});
