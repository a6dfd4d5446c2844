import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { base32 } from "../../src/ids/id.ts";
import type { PhoneNumberName } from "../../src/ids/phone-number-name.ts";
import { namesOf } from "../../src/ids/phone-number-name.ts";
import {
  newVerificationId,
  ownerOf,
  parseHex,
  parseUuid,
  parseVerificationId,
  toHex,
  toUuid,
  verificationIdFor,
} from "../../src/ids/verification-id.ts";
import type { E164 } from "../../src/numbering/e164.ts";
import { Keyring } from "../../src/platform/keyring.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const NAME = "0123456789abcdef" as PhoneNumberName;
const NUMBER = "+6281234567890" as E164;

const keyring = new Keyring("the current secret of a deployment, 0123456789");
const before = new Keyring("the former secret of a deployment, 9876543210");
const rotating = new Keyring(
  "the current secret of a deployment, 0123456789",
  "the former secret of a deployment, 9876543210",
);

afterEach(() => {
  vi.restoreAllMocks();
});

describe("base32", () => {
  it.each([
    [[], ""],
    [[0], "00"],
    [[255], "zw"],
    [[0, 0, 0, 0, 1], "00000001"],
    [[0x08, 0x86, 0x41], "1234" + "2"],
    [[255, 255, 255, 255, 255], "zzzzzzzz"],
  ])("encodes %j as %j", (bytes, text) => {
    expect(base32(Uint8Array.from(bytes))).toBe(text);
  });

  it("keeps every bit in order, in the fewest characters possible", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const text = base32(bytes);
        const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
        const decoded = [...text].map((char) => ALPHABET.indexOf(char).toString(2).padStart(5, "0")).join("");
        expect(text).toHaveLength(Math.ceil(bits.length / 5));
        expect(decoded).toBe(bits.padEnd(text.length * 5, "0"));
      }),
    );
  });
});

describe("the name of a phone number's object", () => {
  it("is 80 keyed bits that reveal nothing about the number", () => {
    const [name] = namesOf(keyring, NUMBER);
    expect(name).toMatch(/^[0-9a-hjkmnp-tv-z]{16}$/);
    expect(namesOf(keyring, NUMBER)).toEqual([name]);
    expect(namesOf(before, NUMBER)).not.toEqual([name]);
    const [mac] = keyring.mac("number", NUMBER);
    expect(name).toBe(base32(mac.subarray(0, 10)));
  });

  it("differs for each number", () => {
    const numbers = Array.from({ length: 500 }, (_, index) => `+62812${10_000_000 + index}` as E164);
    expect(new Set(numbers.flatMap((number) => namesOf(keyring, number))).size).toBe(500);
  });

  it("is also computed under the previous key during a rotation", () => {
    expect(namesOf(rotating, NUMBER)).toEqual([...namesOf(keyring, NUMBER), ...namesOf(before, NUMBER)]);
  });
});

describe("a verification's id", () => {
  it("names the object that owns it, and is read back as it was drawn", () => {
    for (let count = 0; count < 200; count += 1) {
      const id = newVerificationId(NAME);
      expect(id).toMatch(/^vrf_[0-9a-hjkmnp-tv-z]{26}$/);
      expect(parseVerificationId(id)).toBe(id);
      expect(ownerOf(id)).toBe(NAME);
    }
  });

  it("has 48 random bits, each of which changes it", () => {
    const draw = (value: bigint) => {
      vi.spyOn(crypto, "getRandomValues").mockImplementationOnce((array) => {
        expect(array?.byteLength).toBe(6);
        const bytes = Array.from({ length: 6 }, (_, at) => Number((value >> BigInt(8 * (5 - at))) & 255n));
        (array as unknown as Uint8Array).set(bytes);
        return array;
      });
      return newVerificationId(NAME);
    };
    const ids = [0n, ...Array.from({ length: 48 }, (_, bit) => 1n << BigInt(bit))].map(draw);
    expect(new Set(ids).size).toBe(49);
    expect(ids[0]).toBe(`vrf_${NAME}0000000000`);
    expect(draw(2n ** 48n - 1n)).toBe(`vrf_${NAME}zzzzzzzzzw`);
    for (const id of ids) expect(parseVerificationId(id)).toBe(id);
  });

  it("has one spelling: its last character's spare bits are zero", () => {
    const stem = `vrf_${NAME}000000000`;
    const accepted = [...ALPHABET].filter((last) => parseVerificationId(stem + last) !== null);
    expect(accepted).toEqual([..."048cgmrw"]);
  });

  const id = `vrf_${NAME}0123456784`;
  it.each([
    ["nothing", ""],
    ["a prefix", "vrf_"],
    ["no prefix", id.slice(4)],
    ["another prefix", id.replace("vrf_", "ntf_")],
    ["a prefix in capitals", id.replace("vrf_", "VRF_")],
    ["capitals", `vrf_${id.slice(4).toUpperCase()}`],
    ["too few characters", `${id.slice(0, -2)}4`],
    ["too many characters", `${id}0`],
    ["an i for a 1", id.replace("1", "i")],
    ["an l for a 1", id.replace("1", "l")],
    ["an o for a 0", id.replace("0", "o")],
    ["a u", id.replace("b", "u")],
    ["hyphens", id.replace("5678", "5-78")],
    ["white space before it", ` ${id}`],
    ["a line after it", `${id}\n`],
    ["another spelling of its bits", "VE00112233445566778899aabbccddeeff"],
  ])("is not read from %s", (_, text) => {
    expect(parseVerificationId(id)).toBe(id);
    expect(parseVerificationId(text)).toBeNull();
  });
});

describe("the other spellings of a verification's id", () => {
  const id = verificationIdFor(NAME, Uint8Array.from([0, 1, 2, 253, 254, 255]));
  const hex = "00443214c74254b635cf000102fdfeff";
  const uuid = "00443214-c742-54b6-35cf-000102fdfeff";

  it("are the same 128 bits in hex and in the form of a UUID, and are read back", () => {
    expect([toHex(id), toUuid(id)]).toEqual([hex, uuid]);
    for (let count = 0; count < 200; count += 1) {
      const drawn = newVerificationId(NAME);
      expect([parseHex(toHex(drawn)), parseUuid(toUuid(drawn))]).toEqual([drawn, drawn]);
    }
  });

  it.each([
    ["nothing", ""],
    ["capitals", hex.toUpperCase()],
    ["capitals in a UUID", uuid.toUpperCase()],
    ["too few digits", hex.slice(1)],
    ["too many digits", `${hex}0`],
    ["other letters", hex.replace("f", "g")],
    ["hyphens elsewhere", uuid.replace("3214-c", "321-4c")],
    ["a UUID in braces", `{${uuid}}`],
    ["a line after it", `${hex}\n`],
    ["a line after a UUID", `${uuid}\n`],
    ["its spelling in base32", id],
  ])("are not read from %s", (_, text) => {
    expect([parseHex(hex), parseUuid(uuid)]).toEqual([id, id]);
    expect([parseHex(text), parseUuid(text)]).toEqual([null, null]);
  });

  it("are each read by their own parser only", () => {
    expect([parseHex(uuid), parseUuid(hex)]).toEqual([null, null]);
  });
});
