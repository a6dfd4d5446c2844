import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import {
  merge,
  NOTHING_OBSERVED,
  Observations,
  type Observed,
} from "../../../src/channels/whatsapp/observations.ts";
import { DAY_MS, MINUTE_MS } from "../../../src/platform/time.ts";

const NOW = Date.parse("2026-12-01T14:00:00.000Z");

/** What an isolate tells after these records. */
function seen(record: (observations: Observations) => void): Observed {
  const observations = new Observations();
  record(observations);
  return observations.untold;
}

const HOST = "verify.example.com";

describe("An isolate's observations", () => {
  it("are due at once, and then once a minute", () => {
    const observations = new Observations();
    expect(observations.take(NOW)).toBeNull();
    observations.recordAccepted(NOW);
    expect(observations.take(NOW)).toMatchObject({ acceptedAt: NOW, unreported: { count: 1, since: NOW } });
    observations.recordAccepted(NOW + 1);
    expect(observations.take(NOW + MINUTE_MS - 1)).toBeNull();
    expect(observations.take(NOW + MINUTE_MS)).toMatchObject({ acceptedAt: NOW + 1 });
    expect(observations.take(NOW + 2 * MINUTE_MS)).toBeNull();
  });

  it("do not wait where a right handshake follows a wrong one, and wait where a wrong one follows", () => {
    const observations = new Observations();
    observations.recordHandshake(false, NOW, HOST);
    observations.take(NOW);
    observations.recordHandshake(true, NOW + 1, HOST);
    expect(observations.take(NOW + 1)?.handshake).toEqual({ at: NOW + 1, tokenWasRight: true });
    observations.recordHandshake(false, NOW + 2, HOST);
    expect(observations.take(NOW + 2)).toBeNull();
  });

  it("do not wait where a right signature follows a wrong one", () => {
    const observations = new Observations();
    observations.recordSignature(false, NOW);
    observations.take(NOW);
    observations.recordSignature(false, NOW + 1);
    expect(observations.take(NOW + 1)).toBeNull();
    observations.recordSignature(true, NOW + 2);
    expect(observations.take(NOW + 2)).toMatchObject({ rightSignatureAt: NOW + 2 });
  });

  it("are kept where the shared object did not take them, beside what has been seen since", () => {
    const observations = new Observations();
    observations.recordAccepted(NOW);
    const taken = observations.take(NOW);
    observations.recordAccepted(NOW + 5);
    observations.giveBack(taken as Observed);
    expect(observations.take(NOW + MINUTE_MS)?.unreported).toEqual({ count: 2, since: NOW });
  });
});

