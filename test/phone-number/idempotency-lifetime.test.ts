import { describe, expect, it } from "vitest";
import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import { type IdempotencyKey, requestOf } from "../../src/ids/idempotency-key.ts";
import { settle } from "../../src/phone-number/decisions/delivery.ts";
import { start } from "../../src/phone-number/decisions/send.ts";
import { advance, EMPTY } from "../../src/phone-number/phone-state.ts";
import { Keyring } from "../../src/platform/keyring.ts";
import { DAY_MS, MINUTE_MS } from "../../src/platform/time.ts";
import { RULES } from "../verification/fixtures.ts";
import { newId, startCommand } from "./commands.ts";

const keyring = new Keyring("the secret key of a deployment 0123456789");
const KEY: IdempotencyKey = {
  app: DEFAULT_APP,
  caller: "key_1",
  method: "POST",
  path: "/hooks/kratos",
  key: "digest of the body",
  content: "",
};

/** A number whose first start came with the key and was answered. */
function answered(idempotency: ReturnType<typeof requestOf>) {
  const command = startCommand({ id: newId(1), idempotency });
  const { state } = start(EMPTY, command, 0);
  const result = { kind: "accepted", providerMessageId: "wamid.1" } as const;
  const { route } = command;
  const settled = { id: newId(1), ordinal: 0, created: true, route, result, rules: RULES };
  return settle(state, { ...settled, idempotencyKey: idempotency?.key ?? null }, 1).state;
}

describe("an idempotency key that says how long it is kept", () => {
  it("is answered alike until then, and is a new request afterwards", () => {
    const idempotency = requestOf(keyring, { ...KEY, keptForMs: 2 * MINUTE_MS });
    const state = answered(idempotency);
    const repeat = (now: number) => start(state, startCommand({ id: newId(2), idempotency }), now).outcome;
    expect(repeat(2 * MINUTE_MS - 1)).toMatchObject({ kind: "replayed", answer: { created: true } });
    expect(repeat(2 * MINUTE_MS)).toMatchObject({ kind: "send", created: false });
  });

  it("is kept for at least a minute, within which its first request has ended, and at most a day", () => {
    const kept = (keptForMs: number) => requestOf(keyring, { ...KEY, keptForMs })?.keptForMs;
    expect([0, MINUTE_MS + 1, 3 * DAY_MS].map(kept)).toEqual([MINUTE_MS, MINUTE_MS + 1, DAY_MS]);
  });

  it("is forgotten with a send that failed for now where it says so, and kept otherwise", () => {
    const failing = (forgetsFailure: boolean, temporary: boolean) => {
      const key = { ...KEY, keptForMs: DAY_MS };
      const idempotency = requestOf(keyring, forgetsFailure ? { ...key, forgetsFailure } : key);
      const command = startCommand({ id: newId(1), idempotency });
      const { state } = start(EMPTY, command, 0);
      const failure = { code: "131016", title: "", action: "", channel: "whatsapp", temporary } as const;
      const result = { kind: "refused", failure } as const;
      const { route } = command;
      const settled = { id: newId(1), ordinal: 0, created: true, route, result, rules: RULES };
      const failed = settle(state, { ...settled, idempotencyKey: idempotency?.key ?? null }, 1).state;
      return start(failed, startCommand({ id: newId(2), idempotency }), MINUTE_MS).outcome.kind;
    };
    expect(failing(true, true)).toBe("send");
    expect(failing(true, false)).toBe("replayed");
    expect(failing(false, true)).toBe("replayed");
  });

  it("is kept for a day where it does not say", () => {
    const idempotency = requestOf(keyring, KEY);
    expect(idempotency).not.toHaveProperty("keptForMs");
    const state = answered(idempotency);
    expect(advance(state, DAY_MS - 1).idempotency).toHaveLength(1);
    expect(advance(state, DAY_MS).idempotency).toEqual([]);
  });
});
