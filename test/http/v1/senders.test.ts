import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { deploy } from "../../../src/deployment.ts";
import { HOUR_MS } from "../../../src/platform/time.ts";
import { api, change, messagesChange, useDeployment, webhook } from "../../deployment.ts";

useDeployment();

const NOW = Date.parse("2026-12-01T14:00:00.000Z");
const [SENDER = ""] = deploy(env).config.senders.map(({ phoneNumberId }) => phoneNumberId);

/** What Meta says of the number; null while it says nothing. */
let answer: object | null;
let questions: string[];

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
  questions = [];
  answer = {
    id: SENDER,
    display_phone_number: "+1 206-555-0100",
    verified_name: "Example Shop",
    is_official_business_account: true,
    quality_rating: "GREEN",
    whatsapp_business_manager_messaging_limit: "TIER_2K",
    throughput: { level: "STANDARD" },
    status: "CONNECTED",
    name_status: "APPROVED",
  };
  const simulated = vi.mocked(fetch).getMockImplementation();
  vi.mocked(fetch).mockImplementation((input, init) => {
    const url = new URL(new Request(input, init).url);
    const [, , node = "", edge = ""] = url.pathname.split("/");
    if (edge !== "phone_numbers" && edge !== "official_business_account") {
      return simulated?.(input, init) ?? Promise.reject(new Error("no simulator"));
    }
    questions.push(`${node}/${edge}`);
    if (answer === null) return Promise.resolve(new Response("", { status: 503 }));
    return Promise.resolve(
      Response.json(edge === "phone_numbers" ? { data: [answer, { id: "9" }] } : { oba_status: "APPROVED" }),
    );
  });
});

const list = (query = "") => api<{ data: Record<string, unknown>[] }>("GET", `/v1/senders${query}`);
describe("The senders", () => {
  it("are what Meta says of each, with its request for the blue tick", async () => {
    const { status, body } = await list();
    expect(status).toBe(200);
    expect(body.data[0]).toEqual({
      phone_number_id: SENDER,
      number: "+1 206-555-0100",
      verified_name: "Example Shop",
      official: true,
      official_request: { status: "APPROVED", message: null },
      quality: "GREEN",
      messaging_limit: "TIER_2K",
      recipients_today: null,
      limit_used: null,
      throughput: "STANDARD",
      status: "CONNECTED",
      name_status: "APPROVED",
      last_webhook_at: null,
      checked_at: "2026-12-01T14:00:00.000Z",
    });
  });

  it("are kept for an hour, and asked for anew with fresh=true", async () => {
    await list();
    vi.setSystemTime(NOW + HOUR_MS - 1);
    expect((await list()).body.data[0]?.checked_at).toBe("2026-12-01T14:00:00.000Z");
    expect(questions).toHaveLength(2);
    expect((await list("?fresh=true")).body.data[0]?.checked_at).toBe("2026-12-01T14:59:59.999Z");
    expect(questions).toHaveLength(4);
    vi.setSystemTime(NOW + 2 * HOUR_MS);
    await list();
    expect(questions).toHaveLength(6);
  });

  it.each([["phone_number_quality_update"], ["business_capability_update"], ["account_update"]])(
    "are asked for anew after a webhook of the field %s",
    async (field) => {
      await list();
      await webhook(change(field, { event: "FLAGGED" }));
      await list();
      expect(questions).toHaveLength(4);
    },
  );

  it("are those of the former answer while Meta says nothing", async () => {
    await list();
    answer = null;
    vi.setSystemTime(NOW + 2 * HOUR_MS);
    const { body } = await list();
    expect(body.data[0]).toMatchObject({
      verified_name: "Example Shop",
      checked_at: "2026-12-01T14:00:00.000Z",
    });
  });

  it("are a problem of the provider where Meta has never said anything", async () => {
    answer = null;
    const { status, body } = await list();
    expect([status, body]).toMatchObject([502, { code: "provider_failed" }]);
  });

  it("have their ids alone where the account's numbers do not include them", async () => {
    answer = { id: "8" };
    expect((await list()).body.data).toMatchObject([
      { phone_number_id: SENDER, number: null, verified_name: null, official: false, status: null },
    ]);
  });

  it("tell when a webhook was last about them", async () => {
    await webhook(messagesChange({ statuses: [] }));
    expect((await list()).body.data[0]?.last_webhook_at).toBe("2026-12-01T14:00:00.000Z");
  });
});

describe("The name of a sender, for the page of sign-in", () => {
  it("is known in the isolate once it has been read in the background, with its tick", async () => {
    const { senderProfiles } = deploy(env);
    const work: Promise<unknown>[] = [];
    const nameOf = () => senderProfiles.nameOf(SENDER, (promise) => void work.push(promise));
    expect(nameOf()).toBeNull();
    await Promise.all(work);
    expect(nameOf()).toEqual({ name: "Example Shop", isOfficial: true });
    expect(senderProfiles.nameOf("9", () => {})).toBeNull();
  });

  it.each(["PENDING_REVIEW", "DECLINED", null])(
    "is none while WhatsApp does not show it: %s",
    async (state) => {
      answer = { ...answer, name_status: state };
      const { senderProfiles } = deploy(env);
      await senderProfiles.list(false);
      expect(senderProfiles.nameOf(SENDER, () => {})).toBeNull();
    },
  );
});
