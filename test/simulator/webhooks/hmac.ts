/** The HMAC of a text. Web Crypto, so that the simulator shares no code with what it tests. */
export async function hmac(
  hash: "SHA-1" | "SHA-256",
  key: string | Uint8Array<ArrayBuffer>,
  text: string,
): Promise<Uint8Array> {
  const encoder = new TextEncoder();
  const raw = typeof key === "string" ? encoder.encode(key) : key;
  const imported = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
