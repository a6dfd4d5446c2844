import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type Binding,
  type Code,
  type CodeContext,
  drawCode,
  openCode,
  proveCode,
  readCode,
  type SealedCode,
  sealCode,
  sessionTags,
} from "../../src/codes/code.ts";
import { type AppName, DEFAULT_APP } from "../../src/ids/app-name.ts";
import type { PhoneNumberName } from "../../src/ids/phone-number-name.ts";
import { Keyring } from "../../src/platform/keyring.ts";

const DIGITS = "0123456789";
const LETTERS_DIGITS = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

const CURRENT = "the current secret of a deployment, 0123456789";
const FORMER = "the former secret of a deployment, 9876543210";
const keyring = new Keyring(CURRENT);
const before = new Keyring(FORMER);
const rotating = new Keyring(CURRENT, FORMER);

const NAME = "0123456789abcdef" as PhoneNumberName;
const NEIGHBOUR = "0123456789abcdeg" as PhoneNumberName;
const CODE = "482913" as Code;
const BIND = { amount: "150000.00", currency: "IDR", payee: "Toko Maju" };

afterEach(() => {
  vi.restoreAllMocks();
});

/** Replaces the CSPRNG by a source of every byte once, the highest first. */
function feedEveryByteOnce() {
  const bytes = Array.from({ length: 256 }, (_, index) => 255 - index);
  vi.spyOn(crypto, "getRandomValues").mockImplementation((array) => {
    (array as unknown as Uint8Array).set(bytes.splice(0, array?.byteLength ?? 0));
    return array;
  });
  return bytes;
}

describe("drawing a code", () => {
  it.each([
    ["digits", DIGITS],
    ["letters_digits", LETTERS_DIGITS],
  ] as const)(
    "of %s gives every length that a policy may ask for, from its alphabet",
    (codeAlphabet, alphabet) => {
      for (let codeLength = 4; codeLength <= 10; codeLength += 1) {
        for (let draw = 0; draw < 20; draw += 1) {
          const code = drawCode({ codeLength, codeAlphabet });
          expect(code).toHaveLength(codeLength);
          expect([...code].filter((symbol) => !alphabet.includes(symbol))).toEqual([]);
        }
      }
    },
  );

  it.each([
    ["digits", DIGITS, 250],
    ["letters_digits", LETTERS_DIGITS, 240],
  ] as const)("of %s makes each symbol equally likely", (codeAlphabet, alphabet, fair) => {
    const unread = feedEveryByteOnce();
    const code = drawCode({ codeLength: fair, codeAlphabet });
    const counts = [...alphabet].map((symbol) => [...code].filter((drawn) => drawn === symbol).length);
    expect(counts).toEqual(Array(alphabet.length).fill(fair / alphabet.length));
    expect(unread).toEqual([]);
  });

  it("gives another code each time", () => {
    const codes = Array.from({ length: 50 }, () =>
      drawCode({ codeLength: 10, codeAlphabet: "letters_digits" }),
    );
    expect(new Set(codes).size).toBe(50);
  });
});

describe("a code as a user types it", () => {
  it.each([
    ["482913", "482913"],
    ["482 913", "482913"],
    [" 482913\n", "482913"],
    ["482\u00a0913", "482913"],
    ["4\t8 2 9 1 3", "482913"],
    ["abC2de", "ABC2DE"],
    ["048291", "048291"],
    ["482-913", "482913"],
    ["482–913", "482913"],
    ["#482.913!", "482913"],
    ["4️⃣8️⃣2️⃣9️⃣1️⃣3️⃣", "482913"],
    ["\u2068482\u200b913\u2069\ufeff", "482913"],
    ["٤٨٢٩١٣", "482913"],
    ["۴۸۲ ۹۱۳", "482913"],
    ["４８２９１３", "482913"],
    ["ａｂＣ－２ｄｅ", "ABC2DE"],
    ["𝟒𝟖𝟐𝟗𝟏𝟑", "482913"],
    ["cé2", "CÉ2"],
    ["\ud800482913", "482913"],
    [" -\u200b ", ""],
    ["", ""],
  ])("%j is read as %j", (typed, code) => {
    expect(readCode(typed)).toBe(code);
  });
});

