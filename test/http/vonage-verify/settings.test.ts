import { Buffer } from "node:buffer";
import { beforeAll, describe, expect, it } from "vitest";
import { vonageSettings } from "../../../src/http/vonage-verify/settings.ts";
import { APPLICATION_ID, newKeyPair, pemOf, RSA } from "./application.ts";

const pems = { good: "", other: "", small: "", elliptic: "", private: "" };

beforeAll(async () => {
  const [good, other, small, elliptic] = await Promise.all([
    newKeyPair(),
    newKeyPair(),
    newKeyPair({ ...RSA, modulusLength: 1920 }),
    newKeyPair({ name: "ECDSA", namedCurve: "P-256" }),
  ]);
  pems.good = await pemOf(good.publicKey);
  pems.other = await pemOf(other.publicKey);
  pems.small = await pemOf(small.publicKey);
  pems.elliptic = await pemOf(elliptic.publicKey);
  pems.private = await pemOf(good.privateKey);
});

function read(table: unknown) {
  const parsed = vonageSettings.safeParse(table);
  if (parsed.success) return Object.fromEntries(parsed.data.applications);
  return parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
}

const withKey = (public_key: unknown) => ({ applications: { [APPLICATION_ID]: { public_key } } });

describe("The settings of the Vonage API", () => {
  it("need no application", () => {
    expect(read({})).toEqual({});
  });

  it("have the purpose login for an application that names none, and its key in DER", () => {
    const { [APPLICATION_ID]: application } = read(withKey(pems.good)) as Record<
      string,
      { purpose: string; publicKeys: Uint8Array[] }
    >;
    expect(application?.purpose).toBe("login");
    const [key = new Uint8Array()] = application?.publicKeys ?? [];
    expect(pems.good.replaceAll("\n", "")).toContain(Buffer.from(key).toString("base64"));
  });

  it("read a key with white space around it, as a text of several lines in TOML has", () => {
    expect(read(withKey(`\n${pems.good}\n`))).toHaveProperty(APPLICATION_ID);
  });

  it("take several keys for a rotation", () => {
    expect(read(withKey([pems.good, pems.other]))).toMatchObject({
      [APPLICATION_ID]: { publicKeys: { length: 2 } },
    });
  });

  it.each<[string, () => unknown, string]>([
    ["a text that is no PEM", () => "ssh-rsa AAAAB3", "is not a public key in PEM"],
    ["a PEM that holds no key", () => pems.good.replace(/M/g, "A"), "is not a public key in PEM"],
    [
      "a PEM that has lost its last line",
      () => pems.good.split("\n").slice(0, -1).join("\n"),
      "is not a public key in PEM",
    ],
    ["a private key", () => pems.private, "is not a public key in PEM"],
    ["a key of an elliptic curve", () => pems.elliptic, "is not an RSA key"],
    ["a key of fewer than 2,048 bits", () => pems.small, "has 1920 bits; RS256 needs at least 2048"],
    ["no key", () => undefined, "is missing"],
    ["an empty list", () => [], "has no key"],
    ["a list with a key that is none", () => [pems.good, "no"], "is not a public key in PEM"],
  ])("name the setting when it has %s", (_, key, sentence) => {
    const [fault] = read(withKey(key())) as string[];
    expect(fault).toContain(`applications.${APPLICATION_ID}.public_key`);
    expect(fault).toContain(sentence);
    expect(fault).not.toContain("BEGIN PRIVATE");
  });

  it.each(["78D335FA-323D-0114-9C3D-D6F0D48968CF", "app", ""])(
    "name the application %j, whose id is none",
    (id) => {
      const [fault] = read({ applications: { [id]: { public_key: pems.good } } }) as string[];
      expect(fault).toContain(`applications.${id}`);
    },
  );

  it("name a field that is unknown", () => {
    expect(
      String(read({ applications: { [APPLICATION_ID]: { public_key: pems.good, secret: "x" } } })),
    ).toContain("secret");
  });
});
