import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newNumber, useDeployment } from "../../deployment.ts";
import { CLIENT, NATIVE, REQUEST } from "./fixtures.ts";
import { Browser, flowOf, ORIGIN, Provider, type Shown } from "./page-rig.ts";

useDeployment();

const SIGN_UP = { ...CLIENT, id: "cli_signup", purpose: "signup" };
const provider = new Provider([CLIENT, NATIVE, SIGN_UP]);

const NAMES = [
  ...Object.keys(REQUEST),
  "response_mode",
  "prompt",
  "max_age",
  "login_hint",
  "id_token_hint",
  "ui_locales",
  "acr_values",
  "claims",
  "display",
  "authorization_details",
  "request",
  "request_uri",
  "registration",
  "",
];

const VALUES = [
  "",
  "none",
  "login",
  "code",
  "token",
  "openid",
  "0",
  "-1",
  "\u0000",
  "\r\nLocation: https://evil.example",
  "https://evil.example/callback",
  "https://shop.example/callback",
  "urn:ietf:params:oauth:request_uri:x",
  "[{}]",
  "null",
  "%",
  "\ud800",
  "x".repeat(3_000),
  "+6281234567890",
  ...Object.values(REQUEST),
];

const value = fc.oneof(fc.constantFrom(...VALUES), fc.string({ unit: "binary" }));
const changes = fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 4 });
const dropped = fc.subarray(Object.keys(REQUEST));

/** Any answer is a page or a redirect to a registered URI, and never a fault of ours. */
function judge({ status, location, html }: Shown): void {
  expect(status).toBeLessThan(500);
  if (location === null) return;
  expect(status).toBe(303);
  expect(html).toBe("");
  const registered = [...CLIENT.redirectUris, ...NATIVE.redirectUris];
  expect(registered.some((uri) => location.href.startsWith(uri))).toBe(true);
  expect(location.searchParams.get("iss")).toBe(ORIGIN);
}

describe("any input", () => {
  it("an authentication request ends on a page or at a registered redirect URI, and sends no 5xx", async () => {
    await fc.assert(
      fc.asyncProperty(changes, dropped, fc.boolean(), async (changed, left, isPosted) => {
        const kept = Object.entries(REQUEST).filter(([name]) => !left.includes(name));
        const query = new URLSearchParams([...kept, ...changed]);
        const url = `${ORIGIN}/oauth/authorize`;
        judge(
          isPosted
            ? await provider.fetch(url, { method: "POST", body: query })
            : await provider.fetch(`${url}?${query}`),
        );
      }),
      { numRuns: 400 },
    );
  });

  it("a form of the page, a token and a pushed request are answered without a 5xx", async () => {
    const browser = new Browser(provider);
    const first = await browser.open();
    const page = await browser.press(first, "number", { number: newNumber() });
    const signUp = await browser.open({ client_id: SIGN_UP.id });
    const message = await browser.press(signUp, "message", { step: "number" });
    const flow = fc.constantFrom(...[first, page, signUp, message].map(flowOf), "", "x");
    const names = [
      "flow",
      "step",
      "number",
      "country",
      "code",
      "channel",
      "change",
      "language",
      "grant_type",
    ];
    const more = ["client_id", "client_secret", "code_verifier", "redirect_uri"];
    const fields = fc.array(fc.tuple(fc.constantFrom(...names, ...more), value), { maxLength: 5 });
    const forms = ["number", "code", "resend", "state", "language", "cancel", "message", "check", "instead"];
    const paths = forms.map((name) => `authorize/${name}`);
    const path = fc.constantFrom(...paths, "token", "par", "userinfo");
    await fc.assert(
      fc.asyncProperty(path, flow, fields, async (name, sealed, given) => {
        const body = new URLSearchParams([["flow", sealed], ...given]);
        const headers = { origin: ORIGIN, ...browser.cookies() };
        judge(await provider.fetch(`${ORIGIN}/oauth/${name}`, { method: "POST", body, headers }));
      }),
      { numRuns: 400 },
    );
  });
});
