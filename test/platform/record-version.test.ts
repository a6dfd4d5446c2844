import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { LinkName } from "../../src/codes/token.ts";
import type { VerificationId } from "../../src/ids/verification-id.ts";
import { newNumber, start, useDeployment } from "../deployment.ts";
import { checkCommand } from "../phone-number/commands.ts";

const deployment = useDeployment();

const ID = "vrf_00000000000000000000000000" as VerificationId;
const NEWER = { version: 99, state: { field: "of a later build" }, alarmAt: 1, field: "of a later build" };

const phoneNumber = () => env.PHONE_NUMBERS.getByName("0000000000000000");
const contact = () => env.CONTACTS.getByName("0000000000000000");
const batch = () => env.NOTIFICATION_BATCHES.getByName("bat_00000000000000000000000000");
const messageToken = () => env.MESSAGE_TOKENS.getByName("0000000000000000");
const range = () => env.RANGES.getByName("+6281234567");

/** For each kind of object with a record: its storage key, a call that writes, and a call that only reads. */
const KINDS = {
  "phone number": {
    object: phoneNumber,
    key: "record",
    known: 6,
    step: async () =>
      await phoneNumber().check(checkCommand({ which: { purpose: "login" }, proofs: ["" as never] })),
    read: async () => await phoneNumber().get(ID, null),
  },
  contact: {
    object: contact,
    key: "record",
    known: 2,
    step: async () => await contact().recordUpdates([]),
    read: async () => await contact().consent(),
  },
  batch: {
    object: batch,
    key: "record",
    known: 2,
    step: async () => await batch().cancel(null),
    read: async () => await batch().read(null),
  },
  "message token": {
    object: messageToken,
    key: "record",
    known: 1,
    step: async () =>
      await messageToken().keep({ id: ID, token: "0000000000000000" as LinkName, learnsFor: null }),
    read: async () => await messageToken().target(),
  },
  range: {
    object: range,
    key: "range",
    known: 1,
    step: async () => await range().recordComplaint(),
    read: async () => await range().unblock(),
  },
} as const;

async function errorOf(call: () => Promise<unknown>): Promise<string | null> {
  try {
    await call();
    return null;
  } catch (error) {
    return String(error);
  }
}

describe.each(Object.entries(KINDS))("a %s's record of an unknown newer version", (kind, subject) => {
  const stored = () =>
    runInDurableObject(subject.object(), (_, state) => state.storage.kv.get<unknown>(subject.key));
  const write = (record: object) =>
    runInDurableObject(subject.object(), async (_, state) => {
      state.storage.kv.put(subject.key, record);
      await state.storage.setAlarm(Date.now() + 60_000);
    });

  it("fails every call and is logged as an error", async () => {
    await write(NEWER);
    const error = `${kind}: version 99, newest known version ${subject.known}`;
    expect(await errorOf(subject.read)).toContain(error);
    expect(await errorOf(subject.step)).toContain(error);
    const lines = deployment.logLines.filter((line) => line.includes("unknown newer version"));
    expect(lines.map((line) => JSON.parse(line))).toContainEqual({
      level: "error",
      message: "Stored record has an unknown newer version",
      error,
    });
  });

  it("is not overwritten by a step nor by the alarm, which is set again", async () => {
    await write(NEWER);
    expect(await errorOf(subject.step)).not.toBeNull();
    expect(await stored()).toEqual(NEWER);
    expect(await runDurableObjectAlarm(subject.object())).toBe(true);
    expect(await stored()).toEqual(NEWER);
    const alarm = await runInDurableObject(subject.object(), (_, state) => state.storage.getAlarm());
    expect(alarm).toBeGreaterThan(Date.now());
  });
});

it("a start on a number whose record has an unknown newer version is answered with 503 unavailable", async () => {
  const to = newNumber();
  const { body } = await start({ to });
  const object = env.PHONE_NUMBERS.getByName(body.id.slice(4, 20));
  const { record } = await runInDurableObject(object, (_, state) => ({
    record: state.storage.kv.get<{ readonly version: number }>("record"),
  }));
  expect(record).toMatchObject({ version: 6 });
  await runInDurableObject(object, (_, state) => state.storage.kv.put("record", { ...record, version: 99 }));
  await evictDurableObject(object);
  expect(await start({ to })).toMatchObject({ status: 503, body: { code: "unavailable" } });
});
