import type { Client } from "./provider.ts";

/** Of a loopback address: what comes before its port, the port, and what follows. */
const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::(\d{1,5}))?(\/.*)?$/;

const HIGHEST_PORT = 65_535;

/**
 * Whether a redirect URI is one of the client's: compared character by character (RFC 9700 section 2.1). Only a native app
 * may name another port of a loopback address, since its operating system chooses one (RFC 8252 section 7.3).
 */
export function isRedirectUriOf({ redirectUris, applicationType }: Client, uri: string): boolean {
  if (redirectUris.includes(uri)) return true;
  if (applicationType !== "native") return false;
  const given = withoutPort(uri);
  return given !== null && redirectUris.some((registered) => withoutPort(registered) === given);
}

function withoutPort(uri: string): string | null {
  const [, host, port = "1", rest = ""] = LOOPBACK.exec(uri) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > HIGHEST_PORT) return null;
  return host + rest;
}

/** The redirect URI with the parameters of an answer; those that are null are left out. */
export function answerUri(redirectUri: string, answer: Readonly<Record<string, string | null>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(answer)) if (value !== null) parameters.append(name, value);
  return `${redirectUri}${redirectUri.includes("?") ? "&" : "?"}${parameters}`;
}
