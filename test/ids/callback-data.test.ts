import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromCallbackData, recipientTag, toCallbackData } from "../../src/ids/callback-data.ts";
import type { VerificationId } from "../../src/ids/verification-id.ts";

const ID = "vrf_0123456789abcdef0123456784" as VerificationId;

describe("callback data", () => {
  it("names a verification and one of its messages", () => {
    expect(toCallbackData({ id: ID, ordinal: 0 })).toBe(`${ID}.0`);
    expect(fromCallbackData(`${ID}.3`)).toEqual({ id: ID, ordinal: 3 });
  });

  it("is read back as it was written, and fits the length that WhatsApp echoes", () => {
    for (let ordinal = 0; ordinal < 100; ordinal += 1) {
      const text = toCallbackData({ id: ID, ordinal });
      expect(fromCallbackData(text)).toEqual({ id: ID, ordinal });
      expect(text.length).toBeLessThanOrEqual(512);
    }
  });

  it("means the first message when it names no message", () => {
    expect(fromCallbackData(ID)).toEqual({ id: ID, ordinal: 0 });
  });

  it("names the recipient's object of a code or a notification", () => {
    expect(recipientTag(`${ID}.3`)).toBe("0123456789abcdef");
    expect(recipientTag("ntf_0123456789abcdef0123456784")).toBe("0123456789abcdef");
    expect(recipientTag("ntf_0123456789abcdef0123456784.0")).toBeNull();
    expect(recipientTag("other data")).toBeNull();
  });

  it.each([
    ["nothing", ""],
    ["a dot", "."],
    ["an ordinal without an id", ".0"],
    ["an id without the ordinal after its dot", `${ID}.`],
    ["another id's spelling", `${ID.toUpperCase()}.0`],
    ["an id of another kind", "ntf_0123456789abcdef0123456784"],
    ["an id that is too short", `${ID.slice(0, -1)}.0`],
    ["an id that is too long", `${ID}0.0`],
    ["a negative ordinal", `${ID}.-1`],
    ["an ordinal with a fraction", `${ID}.1.5`],
    ["an ordinal in another notation", `${ID}.1e1`],
    ["an ordinal of three digits", `${ID}.100`],
    ["no number for an ordinal", `${ID}.first`],
    ["digits of another script", `${ID}.٣`],
    ["something after it", `${ID}.0.0`],
    ["white space around it", ` ${ID}.0 `],
    ["a line after it", `${ID}.0\n`],
    ["unrelated JSON", '{"order":"A-77"}'],
  ])("is not read from %s", (_, text) => {
    expect(fromCallbackData(text)).toBeNull();
  });

  it("is read or refused without an exception for any text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => fromCallbackData(text) === null));
    fc.assert(
      fc.property(fc.string(), (text) => fromCallbackData(`${ID}.0${text}`) === null || /^\d?$/.test(text)),
    );
  });
});
