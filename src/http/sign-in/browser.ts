import { randomBytes } from "node:crypto";

const COOKIE_VALUE = /^[\w-]{22}$/;

/** The value of the cookie that names a browser; null without one. */
export function browserOf(request: Request, isSecure: boolean): string | null {
  const name = cookieName(isSecure);
  for (const pair of (request.headers.get("cookie") ?? "").split(/;\s*/)) {
    const [given, value = ""] = pair.split("=", 2);
    if (given === name && COOKIE_VALUE.test(value)) return value;
  }
  return null;
}

/** Names a browser that has no cookie yet. */
export function newBrowser(): string {
  return randomBytes(16).toString("base64url");
}

/**
 * The cookie that names a browser. `Lax` and not `Strict`: the app's redirect comes from another site, and without its cookie
 * a second tab would be another browser, whose cookie ends the flow of the first. A form never counts by the cookie alone.
 *
 * @param isSecure False on http, in development, where a browser takes neither the prefix nor `Secure`.
 */
export function browserCookie(value: string, isSecure: boolean): string {
  return `${cookieName(isSecure)}=${value}; Path=/; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`;
}

/** Whether a form comes from a page of this origin: by `Origin`, else by `Sec-Fetch-Site`, which no page can set. */
export function isFromOrigin({ headers }: Request, origin: string): boolean {
  const given = headers.get("origin");
  return given === null ? headers.get("sec-fetch-site") === "same-origin" : given === origin;
}

function cookieName(isSecure: boolean): string {
  return isSecure ? "__Host-sandi" : "sandi";
}
