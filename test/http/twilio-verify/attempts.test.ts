import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { toVerificationSid } from "../../../src/http/twilio-verify/spelling.ts";
import { Journal } from "../../../src/journal/journal.ts";
import type { EventVerification } from "../../../src/phone-number/event.ts";
import { HOUR_MS } from "../../../src/platform/time.ts";
import { api, useDeployment } from "../../deployment.ts";
import { drawHistory, eventsOf, lastOf, randomFrom } from "../../journal/histories.ts";
import { ACCOUNT, basic, CONFIGURED_SERVICE, twilio } from "./rig.ts";

useDeployment();

const random = randomFrom(14);
const NUMBER = "+6281234567890";
const NOW = Date.now();
const COUNT = 40;

/** Finished verifications, the oldest first, an hour apart; every fifth is of one number. */
const histories = Array.from({ length: COUNT }, (_, at) =>
  drawHistory(random, {
    createdAt: NOW - (COUNT - at) * HOUR_MS,
    ...(at % 5 === 0 && { number: NUMBER, country: "ID" }),
  }),
);
const ofTestNumber = drawHistory(random, { createdAt: NOW - 1000, test: true });
const verifications = histories.map(lastOf).reverse();

beforeEach(async () => {
  await new Journal(env.JOURNAL).record(eventsOf([...histories, ofTestNumber]));
});

interface Attempt {
  readonly id: string;
  readonly ordinal: number;
  readonly verification: EventVerification;
  readonly isConverted: boolean;
}

/** What the list should have, newest first. */
const expected: readonly Attempt[] = verifications.flatMap((verification) =>
  verification.messages
    .map((_, ordinal) => ({
      id: verification.id,
      ordinal,
      verification,
      isConverted: verification.status === "approved" && ordinal === verification.messages.length - 1,
    }))
    .reverse(),
);

const queryOf = (query: object) => new URLSearchParams(Object.entries(query)).toString();
const list = (query: object) => twilio("GET", `/Attempts?${queryOf(query)}`);
const summarize = (query: object) => twilio("GET", `/Attempts/Summary?${queryOf(query)}`);

/** Follows `next_page_url` as Twilio's clients do. */
async function readAll(query: object) {
  const attempts: Record<string, string>[] = [];
  let path = `/Attempts?${queryOf(query)}`;
  for (let pages = 0; pages < 100; pages += 1) {
    const { status, body } = await twilio("GET", path);
    expect(status).toBe(200);
    expect(body.meta.page).toBe(pages);
    attempts.push(...body.attempts);
    if (body.meta.next_page_url === null) return attempts;
    const next = new URL(body.meta.next_page_url);
    expect(next.origin + next.pathname).toBe("https://sandi.test/twilio/v2/Attempts");
    path = next.pathname.replace("/twilio/v2", "") + next.search;
  }
  throw new Error("The list does not end");
}

const from = new Date(NOW - 30 * HOUR_MS);
const to = new Date(NOW - 10 * HOUR_MS);
const inTime = ({ verification: { createdAt } }: Attempt) => createdAt >= +from && createdAt < +to;

const FILTERS: readonly (readonly [title: string, query: object, keeps: (attempt: Attempt) => boolean])[] = [
  ["no filter", {}, () => true],
  ["dates", { DateCreatedAfter: from.toISOString(), DateCreatedBefore: to.toISOString() }, inTime],
  ["a country", { Country: "id" }, ({ verification }) => verification.country === "ID"],
  [
    "a channel",
    { Channel: "sms" },
    ({ verification, ordinal }) => verification.messages[ordinal]?.channel === "sms",
  ],
  ["a service", { VerifyServiceSid: "signup" }, ({ verification }) => verification.purpose === "signup"],
];

