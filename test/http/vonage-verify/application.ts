import { Buffer } from "node:buffer";

/** An application's id, as Vonage's dashboard draws them. */
export const APPLICATION_ID = "78d335fa-323d-0114-9c3d-d6f0d48968cf";

export const RSA = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

export async function newKeyPair(algorithm: SubtleCryptoGenerateKeyAlgorithm = RSA): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair;
}

/** A key's DER: SPKI for a public key, PKCS #8 for a private one. */
export async function derOf(key: CryptoKey): Promise<Uint8Array<ArrayBuffer>> {
  const format = key.type === "public" ? "spki" : "pkcs8";
  return new Uint8Array((await crypto.subtle.exportKey(format, key)) as ArrayBuffer);
}

export async function pemOf(key: CryptoKey): Promise<string> {
  const label = key.type === "public" ? "PUBLIC KEY" : "PRIVATE KEY";
  const lines =
    Buffer.from(await derOf(key))
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join("\n");
}

/** The claims of a token as Vonage's own clients make them, at a time in milliseconds since the epoch. */
export function claimsAt(now: number) {
  const iat = Math.floor(now / 1000);
  return { application_id: APPLICATION_ID, jti: crypto.randomUUID(), iat, exp: iat + 900 };
}

/** Signs a token. A part that is a text is used as it is. */
export async function signToken(
  { privateKey }: CryptoKeyPair,
  claims: unknown,
  header: unknown = { typ: "JWT", alg: "RS256" },
): Promise<string> {
  const signed = `${encode(header)}.${encode(claims)}`;
  const signature = await crypto.subtle.sign(RSA.name, privateKey, Buffer.from(signed));
  return `${signed}.${Buffer.from(signature).toString("base64url")}`;
}

function encode(part: unknown): string {
  return Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");
}
