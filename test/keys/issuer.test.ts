import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { calculateJwkThumbprint, createLocalJWKSet, decodeProtectedHeader, type JWK, jwtVerify } from "jose";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ISSUER_NAME, Issuer } from "../../src/keys/issuer/issuer.ts";
import { FORMER_KEYS } from "../../src/keys/issuer/signing-keys.ts";
import { TokenIssuer } from "../../src/keys/issuer/token-issuer.ts";
import { type E164, parseE164 } from "../../src/numbering/e164.ts";
import { Keyring } from "../../src/platform/keyring.ts";
import { DAY_MS, MINUTE_MS } from "../../src/platform/time.ts";
import { useDeployment } from "../deployment.ts";

useDeployment();

const START = Date.parse("2026-12-01T03:17:00.000Z");
const FORMER_SECRET = env.SECRET_KEY;
const NEW_SECRET = "the new secret key 9876543210 jihgfedcba";
const TO = numberOf("+6281234567890");

function numberOf(text: string): E164 {
  const number = parseE164(text);
  if (number === null) throw new Error("The test names an impossible number");
  return number;
}

/** What an isolate has, and the work that it left to the background. */
function isolate(secret = FORMER_SECRET, previous?: string) {
  const background: Promise<unknown>[] = [];
  const keyring = new Keyring(secret, previous);
  const issuer = new TokenIssuer({
    issuers: env.ISSUER,
    keyring,
    background: (work) => background.push(work),
  });
  return { issuer, background };
}

const object = () => env.ISSUER.getByName(ISSUER_NAME);
const record = () => runInDurableObject(object(), (_, state) => state.storage.kv.get<object>("record"));

/** The object as it is after a deploy with other secrets. */
function withSecrets<Result>(secrets: object, call: (issuer: Issuer) => Promise<Result>): Promise<Result> {
  return runInDurableObject(object(), (_, state) => call(new Issuer(state, { ...env, ...secrets })));
}

const kidOf = (token: string) => decodeProtectedHeader(token).kid;
const signWith = ({ issuer }: ReturnType<typeof isolate>, alg: "RS256" | "ES256" = "RS256") =>
  issuer.sign({ sub: "s" }, { typ: "JWT", alg });
const kids = async ({ issuer }: ReturnType<typeof isolate>) =>
  (await issuer.publicKeys()).keys.map(({ kid }) => kid);

/** Verifies as a relying party does, which has only the published keys. */
async function verifies(token: string, { issuer }: ReturnType<typeof isolate>): Promise<boolean> {
  const { keys } = await issuer.publicKeys();
  try {
    await jwtVerify(token, createLocalJWKSet({ keys: keys as unknown as JWK[] }));
    return true;
  } catch {
    return false;
  }
}

/** Has the object answer other calls while it draws a key, as it would on a runtime that draws in another thread. */
function drawSlowly(): void {
  const { subtle } = crypto;
  const draw = subtle.generateKey.bind(subtle) as (...options: unknown[]) => Promise<CryptoKeyPair>;
  vi.spyOn(subtle, "generateKey").mockImplementation(async (...options: unknown[]) => {
    await scheduler.wait(20);
    return draw(...options);
  });
}

beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ["Date"] });
});