describe("The observations of several isolates", () => {
  it("are the latest of each, in any order", () => {
    const older = seen((one) => {
      one.recordSignature(true, NOW);
      one.recordHandshake(false, NOW, HOST);
      one.recordHeard("1", NOW);
    });
    const newer = seen((one) => {
      one.recordSignature(true, NOW + 1);
      one.recordHandshake(true, NOW + 1, HOST);
      one.recordHeard("2", NOW + 1);
    });
    expect(merge(older, newer)).toEqual(merge(newer, older));
    expect(merge(older, newer)).toMatchObject({
      rightSignatureAt: NOW + 1,
      handshake: { at: NOW + 1, tokenWasRight: true },
      heardAt: { 1: NOW, 2: NOW + 1 },
    });
  });

  it("count accepted messages until a status of any of ours, whichever isolate hears it", () => {
    const first = seen((one) => one.recordAccepted(NOW));
    const second = seen((one) => one.recordAccepted(NOW + 10));
    const silent = merge(first, second);
    expect(silent.unreported).toEqual({ count: 2, since: NOW });
    const status = seen((one) => one.recordReport("delivered", NOW + 20));
    expect(merge(silent, status).unreported).toBeNull();
    expect(merge(status, silent).unreported).toBeNull();
    const later = seen((one) => one.recordAccepted(NOW + 30));
    expect(merge(merge(silent, status), later).unreported).toEqual({ count: 1, since: NOW + 30 });
  });

  it("add up errors by code and country within a day, and keep fifty kinds", () => {
    const error = (code: string, country: string | null, at: number) =>
      seen((one) => one.recordError(code, country, at));
    const day = merge(error("130497", "NG", NOW), error("130497", "NG", NOW + 1));
    expect(day.errors).toEqual([{ code: "130497", country: "NG", count: 2, at: NOW + 1 }]);
    const nextDay = merge(day, error("131026", null, NOW + DAY_MS + 1));
    expect(nextDay.errors).toEqual([{ code: "131026", country: null, count: 1, at: NOW + DAY_MS + 1 }]);
    const many = Array.from({ length: 60 }, (_, index) => error(String(index), "ID", NOW + index));
    expect(many.reduce(merge, NOTHING_OBSERVED).errors).toHaveLength(50);
  });

  it("are in the shared object, where an isolate told them", async () => {
    await runInDurableObject(env.WHATSAPP_HEALTH.getByName("whatsapp"), async (object) => {
      const tell = (observed: Observed) =>
        object.report({ changes: [], recipients: [], observed, hasSubscribers: false });
      tell(seen((one) => one.recordReport("sent", NOW)));
      tell(seen((one) => one.recordStandby(NOW + 1)));
      expect(object.observed()).toMatchObject({ sentAt: NOW, standbyAt: NOW + 1 });
    });
  });

  it("are written every ten minutes while all goes on, and known in between", async () => {
    const stub = env.WHATSAPP_HEALTH.getByName("steady");
    await runInDurableObject(stub, async (object, { storage }) => {
      const put = vi.spyOn(storage.kv, "put");
      for (let minute = 0; minute < 60; minute += 1) {
        const at = NOW + minute * MINUTE_MS;
        // A code is on its way whenever an isolate tells.
        const observed = seen((one) => {
          one.recordSignature(true, at - 1);
          one.recordReport("sent", at - 1);
          one.recordError("131026", "ID", at - 1);
          one.recordHeard("1", at - 1);
          one.recordAccepted(at);
        });
        object.report({ changes: [], recipients: [], observed, hasSubscribers: false });
        expect(object.observed()).toMatchObject({ acceptedAt: at, unreported: { count: 1, since: at } });
      }
      expect(put).toHaveBeenCalledTimes(6);
    });
  });

  it.each<[string, (one: Observations) => void]>([
    ["a wrong signature after right ones", (one) => one.recordSignature(false, NOW + MINUTE_MS)],
    ["a handshake with a wrong token", (one) => one.recordHandshake(false, NOW + 1, HOST)],
    ["another host of the webhook", (one) => one.recordHandshake(true, NOW + 1, "other.example.com")],
    ["an error that is new", (one) => one.recordError("131031", null, NOW + 1)],
    ["another sender's first webhook", (one) => one.recordHeard("2", NOW + 1)],
    ["the agent of Meta", (one) => one.recordStandby(NOW + 1)],
    ["a minute of silence about accepted messages", (one) => one.recordAccepted(NOW + MINUTE_MS)],
    ["the end of a silence", (one) => one.recordReport("sent", NOW + 1)],
    [
      "an update of the account",
      (one) => one.recordAccountUpdate({ type: "BAN", stopsMessages: true, until: null, at: NOW + 1 }),
    ],
  ])("%s is written at once", async (title, record) => {
    const stored = seen((one) => {
      one.recordHandshake(true, NOW, HOST);
      one.recordSignature(true, NOW);
      one.recordHeard("1", NOW);
      one.recordAccepted(NOW);
    });
    const stub = env.WHATSAPP_HEALTH.getByName(title);
    const tell = (observed: Observed) =>
      stub.report({ changes: [], recipients: [], observed, hasSubscribers: false });
    await tell(stored);
    await tell(seen(record));
    const known = await stub.observed();
    await evictDurableObject(stub);
    expect(await stub.observed()).toEqual(known);
  });
});