describe("The attempts of Twilio", () => {
  it("are the messages of the journal", async () => {
    const { status, body } = await list({ PageSize: 5 });
    expect(status).toBe(200);
    expect(body.attempts.length).toBeGreaterThan(0);
    for (const [at, attempt] of body.attempts.entries()) {
      const { verification, ordinal, isConverted } = expected[at] ?? expect.fail();
      const message = verification.messages[ordinal] ?? expect.fail();
      const verificationSid = toVerificationSid(verification.id);
      const inSeconds = (time: number) => `${new Date(time).toISOString().slice(0, 19)}Z`;
      const { purpose, status } = verification;
      expect(attempt).toEqual({
        sid: expect.stringMatching(/^VL[0-9a-f]{32}$/),
        account_sid: ACCOUNT,
        service_sid: purpose === "login" ? CONFIGURED_SERVICE : expect.stringMatching(/^VA[0-9a-f]{32}$/),
        verification_sid: verificationSid,
        date_created: inSeconds(message.createdAt),
        date_updated: inSeconds(message.updatedAt),
        conversion_status: isConverted ? "converted" : "unconverted",
        channel: message.channel,
        price: { value: null, currency: "usd" },
        channel_data: {
          verification_sid: verificationSid,
          to: verification.toMasked,
          status: isConverted ? "confirmed" : status === "expired" ? "expired" : "unconfirmed",
          message_status: message.status,
          error_code: message.error?.code ?? null,
          country: verification.country,
          locale: verification.locale,
        },
        url: `https://sandi.test/twilio/v2/Attempts/${attempt.sid}`,
      });
    }
    expect(body.meta).toEqual({
      key: "attempts",
      page: 0,
      page_size: 5,
      first_page_url: "https://sandi.test/twilio/v2/Attempts?PageSize=5&Page=0",
      previous_page_url: null,
      url: "https://sandi.test/twilio/v2/Attempts?PageSize=5&Page=0",
      next_page_url: expect.stringContaining("&Page=1&PageToken="),
    });
  });

  it.each([
    ...FILTERS,
    ["a conversion", { Status: "converted" }, ({ isConverted }: Attempt) => isConverted],
    ["no conversion", { Status: "unconverted" }, ({ isConverted }: Attempt) => !isConverted],
    [
      "a number",
      { "ChannelData.To": NUMBER },
      ({ verification }: Attempt) =>
        verification.toMasked.endsWith("90") &&
        verification.country === "ID" &&
        verifications.indexOf(verification) % 5 === 4,
    ],
  ] as typeof FILTERS)("are listed with %s, each once, across pages of any size", async (_, query, keeps) => {
    const sids = expected.filter(keeps).map(({ id }) => toVerificationSid(id as EventVerification["id"]));
    expect(sids.length).toBeGreaterThan(0);
    for (const PageSize of [3, 100]) {
      const attempts = await readAll({ ...query, PageSize });
      expect(attempts.map(({ verification_sid }) => verification_sid)).toEqual(sids);
      expect(new Set(attempts.map(({ sid }) => sid)).size).toBe(sids.length);
    }
  });

  it("of one verification are found by its SID", async () => {
    const { id, messages } = verifications[7] ?? expect.fail();
    const VerificationSid = toVerificationSid(id);
    const { body } = await list({ VerificationSid });
    expect(body.attempts).toHaveLength(messages.length);
    expect(body.attempts[0].verification_sid).toBe(VerificationSid);
  });

  it.each([
    ...FILTERS,
    [
      "a calling code",
      { DestinationPrefix: "+62" },
      ({ verification }: Attempt) => verification.toMasked.startsWith("+62"),
    ],
  ] as typeof FILTERS)("are counted with %s", async (_, query, keeps) => {
    const attempts = expected.filter(keeps);
    const converted = attempts.filter(({ isConverted }) => isConverted).length;
    const { status, body } = await summarize(query);
    expect([status, body]).toEqual([
      200,
      {
        total_attempts: attempts.length,
        total_converted: converted,
        total_unconverted: attempts.length - converted,
        conversion_rate_percentage: expect.any(String),
        url: expect.stringContaining("https://sandi.test/twilio/v2/Attempts/Summary"),
      },
    ]);
    expect(converted).toBeGreaterThan(0);
    const rate = Number(body.conversion_rate_percentage);
    expect(rate).toBeCloseTo((100 * converted) / attempts.length, 8);
  });

  it("are none in a time without verifications", async () => {
    const { body } = await summarize({ DateCreatedAfter: "2020-01-01", DateCreatedBefore: "2020-01-02" });
    expect(body).toMatchObject({ total_attempts: 0, conversion_rate_percentage: "0" });
  });

  it("are those of the key's app", async () => {
    const { body } = await api("POST", "/v1/keys", { name: "shop", scopes: ["reports"], app: "shop" });
    const shop = basic(body.key);
    expect((await twilio("GET", "/Attempts", undefined, shop)).body.attempts).toEqual([]);
    const summary = await twilio("GET", "/Attempts/Summary", undefined, shop);
    expect(summary.body.total_attempts).toBe(0);
  });

  it.each([
    ["/Attempts", { VerifyServiceSid: "nothing" }, 404, 20404, "VerifyServiceSid"],
    ["/Attempts", { VerificationSid: "VE1" }, 400, 60200, "`VerificationSid`"],
    ["/Attempts", { "ChannelData.To": "+1555" }, 400, 60200, "`ChannelData.To`"],
    ["/Attempts", { Country: "Indonesia" }, 400, 60200, "`Country`"],
    ["/Attempts", { Channel: "call" }, 400, 60223, "`Channel`"],
    ["/Attempts", { Status: "maybe" }, 400, 60200, "`Status`"],
    ["/Attempts", { DateCreatedAfter: "yesterday" }, 400, 60200, "`DateCreatedAfter`"],
    ["/Attempts", { PageSize: "0" }, 400, 60200, "`PageSize`"],
    ["/Attempts", { PageToken: "x" }, 400, 60200, "`PageToken`"],
    ["/Attempts/Summary", { DestinationPrefix: "+62812" }, 400, 60200, "`DestinationPrefix`"],
    ["/Attempts/Summary", { DestinationPrefix: "+6" }, 400, 60200, "`DestinationPrefix`"],
    ["/Attempts/Summary", { VerifyServiceSid: "nothing" }, 404, 20404, "VerifyServiceSid"],
    [
      "/Attempts/Summary",
      { DateCreatedAfter: "2026-01-02", DateCreatedBefore: "2026-01-01" },
      400,
      60200,
      "`DateCreatedAfter`",
    ],
  ])("%s refuses %j", async (path, query, status, code, named) => {
    const { status: answered, body } = await twilio("GET", `${path}?${queryOf(query)}`);
    expect([answered, body.code]).toEqual([status, code]);
    expect(body.message).toContain(named);
  });
});