describe("The issuer's keys", () => {
  it("two isolates that ask first at the same moment see one set of keys and one subject", async () => {
    drawSlowly();
    const isolates = Array.from({ length: 5 }, () => isolate());
    const sets = await Promise.all(isolates.map(({ issuer }) => issuer.publicKeys()));
    expect(new Set(sets.map((set) => JSON.stringify(set))).size).toBe(1);
    const subjects = await Promise.all(isolates.map(({ issuer }) => issuer.subjectOf(TO, null)));
    expect(new Set(subjects).size).toBe(1);
    expect(await kids(isolate())).toEqual(sets[0]?.keys.map(({ kid }) => kid));
  });

  it("the published set has a key of each algorithm, named by its thumbprint, with nothing private", async () => {
    const { keys } = await isolate().issuer.publicKeys();
    expect(keys.map(({ alg, use, kty }) => [alg, use, kty])).toEqual([
      ["RS256", "sig", "RSA"],
      ["ES256", "sig", "EC"],
    ]);
    for (const key of keys) {
      const names = key.kty === "RSA" ? ["e", "n"] : ["crv", "x", "y"];
      expect(Object.keys(key).sort()).toEqual(["alg", "kid", "kty", "use", ...names].sort());
      expect(key.kid).toBe(await calculateJwkThumbprint(key as unknown as JWK));
    }
    const rsa = keys.find(({ kty }) => kty === "RSA");
    expect(Buffer.from(rsa?.n ?? "", "base64url")).toHaveLength(256);
  });

  it("the object stores no private key and no subject key in plain text", async () => {
    await isolate().issuer.ready();
    const stored = JSON.stringify(await record());
    expect(stored).not.toMatch(/\\?"(d|p|q|dp|dq|qi|k)\\?":/);
    expect(stored).toContain("sealedSubjectKey");
  });

  it.each(["RS256", "ES256"] as const)(
    "a token signed by %s verifies against the published keys",
    async (alg) => {
      const signer = isolate();
      const token = await signWith(signer, alg);
      expect(decodeProtectedHeader(token)).toEqual({ typ: "JWT", alg, kid: expect.any(String) });
      expect(await verifies(token, signer)).toBe(true);
      expect(await verifies(`${token.slice(0, -8)}AAAAAAAA`, signer)).toBe(false);
    },
  );

  it("an isolate whose clock is behind that of the object signs all the same", async () => {
    await isolate().issuer.ready();
    vi.setSystemTime(START - MINUTE_MS);
    const behind = isolate();
    expect(await verifies(await signWith(behind), behind)).toBe(true);
  });

  it("a record of an unknown newer version is neither used nor overwritten", async () => {
    const newer = { version: 99, field: "of a later build" };
    await runInDurableObject(object(), (_, state) => state.storage.kv.put("record", newer));
    await expect(isolate().issuer.ready()).rejects.toThrow("issuer: version 99, newest known version 1");
    expect(await record()).toEqual(newer);
  });

  it("the keys are read once and kept for ten minutes, then read in the background, and after twenty waited for", async () => {
    const { issuer, background } = isolate();
    const reads = vi.spyOn(Issuer.prototype, "read");
    for (let count = 0; count < 5; count += 1) await issuer.publicKeys();
    vi.setSystemTime(START + 10 * MINUTE_MS - 1);
    await issuer.publicKeys();
    expect([reads.mock.calls.length, background.length]).toEqual([1, 0]);
    vi.setSystemTime(START + 10 * MINUTE_MS);
    await issuer.publicKeys();
    expect(background).toHaveLength(1);
    await Promise.all(background);
    expect(reads).toHaveBeenCalledTimes(2);
    vi.setSystemTime(START + 40 * MINUTE_MS);
    await issuer.publicKeys();
    expect([reads.mock.calls.length, background.length]).toEqual([3, 1]);
  });
});