const SHOP = "shop" as AppName;
const PLAIN: CodeContext = { app: DEFAULT_APP, session: null, bind: null };
const bound = (bind: Binding): CodeContext => ({ ...PLAIN, bind });
const sessionOf = (app: AppName, session: string) => sessionTags(keyring, NAME, app, session)[0];

describe("a proof of a code", () => {
  it("is the same for the same code, number and binding, and reveals none of them", () => {
    const [proof] = proveCode(keyring, NAME, CODE, bound(BIND));
    expect(
      proveCode(keyring, NAME, CODE, bound({ payee: "Toko Maju", currency: "IDR", amount: "150000.00" })),
    ).toEqual([proof]);
    expect(proof).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it("differs for another code, number, app, session, binding or secret", () => {
    const proofs = [
      proveCode(keyring, NAME, CODE, PLAIN),
      proveCode(keyring, NAME, "482914" as Code, PLAIN),
      proveCode(keyring, NEIGHBOUR, CODE, PLAIN),
      proveCode(before, NAME, CODE, PLAIN),
      proveCode(keyring, NAME, CODE, bound(BIND)),
      proveCode(keyring, NAME, CODE, bound({ ...BIND, amount: "150000.01" })),
      proveCode(keyring, NAME, CODE, bound({ ...BIND, currency: "USD" })),
      proveCode(keyring, NAME, CODE, bound({ ...BIND, payee: "Toko Mundur" })),
      proveCode(keyring, NAME, CODE, { ...PLAIN, app: SHOP }),
      proveCode(keyring, NAME, CODE, { ...PLAIN, session: sessionOf(DEFAULT_APP, "one") }),
      proveCode(keyring, NAME, CODE, { ...PLAIN, session: sessionOf(DEFAULT_APP, "two") }),
      proveCode(keyring, NAME, CODE, { ...PLAIN, session: sessionOf(SHOP, "one") }),
      // The same characters, with other borders between the fields.
      proveCode(keyring, NAME, CODE, bound({ amount: "1", currency: "2IDR", payee: "A" })),
      proveCode(keyring, NAME, CODE, bound({ amount: "12", currency: "IDR", payee: "A" })),
      proveCode(keyring, NAME, CODE, bound({ amount: "12", currency: "IDRA", payee: "" })),
      proveCode(keyring, `${NAME}4` as PhoneNumberName, "82913" as Code, PLAIN),
    ];
    expect(proofs.map((each) => each.length)).toEqual(Array(proofs.length).fill(1));
    expect(new Set(proofs.flat()).size).toBe(proofs.length);
  });

  it("is made under both keys during a rotation, so that a code sent before it is still accepted", () => {
    expect(proveCode(rotating, NAME, CODE, bound(BIND))).toEqual([
      ...proveCode(keyring, NAME, CODE, bound(BIND)),
      ...proveCode(before, NAME, CODE, bound(BIND)),
    ]);
  });
});

describe("a sealed code", () => {
  it("opens only for the number that it was sealed for", () => {
    const sealed = sealCode(keyring, NAME, CODE);
    expect(openCode(keyring, NAME, sealed)).toBe(CODE);
    expect(sealed).not.toContain(CODE);
    expect(() => openCode(keyring, NEIGHBOUR, sealed)).toThrow();
    expect(() => openCode(keyring, NAME, sealed.slice(1) as SealedCode)).toThrow();
  });

  it("still opens after a rotation, while the previous key is configured", () => {
    const sealed = sealCode(before, NAME, CODE);
    expect(openCode(rotating, NAME, sealed)).toBe(CODE);
    expect(() => openCode(keyring, NAME, sealed)).toThrow();
  });
});