describe("A rotation of the signing keys", () => {
  it("the next key is published for a day before it signs, and the former one for a day after", async () => {
    const old = await signWith(isolate());
    const { issuer } = isolate();
    const rotated = await issuer.rotate(false);
    expect(rotated.map(({ alg, status }) => `${alg} ${status}`)).toEqual([
      "RS256 next",
      "RS256 current",
      "ES256 next",
      "ES256 current",
    ]);
    const [next, current] = rotated;
    expect(await kids(isolate())).toEqual(rotated.map(({ kid }) => kid));
    expect(kidOf(await signWith(isolate()))).toBe(current?.kid);

    vi.setSystemTime(START + DAY_MS - 1);
    expect(kidOf(await signWith(isolate()))).toBe(current?.kid);
    vi.setSystemTime(next?.signsFrom ?? 0);
    const fresh = await signWith(isolate());
    expect(kidOf(fresh)).toBe(next?.kid);
    expect([await verifies(old, isolate()), await verifies(fresh, isolate())]).toEqual([true, true]);

    vi.setSystemTime((next?.signsFrom ?? 0) + DAY_MS - 1);
    expect(await verifies(old, isolate())).toBe(true);
    vi.setSystemTime((next?.signsFrom ?? 0) + DAY_MS);
    expect([await verifies(old, isolate()), await verifies(fresh, isolate())]).toEqual([false, true]);
    expect(await kids(isolate())).toHaveLength(2);
  });

  it("an isolate that read the keys before begins to sign with the next one at its time, without a read", async () => {
    const { issuer } = isolate();
    const [next] = await issuer.rotate(false);
    vi.setSystemTime(START + DAY_MS - MINUTE_MS);
    const other = isolate();
    await other.issuer.ready();
    const reads = vi.spyOn(Issuer.prototype, "read");
    vi.setSystemTime((next?.signsFrom ?? 0) + MINUTE_MS);
    expect(kidOf(await signWith(other))).toBe(next?.kid);
    expect(reads).not.toHaveBeenCalled();
  });

  it("a second rotation within the day goes on with the first one's key, also at the same moment", async () => {
    const { issuer } = isolate();
    await issuer.ready();
    drawSlowly();
    const rotations = await Promise.all([issuer.rotate(false), isolate().issuer.rotate(false)]);
    rotations.push(await issuer.rotate(false));
    const sets = rotations.map((keys) => keys.map(({ kid }) => kid).join());
    expect([new Set(sets).size, rotations[0]?.length]).toEqual([1, 4]);
  });

  it("compromised keys are withdrawn at once, the next one included, and new ones sign", async () => {
    const before = isolate();
    const old = await signWith(before);
    const announced = await before.issuer.rotate(false);
    const now = await isolate().issuer.rotate(true);
    expect(now.map(({ status }) => status)).toEqual(["current", "current"]);
    const fresh = await signWith(isolate());
    const withdrawn = announced.map(({ kid }) => kid);
    expect(withdrawn).not.toContain(kidOf(fresh));
    expect(await kids(isolate())).not.toEqual(expect.arrayContaining(withdrawn));
    expect([await verifies(old, isolate()), await verifies(fresh, isolate())]).toEqual([false, true]);
    expect(await isolate().issuer.verify(old)).toBeNull();

    vi.setSystemTime(Date.now() + 20 * MINUTE_MS);
    expect(withdrawn).not.toContain(kidOf(await signWith(before)));
  });

  it("a hint verifies for four generations of keys, though its key is published no longer", async () => {
    const hint = await signWith(isolate());
    for (let generation = 1; generation <= FORMER_KEYS; generation += 1) {
      await isolate().issuer.rotate(false);
      vi.setSystemTime(Date.now() + 2 * DAY_MS);
      expect([generation, await isolate().issuer.verify(hint)]).toEqual([generation, { sub: "s" }]);
      expect(await verifies(hint, isolate())).toBe(false);
    }
    await isolate().issuer.rotate(false);
    vi.setSystemTime(Date.now() + 2 * DAY_MS);
    await isolate().issuer.rotate(false);
    expect(await isolate().issuer.verify(hint)).toBeNull();
    const stored = JSON.stringify(await record());
    expect(stored.match(/"sealed":null/g)).toHaveLength(2 * FORMER_KEYS);
  });
});

describe("The daily maintenance", () => {
  it("draws no keys where none are used", async () => {
    await isolate().issuer.maintain();
    expect(await record()).toBeUndefined();
  });

  it("publishes the next key a day before the current one is 90 days old", async () => {
    const { issuer } = isolate();
    const [current] = (await issuer.list()).map(({ kid }) => kid);
    vi.setSystemTime(START + 89 * DAY_MS - 1000);
    await issuer.maintain();
    expect(await kids(isolate())).toHaveLength(2);
    vi.setSystemTime(START + 89 * DAY_MS + 1000);
    await issuer.maintain();
    await issuer.maintain();
    expect(await kids(isolate())).toHaveLength(4);
    expect(kidOf(await signWith(isolate()))).toBe(current);
    vi.setSystemTime(START + 90 * DAY_MS + 2000);
    expect(kidOf(await signWith(isolate()))).not.toBe(current);
  });

  it("drops the private half of a key that no longer signs, and the key after four generations", async () => {
    const { issuer } = isolate();
    const [{ kid: first } = { kid: "" }] = await issuer.list();
    for (let generation = 0; generation <= FORMER_KEYS; generation += 1) {
      vi.setSystemTime(Date.now() + 90 * DAY_MS);
      await issuer.maintain();
      vi.setSystemTime(Date.now() + 2 * DAY_MS);
      await issuer.maintain();
      const keys = await issuer.list();
      expect(keys.filter(({ status, sealed }) => (status === "former") !== (sealed === null))).toEqual([]);
      expect(keys.some(({ kid }) => kid === first)).toBe(generation < FORMER_KEYS);
    }
  });
});

describe("A rotation of SECRET_KEY", () => {
  it("leaves subjects, published keys and tokens as they are, before and after the maintenance seals them anew", async () => {
    const before = isolate();
    const subjects = async ({ issuer }: ReturnType<typeof isolate>) => [
      await issuer.subjectOf(TO, null),
      await issuer.subjectOf(TO, "shop.example"),
    ];
    const [known, published, token] = [await subjects(before), await kids(before), await signWith(before)];
    const expectSame = async (after: ReturnType<typeof isolate>) => {
      expect([await subjects(after), await kids(after)]).toEqual([known, published]);
      expect(await verifies(token, after)).toBe(true);
      expect(await after.issuer.verify(token)).toEqual({ sub: "s" });
      expect(kidOf(await signWith(after))).toBe(kidOf(token));
    };
    await expectSame(isolate(NEW_SECRET, FORMER_SECRET));
    const rotation = { SECRET_KEY: NEW_SECRET, SECRET_KEY_PREVIOUS: FORMER_SECRET };
    await expect(isolate(NEW_SECRET).issuer.ready()).rejects.toThrow("does not open");
    await withSecrets(rotation, (issuer) => issuer.maintain());
    await evictDurableObject(object());
    await expectSame(isolate(NEW_SECRET, FORMER_SECRET));
    await expectSame(isolate(NEW_SECRET));
  });

  it("without a previous key the maintenance writes nothing", async () => {
    await isolate().issuer.ready();
    const before = await record();
    await isolate().issuer.maintain();
    expect(await record()).toEqual(before);
  });
});

describe("A subject", () => {
  it("is 160 bits, the same for every client that shares it, and another for each number and sector", async () => {
    const { issuer } = isolate();
    const other = numberOf("+6281234567891");
    const drawn = await Promise.all([
      issuer.subjectOf(TO, null),
      issuer.subjectOf(TO, "shop.example"),
      issuer.subjectOf(TO, "bank.example"),
      issuer.subjectOf(other, null),
      issuer.subjectOf(other, "shop.example"),
    ]);
    expect(drawn.filter((subject) => !/^[0-9a-hjkmnp-tv-z]{32}$/.test(subject))).toEqual([]);
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(await isolate().issuer.subjectOf(TO, "bank.example")).toBe(drawn[2]);
  });

  it("is one for both spellings of a number", async () => {
    const { issuer } = isolate();
    const [today, former] = [numberOf("+5511987654321"), numberOf("+551187654321")];
    expect(await issuer.subjectOf(today, null)).toBe(await issuer.subjectOf(former, null));
  });
});

describe("A hint", () => {
  it("is read whatever its age", async () => {
    const { issuer } = isolate();
    const token = await issuer.sign({ sub: "s", exp: 1, aud: "c" }, { typ: "JWT", alg: "ES256" });
    expect(await issuer.verify(token)).toEqual({ sub: "s", exp: 1, aud: "c" });
  });

  it("is refused where it is none of ours, or a token of another kind", async () => {
    const { issuer } = isolate();
    const proof = await issuer.sign({ sub: "s" }, { typ: "phone-verification+jwt", alg: "ES256" });
    const [head = "", body = "", signature = ""] = (await signWith(isolate())).split(".");
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
    const texts = [
      proof,
      "",
      "a",
      "a.b.c",
      `${none}.${body}.`,
      `${head}.${body}.`,
      `${head}.${Buffer.from('{"sub":"x"}').toString("base64url")}.${signature}`,
      `${head}.${body}.${signature}.`,
      "é.é.é",
    ];
    for (const text of texts) expect([text, await issuer.verify(text)]).toEqual([text, null]);
  });
});
