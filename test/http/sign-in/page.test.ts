import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import type { AuthorizationCode } from "../../../src/http/sign-in/authorization-code.ts";
import type { Flow } from "../../../src/http/sign-in/flow.ts";
import { SealedTexts } from "../../../src/http/sign-in/sealed-texts.ts";
import { type SenderName, senderName } from "../../../src/http/sign-in/sender-name.ts";
import { Keyring } from "../../../src/platform/keyring.ts";
import { api, codeSentTo, control, messagesTo, newNumber, useDeployment, wrong } from "../../deployment.ts";
import { divertEvents } from "../../guard/guarded-service.ts";
import { dummyToken, TEST_KEYS } from "../../simulator/turnstile.ts";
import { basic, CLIENT, NATIVE, REQUEST, SECRET, VERIFIER } from "./fixtures.ts";
import { Browser, flowOf, ORIGIN, Provider, type Shown, textOf } from "./page-rig.ts";

const deployment = useDeployment();

const PAYER = {
  ...CLIENT,
  id: "cli_payer",
  purpose: "transaction",
  authorizationDetailsTypes: ["payment" as const],
};

const provider = new Provider([CLIENT, NATIVE, PAYER]);
const texts = new SealedTexts(new Keyring(env.SECRET_KEY));

/** A browser on its second page. */
async function codePage(browser = new Browser(provider), to = newNumber()) {
  const first = await browser.open();
  const page = await browser.press(first, "number", { number: to });
  return { browser, to, first, page };
}

function expectSignedIn(shown: Shown): URLSearchParams {
  expect(shown.status, textOf(shown)).toBe(303);
  const { origin, pathname, searchParams } = shown.location as URL;
  expect(origin + pathname).toBe("https://shop.example/callback");
  expect([...searchParams.keys()]).toEqual(["code", "state", "iss"]);
  return searchParams;
}

/** What the client gets for an authorization code. */
async function exchange(code: string, by = provider) {
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    redirect_uri: REQUEST.redirect_uri ?? "",
    code_verifier: VERIFIER,
  });
  const headers = { authorization: basic(CLIENT.id, SECRET) };
  const { html } = await by.fetch(`${ORIGIN}/oauth/token`, { method: "POST", body, headers });
  return JSON.parse(html) as { readonly access_token: string; readonly id_token: string };
}

describe("the whole flow", () => {
  it("leads from the app's request over number and code to tokens and userinfo", async () => {
    const { browser, to, first, page } = await codePage();
    expect([first.status, page.status]).toEqual([200, 200]);
    expect(textOf(first)).toContain("shop.example will learn that this number is yours.");
    const answer = expectSignedIn(
      await browser.press(page, "code", { code: await codeSentTo(deployment, to) }),
    );
    expect(answer.get("state")).toBe(REQUEST.state);
    expect(answer.get("iss")).toBe(ORIGIN);

    const { access_token, id_token } = await exchange(answer.get("code") ?? "");
    expect(JSON.parse(id_token).claims).toMatchObject({ nonce: REQUEST.nonce, phone_number: to });
    const bearer = { authorization: `Bearer ${access_token}` };
    const info = await provider.fetch(`${ORIGIN}/oauth/userinfo`, { headers: bearer });
    expect(JSON.parse(info.html)).toMatchObject({ phone_number: to, phone_number_verified: true });
    const native = await api("GET", "/v1/verifications", undefined, {
      authorization: `Bearer ${access_token}`,
    });
    expect(native.status).toBe(401);
  });

  it("confirms a payment whose amount and payee both pages show", async () => {
    const details = [{ type: "payment", amount: "150000.00", currency: "IDR", payee: "Toko <b>Maju</b>" }];
    const to = newNumber();
    const body = new URLSearchParams({
      ...REQUEST,
      client_id: PAYER.id,
      login_hint: to,
      authorization_details: JSON.stringify(details),
    });
    const headers = { authorization: basic(PAYER.id, SECRET) };
    const pushed = await provider.fetch(`${ORIGIN}/oauth/par`, { method: "POST", body, headers });
    const { request_uri } = JSON.parse(pushed.html);

    const browser = new Browser(provider);
    const first = await browser.open({
      client_id: PAYER.id,
      request_uri,
      state: "of the URL",
      scope: "x",
    });
    expect(first.html).not.toContain('name="number"');
    expect(textOf(first)).toContain(`+62•••••••••${to.slice(-2)}`);
    const page = await browser.press(first, "number");
    for (const shown of [first, page]) {
      expect(textOf(shown)).toContain("You pay IDR 150,000.00 to Toko &lt;b&gt;Maju&lt;/b&gt;.");
      expect(textOf(shown)).not.toContain("Sign in to");
      expect(shown.html.replaceAll(/name="flow" value="[^"]+"/g, "")).not.toContain(to.slice(3, -2));
    }
    expect(page.html).toContain('aria-describedby="sent payment"');
    const answer = expectSignedIn(
      await browser.press(page, "code", { code: await codeSentTo(deployment, to) }),
    );
    expect(answer.get("state")).toBe(REQUEST.state);
    const code = texts.open<AuthorizationCode>("code", answer.get("code") ?? "", Date.now());
    const { body: verification } = await api("GET", `/v1/verifications/${code?.id}`);
    expect(verification).toMatchObject({
      via: "sign_in",
      purpose: "transaction",
      metadata: { client_id: PAYER.id },
      bind: { payee: "Toko <b>Maju</b>" },
    });
  });

  it("ends well where SECRET_KEY is rotated at any of its steps", async () => {
    const rotated = new Provider([CLIENT], {
      SECRET_KEY: "another secret of these tests, long enough",
      SECRET_KEY_PREVIOUS: env.SECRET_KEY,
    });
    const { browser, to, page } = await codePage();
    const early = new Browser(provider);
    const first = await early.open();
    browser.moveTo(rotated);
    early.moveTo(rotated);
    const answer = expectSignedIn(
      await browser.press(page, "code", { code: await codeSentTo(deployment, to) }),
    );
    expect(await exchange(answer.get("code") ?? "", rotated)).toHaveProperty("id_token");
    const other = newNumber();
    const next = await early.press(first, "number", { number: other });
    expectSignedIn(await early.press(next, "code", { code: await codeSentTo(deployment, other) }));

    const before = await codePage();
    const late = expectSignedIn(
      await before.browser.press(before.page, "code", { code: await codeSentTo(deployment, before.to) }),
    );
    expect(await exchange(late.get("code") ?? "", rotated)).toHaveProperty("id_token");
  });

  it("ends at the app when the user cancels, on either page", async () => {
    const { browser, to, first, page } = await codePage();
    for (const shown of [first, page]) {
      const { status, location } = await browser.press(shown, "cancel");
      expect(status).toBe(303);
      expect(Object.fromEntries(location?.searchParams ?? [])).toMatchObject({
        error: "access_denied",
        state: REQUEST.state,
        iss: ORIGIN,
      });
    }
    const late = await browser.press(page, "code", { code: await codeSentTo(deployment, to) });
    expect([late.status, textOf(late)]).toEqual([400, expect.stringContaining("This code is too old.")]);
  });
});

describe("a request that cannot be answered at the client", () => {
  it.each([
    ["an unknown client", { client_id: "cli_unknown" }],
    ["no client", { client_id: undefined }],
    ["a redirect URI of another site", { redirect_uri: "https://evil.example/callback" }],
    ["no redirect URI", { redirect_uri: undefined }],
    ["a pushed request that is not ours", { request_uri: "urn:ietf:params:oauth:request_uri:x" }],
  ])("for %s ends on a page, without a redirect", async (_, changed) => {
    const shown = await new Browser(provider).open(changed);
    expect([shown.status, shown.location]).toEqual([400, null]);
    expect(textOf(shown)).toContain("Go back to the app and start again.");
    expect(shown.html).not.toContain("evil.example");
    expect(shown.headers.get("set-cookie")).toBeNull();
  });

  it("for a client that is given twice ends on a page", async () => {
    const query = new URLSearchParams(REQUEST);
    query.append("client_id", CLIENT.id);
    expect((await provider.fetch(`${ORIGIN}/oauth/authorize?${query}`)).status).toBe(400);
  });

  it("for a pushed request of another client, or one that is over, ends on a page", async () => {
    const headers = { authorization: basic(CLIENT.id, SECRET) };
    const body = new URLSearchParams(REQUEST);
    const pushed = await provider.fetch(`${ORIGIN}/oauth/par`, { method: "POST", body, headers });
    const { request_uri } = JSON.parse(pushed.html);
    const browser = new Browser(provider);
    expect((await browser.open({ client_id: PAYER.id, request_uri })).status).toBe(400);
    expect((await browser.open({ request_uri })).status).toBe(200);
    vi.setSystemTime(Date.now() + 91_000);
    expect((await browser.open({ request_uri })).status).toBe(400);
  });

  it("for another fault is answered at the client, with state and issuer", async () => {
    const { status, location } = await new Browser(provider).open({ prompt: "none" });
    expect(status).toBe(303);
    expect(Object.fromEntries(location?.searchParams ?? [])).toEqual({
      error: "login_required",
      error_description: "The user has to type a code.",
      state: REQUEST.state,
      iss: ORIGIN,
    });
  });

  it("may be posted as well", async () => {
    const body = new URLSearchParams(REQUEST);
    const shown = await provider.fetch(`${ORIGIN}/oauth/authorize`, { method: "POST", body });
    expect([shown.status, flowOf(shown)]).toEqual([200, expect.stringMatching(/^[\w-]{100,}$/)]);
  });
});

describe("both steps", () => {
  it("name who asks, the host that gets the answer, and on the second that the code is not for others", async () => {
    const APPS = { default: { brand: "Kopi Kita" } };
    const { first, page } = await codePage(new Browser(new Provider([CLIENT], { APPS })));
    for (const shown of [first, page]) {
      expect(shown.html).toContain('<p class="brand"><bdi>Kopi Kita</bdi></p>');
      expect(textOf(shown)).toContain("shop.example will learn that this number is yours.");
    }
    expect(textOf(first)).toContain("Sign in to Example Shop");
    expect(textOf(page)).toContain("Nobody from Example Shop will ask you for this code.");
  });

  it("show names and texts of others as text, markup included", async () => {
    const evil = `'"></title><script>alert(1)</script>{{7*7}}`;
    const client = { ...CLIENT, clientName: evil, policyUri: `https://a.example/?${evil}` };
    const more = { APPS: { default: { brand: evil, links: { help: `https://b.example/?${evil}` } } } };
    const browser = new Browser(new Provider([client], more, { name: evil, isOfficial: true }), {
      "accept-language": evil,
    });
    const first = await browser.open({ state: evil, nonce: evil, ui_locales: evil });
    const again = await browser.press(first, "number", { number: evil, country: evil });
    const page = await browser.press(again, "number", { number: newNumber() });
    const wrongCode = await browser.press(page, "code", { code: evil });
    for (const shown of [first, again, page, wrongCode]) {
      expect(shown.html).not.toContain("alert(1)</script>");
      expect(shown.html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
      expect(shown.html.match(/<script/g)?.length ?? 0).toBe(shown.html.includes('id="code"') ? 1 : 0);
      expect(shown.headers.get("content-security-policy")).not.toContain("unsafe");
    }
    expect([again.status, page.status, wrongCode.status]).toEqual([400, 200, 400]);
  });
});

describe("the first page", () => {
  it("sends nothing and stores nothing", async () => {
    const shown = await new Browser(provider).open({ login_hint: newNumber() });
    expect(shown.status).toBe(200);
    expect(deployment.graphCalls).toHaveLength(0);
  });

  it("names the browser by a cookie that no script reads and that a second tab keeps", async () => {
    const browser = new Browser(provider);
    const first = await browser.open();
    expect(first.headers.get("set-cookie")).toMatch(
      /^__Host-sandi=[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect((await browser.open()).headers.get("set-cookie")).toBeNull();
  });

  it("may not be framed, cached or scripted, and its forms lead to this origin and on to any https", async () => {
    const { headers } = await new Browser(provider).open();
    expect(headers.get("content-security-policy")).toBe(
      "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' https:",
    );
    expect(headers.get("referrer-policy")).toBe("same-origin");
    expect(headers.get("cache-control")).toBe("no-store");
    const native = { client_id: NATIVE.id, redirect_uri: "com.example.app:/callback" };
    const app = await new Browser(provider).open(native);
    expect(app.headers.get("content-security-policy")).toMatch(
      /form-action 'self' https: com\.example\.app:$/,
    );
    expect(textOf(app)).toContain("com.example.app will learn");
  });

  it("proposes the number of the app, and the country of the visitor", async () => {
    const shown = await new Browser(provider).open({ login_hint: "+6281234567890" });
    expect(shown.html).toContain('value="+62 812 3456 7890"');
  });

  it("tells what a client learns that gets no number", async () => {
    const shown = await new Browser(provider).open({ scope: "openid" });
    expect(textOf(shown)).toContain(
      "shop.example will learn that you confirmed a phone number, but not which one.",
    );
  });

  it.each([
    ["", "Enter your phone number."],
    ["call me", "This is not a possible phone number."],
    ["0812", "This is not a possible phone number."],
  ])("says beside the field what is wrong with %j, and keeps it", async (number, says) => {
    const browser = new Browser(provider);
    const shown = await browser.press(await browser.open(), "number", { number, country: "ID" });
    expect([shown.status, textOf(shown)]).toEqual([400, expect.stringContaining(says)]);
    expect(shown.html).toMatch(/id="fault" class="fault" role="alert"/);
    expect(shown.html).toMatch(/aria-invalid="true" aria-describedby="fault learns"/);
    expect(shown.html).toContain("<title>Error: ");
    expect(shown.html).toContain(`value="${number}"`);
    expect(shown.html).toContain('<option selected value="ID">');
    expect(deployment.graphCalls).toHaveLength(0);
  });

  it("takes a number without its country code for the chosen country, and shows what it made of it", async () => {
    const browser = new Browser(provider);
    const to = newNumber();
    const fields = { number: `0${to.slice(3, 6)}-${to.slice(6)}`, country: "ID" };
    const shown = await browser.press(await browser.open(), "number", fields);
    expect(textOf(shown)).toContain(`+62 ${to.slice(3, 6)} ${to.slice(6, 10)} ${to.slice(10)}`);
    expect(await messagesTo(deployment, to)).toHaveLength(1);
  });

  it("takes three numbers a flow", async () => {
    const browser = new Browser(provider);
    let shown = await browser.open();
    for (let count = 0; count < 3; count += 1) {
      shown = await browser.press(shown, "number", { number: newNumber() });
      expect(shown.status).toBe(200);
    }
    expect(shown.html).not.toContain('name="change"');
    const fourth = await browser.press(shown, "number", { number: newNumber() });
    expect([fourth.status, textOf(fourth)]).toEqual([
      429,
      expect.stringContaining("You have used three numbers."),
    ]);
    expect(deployment.graphCalls).toHaveLength(3);
  });

  it("is held to the fence of the address that the platform sees, and to no other", async () => {
    const keys: string[] = [];
    const CLIENT_FENCE = {
      limit: async ({ key }: { key: string }) => {
        keys.push(key);
        return { success: keys.length < 3 };
      },
    };
    const fenced = new Provider([CLIENT], { CLIENT_FENCE, GUARD: { fence: { mode: "enforce" } } });
    const press = async (headers: Record<string, string>) => {
      const browser = new Browser(fenced, headers);
      const claimed = { "x-forwarded-for": newNumber().slice(-3), "true-client-ip": "198.51.100.1" };
      return browser.press(await browser.open(), "number", { number: newNumber() }, claimed);
    };
    expect((await press({})).status).toBe(200);
    expect((await press({ "cf-connecting-ip": "198.51.100.7" })).status).toBe(200);
    const third = await press({});
    expect([third.status, textOf(third)]).toEqual([429, expect.stringContaining("Too many attempts.")]);
    expect([keys[0] === keys[2], keys[0] === keys[1]]).toEqual([true, false]);
    expect(deployment.graphCalls).toHaveLength(2);
  });

  it("refuses the number of another user than the app's hint names", async () => {
    const hinted = newNumber();
    const hint = { aud: CLIENT.id, sub: `subject-of-${hinted.slice(1)}-in-public` };
    const { ISSUER } = await import("./fixtures.ts");
    vi.spyOn(ISSUER, "verify").mockResolvedValue(hint);
    const browser = new Browser(provider);
    const first = await browser.open({ id_token_hint: "token" });
    const other = await browser.press(first, "number", { number: newNumber() });
    expect(other.location?.searchParams.get("error")).toBe("login_required");
    expect(deployment.graphCalls).toHaveLength(0);
    expect((await browser.press(first, "number", { number: hinted })).status).toBe(200);
  });
});

describe("the code page", () => {
  it("has one field that browsers fill in", async () => {
    const { page } = await codePage();
    const field = /<input id="code"[^>]*>/.exec(page.html)?.[0] ?? "";
    for (const part of ['inputmode="numeric"', 'autocomplete="one-time-code"', "required", 'dir="ltr"']) {
      expect(field).toContain(part);
    }
    expect(field).not.toContain("maxlength");
  });

  it.each([
    ["as it was sent", (code: string) => code],
    ["within its message", (code: string) => `Your code is ${code.slice(0, 3)} ${code.slice(3)}.`],
    ["with a hyphen", (code: string) => `${code.slice(0, 3)}-${code.slice(3)}`],
    [
      "in Arabic-Indic digits",
      (code: string) => [...code].map((digit) => String.fromCodePoint(0x660 + Number(digit))).join(""),
    ],
  ])("takes the right code %s", async (_, spell) => {
    const { browser, to, page } = await codePage();
    expectSignedIn(await browser.press(page, "code", { code: spell(await codeSentTo(deployment, to)) }));
  });

  it("says that a code is wrong, and how many tries are left from two on", async () => {
    const { browser, to, page } = await codePage();
    const code = wrong(await codeSentTo(deployment, to));
    const says: string[] = [];
    for (const digit of ["1", "2", "3", "4", "5"]) {
      const shown = await browser.press(page, "code", { code: digit + code.slice(1) });
      expect(shown.status).toBe(400);
      says.push(/role="alert">(.*?)<\/p>/s.exec(shown.html)?.[1]?.trim() ?? "");
      expect(shown.html.includes('id="code"')).toBe(digit !== "5");
    }
    expect(says).toEqual([
      "That code is not right.",
      "That code is not right.",
      "That code is not right. Tries left: 2.",
      "That code is not right. Tries left: 1.",
      "Too many wrong codes. Send a new one.",
    ]);
  });

  it("charges no attempt for an empty field", async () => {
    const { browser, to, page } = await codePage();
    const shown = await browser.press(page, "code", { code: " - " });
    expect([shown.status, textOf(shown)]).toEqual([400, expect.stringContaining("Enter the code.")]);
    const body = texts.open<Flow>("flow", flowOf(shown), Date.now());
    const { body: verification } = await api("GET", `/v1/verifications/${body?.verificationId}`);
    expect(verification.attempts_remaining).toBe(5);
    expectSignedIn(await browser.press(shown, "code", { code: await codeSentTo(deployment, to) }));
  });

  it("sends again once the wait is over, and before says from when on", async () => {
    const { browser, to, page } = await codePage();
    expect(textOf(page)).toContain("You can send it again at ");
    const early = await browser.press(page, "resend");
    expect(textOf(early)).toContain("You can send it again at ");
    expect(await messagesTo(deployment, to)).toHaveLength(1);
    vi.setSystemTime(Date.now() + 31_000);
    const again = await browser.press(early, "resend");
    expect(again.status).toBe(200);
    expect(await messagesTo(deployment, to)).toHaveLength(2);
    expectSignedIn(await browser.press(again, "code", { code: await codeSentTo(deployment, to) }));
  });

  it("sends a new code where the last one is over", async () => {
    const { browser, to, page } = await codePage();
    const old = await codeSentTo(deployment, to);
    vi.setSystemTime(Date.now() + 301_000);
    const over = await browser.press(page, "code", { code: old });
    expect([over.status, textOf(over)]).toEqual([400, expect.stringContaining("This code is too old.")]);
    expect(over.html).not.toContain('id="code"');
    expect(textOf(over)).not.toContain("Look in WhatsApp");
    const renewed = await browser.press(over, "resend");
    expectSignedIn(await browser.press(renewed, "code", { code: await codeSentTo(deployment, to) }));
  });

  it("leads back to another number, with the one before it to correct", async () => {
    const { browser, to: mistyped, page } = await codePage();
    const first = await browser.press(page, "number", { change: "1" });
    const [, typed = ""] = /<input id="number"[^>]* value="([^"]*)"/.exec(first.html) ?? [];
    expect(typed.replaceAll(" ", "")).toBe(mistyped);
    const to = newNumber();
    const second = await browser.press(first, "number", { number: to });
    expectSignedIn(await browser.press(second, "code", { code: await codeSentTo(deployment, to) }));
  });
});

describe("the state of the code, for the page's script", () => {
  const stateOf = async (browser: Browser, page: Shown) => {
    const shown = await browser.press(page, "state");
    expect([shown.status, shown.headers.get("content-type")]).toEqual([200, "application/json"]);
    return JSON.parse(shown.html).note;
  };

  it("is silent while the code is on its way, and once it was right", async () => {
    const { browser, to, page } = await codePage();
    expect(await stateOf(browser, page)).toBe("");
    await browser.press(page, "code", { code: await codeSentTo(deployment, to) });
    expect(await stateOf(browser, page)).toBe("");
  });

  it("says that the number's owner asked for no code, in the language of the page", async () => {
    const { browser, to, first } = await codePage();
    const german = await browser.press(first, "language", { language: "de" });
    const page = await browser.press(german, "number", { number: to });
    const [message] = await messagesTo(deployment, to);
    await control(deployment, "POST", "/inbound", {
      from: to,
      button_payload: "DID_NOT_REQUEST_CODE",
      context_id: message?.id,
    });
    const note = "Der Inhaber dieser Nummer hat angegeben, keinen Code angefordert zu haben.";
    expect(await stateOf(browser, page)).toContain(note);
    const shown = await browser.press(page, "code", { code: await codeSentTo(deployment, to) });
    expect(textOf(shown)).toContain(note);
    expect(shown.html).not.toContain('/oauth/authorize/resend" formnovalidate>');
  });

  it("is told to no other browser and no other origin", async () => {
    const { page, browser } = await codePage();
    const cookie = { cookie: "__Host-sandi=AAAAAAAAAAAAAAAAAAAAAA" };
    expect((await browser.press(page, "state", {}, cookie)).status).toBe(403);
    expect((await browser.press(page, "state", {}, { origin: "https://evil.example" })).status).toBe(403);
  });

  it("needs a script of this origin, which the policy of the code page alone lets in", async () => {
    const { first, page } = await codePage();
    const policy = ({ headers }: Shown) => headers.get("content-security-policy") ?? "";
    expect(policy(page)).toContain("; script-src 'self'; connect-src 'self'; ");
    expect(policy(first)).not.toContain("script-src");
    const [, address = ""] = /<script type="module" src="([^"]+)"><\/script>/.exec(page.html) ?? [];
    const script = await provider.fetch(ORIGIN + address);
    expect([script.status, script.headers.get("cache-control")]).toEqual([
      200,
      "public, max-age=31536000, immutable",
    ]);
    expect(script.html.length).toBeLessThan(8_192);
    const [, style = ""] = /<link rel="stylesheet" href="([^"]+)">/.exec(page.html) ?? [];
    expect((await provider.fetch(ORIGIN + style)).headers.get("content-type")).toContain("text/css");
  });
});

describe("the sender of the code", () => {
  const official = { name: "Kopi <Shop>", isOfficial: true };
  const sentBy = (sender: SenderName | null, more: object = {}) =>
    codePage(new Browser(new Provider([{ ...CLIENT, purpose: "either" }], more, sender)));

  it("is named by the page, with the tick where Meta gave it one", async () => {
    const { page } = await sentBy(official);
    expect(page.html).toContain(
      "It comes from <b><bdi>Kopi &lt;Shop&gt;</bdi></b> " +
        '<span role="img" aria-label="verified by Meta">✓</span>.</p>',
    );
    expect((await sentBy({ ...official, isOfficial: false })).page.html).toContain("</bdi></b>.</p>");
  });

  it("is not named where it is not known, where an SMS carries the code, and once it is over", async () => {
    expect(textOf((await codePage()).page)).not.toContain("It comes from");
    const { browser, page } = await sentBy(official);
    const sms = await browser.press(page, "resend", { channel: "sms" });
    expect(textOf(sms)).toMatch(/Look in your messages The code goes to [+\d ]+\. Code/);
    vi.setSystemTime(Date.now() + 301_000);
    const over = await browser.press(page, "language", { language: "en" });
    expect(textOf(over)).not.toContain("It comes from");
  });

  it("of several is named where they share a name, since which of them has sent is not recorded", () => {
    const known = new Map<string, SenderName>([
      ["1", official],
      ["2", official],
      ["3", { ...official, isOfficial: false }],
      ["4", { name: "Another", isOfficial: true }],
    ]);
    const names = { nameOf: (id: string) => known.get(id) ?? null };
    const of = (...ids: string[]) => senderName(ids, names, () => {});
    expect([of("1"), of("1", "2"), of("4")]).toEqual([official, official, known.get("4")]);
    expect([of("1", "3"), of("1", "4"), of("1", "5"), of("5", "1"), of("5")]).toEqual(Array(5).fill(null));
  });
});

describe("the code by SMS", () => {
  const client = { ...CLIENT, id: "cli_either", purpose: "either" };
  const either = new Provider([client]);

  async function begun() {
    const browser = new Browser(either);
    const first = await browser.open({ client_id: client.id });
    const to = newNumber();
    return { browser, to, page: await browser.press(first, "number", { number: to }) };
  }

  it("is offered where the policy has it, waits for no cool-down, and is the same code", async () => {
    const { browser, to, page } = await begun();
    expect(textOf(page)).toContain("Send by SMS");
    const byWhatsApp = await codeSentTo(deployment, to);
    const sms = await browser.press(page, "resend", { channel: "sms" });
    expect(textOf(sms)).toMatch(/^Example Shop Look in your messages The code goes to /);
    expect(sms.html).not.toContain('value="sms"');
    const messages = await messagesTo(deployment, to);
    expect(messages).toMatchObject([
      { channel: "sms", code: byWhatsApp },
      { channel: "whatsapp", code: byWhatsApp },
    ]);
    expectSignedIn(await browser.press(sms, "code", { code: byWhatsApp }));
  });

  it("is said to come where WhatsApp did not reach the number, on the page and in the state", async () => {
    const { browser, to, page } = await begun();
    const [message] = await messagesTo(deployment, to);
    await control(deployment, "POST", `/messages/${message?.id}/status`, {
      status: "failed",
      error_code: 131026,
    });
    await vi.waitUntil(async () => (await messagesTo(deployment, to)).length === 2);
    const note = "WhatsApp did not reach this number. The code comes by SMS.";
    expect(JSON.parse((await browser.press(page, "state")).html)).toEqual({ note });
    const shown = await browser.press(page, "language", { language: "en" });
    expect(textOf(shown)).toContain(note);
  });

  it("is not offered where the policy has WhatsApp alone, nor sent", async () => {
    const { browser, to, page } = await codePage();
    expect(page.html).not.toContain('value="sms"');
    vi.setSystemTime(Date.now() + 31_000);
    const refused = await browser.press(page, "resend", { channel: "sms" });
    expect(refused.status).toBe(400);
    expect(await messagesTo(deployment, to)).toHaveLength(1);
  });

  it("is sent from a page to which the user has come back after sending again by WhatsApp", async () => {
    const { browser, to, page } = await begun();
    vi.setSystemTime(Date.now() + 31_000);
    expect((await browser.press(page, "resend")).status).toBe(200);
    const sms = await browser.press(page, "resend", { channel: "sms" });
    expect([sms.status, textOf(sms)]).toEqual([200, expect.stringContaining("Look in your messages")]);
    expect(await messagesTo(deployment, to)).toHaveLength(3);
  });
});

describe("a form", () => {
  it.each([
    ["from another origin", {}, { origin: "https://evil.example" }],
    ["from an opaque origin", {}, { origin: "null" }],
    ["without a cookie", {}, { cookie: "" }],
    ["with another browser's cookie", {}, { cookie: "__Host-sandi=AAAAAAAAAAAAAAAAAAAAAA" }],
    ["that was changed", { flow: "AAAA" }, {}],
    ["without its flow", { flow: "" }, {}],
  ])("%s sends nothing", async (_, fields, headers) => {
    const browser = new Browser(provider);
    const to = newNumber();
    const shown = await browser.press(await browser.open(), "number", { number: to, ...fields }, headers);
    expect(shown.status).toBeGreaterThanOrEqual(400);
    expect(shown.status).toBeLessThan(500);
    expect(textOf(shown)).toContain("Go back to the app and start again.");
    expect(deployment.graphCalls).toHaveLength(0);
  });

  it("without Origin counts only with Sec-Fetch-Site", async () => {
    const browser = new Browser(provider);
    const flow = flowOf(await browser.open());
    const press = (headers: Record<string, string>) => {
      const body = new URLSearchParams({ flow, number: newNumber() });
      const sent = { ...browser.cookies(), ...headers };
      return provider.fetch(`${ORIGIN}/oauth/authorize/number`, { method: "POST", body, headers: sent });
    };
    expect((await press({})).status).toBe(403);
    expect((await press({ "sec-fetch-site": "same-site" })).status).toBe(403);
    expect((await press({ "sec-fetch-site": "same-origin" })).status).toBe(200);
  });

  it("of a flow of more than 15 minutes sends nothing, however often the code was sent again", async () => {
    const { browser, page } = await codePage();
    vi.setSystemTime(Date.now() + 14 * 60_000);
    const renewed = await browser.press(page, "resend");
    expect(renewed.status).toBe(200);
    deployment.graphCalls.length = 0;
    vi.setSystemTime(Date.now() + 61_000);
    const shown = await browser.press(renewed, "resend");
    expect([shown.status, textOf(shown)]).toEqual([400, expect.stringContaining("This page is too old.")]);
    expect(deployment.graphCalls).toHaveLength(0);
  });

  it("of the number that is sent twice at once sends one message, and both lead to the code", async () => {
    const browser = new Browser(provider);
    const first = await browser.open();
    const to = newNumber();
    const pages = await Promise.all([1, 2, 3].map(() => browser.press(first, "number", { number: to })));
    expect(await messagesTo(deployment, to)).toHaveLength(1);
    const code = await codeSentTo(deployment, to);
    for (const page of pages) expect(page.html).toContain('id="code"');
    expectSignedIn(await browser.press(pages[2] ?? first, "code", { code }));
  });

  it("of the number that comes back with another spelling of it sends no second message", async () => {
    const browser = new Browser(provider);
    const first = await browser.open();
    const page = await browser.press(first, "number", { number: "+55 11 98123-4567" });
    const again = await browser.press(first, "number", { number: "+55 11 8123-4567" });
    expect([page.status, again.status]).toEqual([200, 200]);
    expect(await messagesTo(deployment, "+5511981234567")).toHaveLength(1);
    const code = await codeSentTo(deployment, "+5511981234567");
    expectSignedIn(await browser.press(again, "code", { code }));
  });

  it("of the number that is sent again later, as by a reload, sends no second message", async () => {
    const { browser, to, first } = await codePage();
    vi.setSystemTime(Date.now() + 120_000);
    expect((await browser.press(first, "number", { number: to })).html).toContain('id="code"');
    expect(await messagesTo(deployment, to)).toHaveLength(1);
  });

  it("of the code that is sent twice at once leads both times to the app", async () => {
    const { browser, to, page } = await codePage();
    const code = await codeSentTo(deployment, to);
    const answers = await Promise.all([1, 2].map(() => browser.press(page, "code", { code })));
    for (const answer of answers) expectSignedIn(answer);
  });

  it("in two tabs of one browser leads to the app in both, with one message for one number", async () => {
    const browser = new Browser(provider);
    const to = newNumber();
    const [one, two] = [await browser.open(), await browser.open()];
    const first = await browser.press(one, "number", { number: to });
    const second = await browser.press(two, "number", { number: to });
    expect(await messagesTo(deployment, to)).toHaveLength(1);
    const code = await codeSentTo(deployment, to);
    expectSignedIn(await browser.press(second, "code", { code }));
    const late = await browser.press(first, "code", { code });
    expect(textOf(late)).toContain("This code is too old.");
  });

  it("of another browser for the same number shares neither code nor verification", async () => {
    const { browser, to, page } = await codePage();
    const code = await codeSentTo(deployment, to);
    vi.setSystemTime(Date.now() + 7_000);
    const other = await codePage(new Browser(provider), to);
    const otherCode = await codeSentTo(deployment, to);
    const wrongs = await other.browser.press(other.page, "code", { code });
    if (code !== otherCode) expect(textOf(wrongs)).toContain("That code is not right.");
    expectSignedIn(await browser.press(page, "code", { code }));
  });

  it("of another client in the same browser shares neither code nor verification", async () => {
    const other = { ...CLIENT, id: "cli_other" };
    const browser = new Browser(new Provider([CLIENT, other]));
    const { to, page } = await codePage(browser);
    const code = await codeSentTo(deployment, to);
    vi.setSystemTime(Date.now() + 7_000);
    const second = await browser.press(await browser.open({ client_id: other.id }), "number", { number: to });
    const otherCode = await codeSentTo(deployment, to);
    const wrongs = await browser.press(second, "code", { code });
    if (code !== otherCode) expect(textOf(wrongs)).toContain("That code is not right.");
    expectSignedIn(await browser.press(page, "code", { code }));
  });

  it("of a client that was deleted meanwhile sends nothing", async () => {
    const browser = new Browser(provider);
    const first = await browser.open();
    browser.moveTo(new Provider([NATIVE]));
    const shown = await browser.press(first, "number", { number: newNumber() });
    expect([shown.status, shown.location]).toEqual([400, null]);
    expect(deployment.graphCalls).toHaveLength(0);
  });

  it("is answered in HTML for every fault, and never with a 5xx", async () => {
    for (const init of [
      { body: "{}", headers: { "content-type": "application/json" } },
      { body: new Uint8Array([0xff, 0xfe]) },
      { body: "flow=".padEnd(17_000, "x"), headers: { "content-type": "application/x-www-form-urlencoded" } },
    ]) {
      for (const name of ["number", "code", "resend", "language", "cancel", "message", "check", "instead"]) {
        const shown = await provider.fetch(`${ORIGIN}/oauth/authorize/${name}`, { method: "POST", ...init });
        expect([400, 413]).toContain(shown.status);
        expect(shown.headers.get("content-type")).toBe("text/html; charset=utf-8");
      }
    }
  });
});

describe("the check that a visitor is a person, with Turnstile", () => {
  const { hostname } = new URL(ORIGIN);

  function checkedBy(secretKey: string = TEST_KEYS.passes.secretKey) {
    const SIGN_IN = { turnstile_site_key: TEST_KEYS.passes.siteKey };
    return new Browser(new Provider([CLIENT], { SIGN_IN, TURNSTILE_SECRET_KEY: secretKey }));
  }

  /** What the widget of a page puts into the form. */
  const tokenOf = (page: Shown, changed: object = {}) => ({
    "cf-turnstile-response": dummyToken({
      hostname,
      action: "send",
      cdata: /data-cdata="([\w-]{16})"/.exec(page.html)?.[1] ?? "",
      ...changed,
    }),
  });

  const checks = () => deployment.graphCalls.filter(({ url }) => url.endsWith("/siteverify"));

  it("lets the widget's origin into the page's policy, and says without a script what it needs", async () => {
    const shown = await checkedBy().open();
    expect(shown.html).toContain(`data-sitekey="${TEST_KEYS.passes.siteKey}"`);
    expect(shown.html).toContain(
      '<script defer src="https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit"></script>',
    );
    expect(/<noscript>.*?<\/noscript>/.exec(shown.html)?.[0]).toContain("That needs JavaScript");
    expect(shown.headers.get("content-security-policy")).toBe(
      "default-src 'none'; style-src 'self'; script-src 'self' https://challenges.cloudflare.com; " +
        "connect-src 'self'; frame-src https://challenges.cloudflare.com; base-uri 'none'; " +
        "frame-ancestors 'none'; form-action 'self' https:",
    );
  });

  it("is asked for once before the first message to a number, and neither at a resend nor at the code", async () => {
    const browser = checkedBy();
    const to = newNumber();
    const first = await browser.open();
    const page = await browser.press(first, "number", { number: to, ...tokenOf(first) });
    expect(page.html).toContain('id="code"');
    expect(page.headers.get("content-security-policy")).not.toContain("cloudflare");
    expect(checks()).toHaveLength(1);
    const sent = await checks()[0]?.formData();
    expect(Object.fromEntries(sent ?? [])).toEqual({
      secret: TEST_KEYS.passes.secretKey,
      response: expect.stringContaining("XXXX.DUMMY.TOKEN."),
      idempotency_key: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      remoteip: "203.0.113.9",
    });
    vi.setSystemTime(Date.now() + 31_000);
    const again = await browser.press(page, "resend");
    expectSignedIn(await browser.press(again, "code", { code: await codeSentTo(deployment, to) }));
    expect(checks()).toHaveLength(1);
  });

  it.each<[string, object, string?]>([
    ["without a token", { "cf-turnstile-response": "" }],
    ["with a token of another flow", { cdata: "AAAAAAAAAAAAAAAA" }],
    ["with a token of another action", { action: "login" }],
    ["with a token of another host", { hostname: "evil.example" }],
    ["with an invented token", { "cf-turnstile-response": "token" }],
    ["with an endless token", { "cf-turnstile-response": "x".repeat(2_049) }],
    ["with a token that does not pass", {}, TEST_KEYS.fails.secretKey],
    ["with a token that was used", {}, TEST_KEYS.third.secretKey],
  ])("refuses a form %s, and asks again", async (_, changed, secretKey) => {
    const browser = checkedBy(secretKey);
    const to = newNumber();
    const first = await browser.open();
    const shown = await browser.press(first, "number", {
      number: to,
      ...tokenOf(first, changed),
      ...changed,
    });
    expect([shown.status, textOf(shown)]).toEqual([
      403,
      expect.stringContaining("The check that you are a person did not succeed. Try again."),
    ]);
    expect(shown.html).toContain(`value="${to}"`);
    expect(shown.html).toContain('class="widget"');
    expect(shown.html).toMatch(/value="\+62\d+" aria-describedby="fault learns">/);
    expect(await messagesTo(deployment, to)).toEqual([]);
  });

  it.each<[string, () => Promise<Response>]>([
    ["does not answer", () => Promise.reject(new DOMException("timed out", "TimeoutError"))],
    ["answers without JSON", () => Promise.resolve(new Response("<h1>502</h1>", { status: 502 }))],
    ["answers something else", () => Promise.resolve(Response.json({ success: "yes" }))],
    [
      "has an internal error",
      () => Promise.resolve(Response.json({ success: false, "error-codes": ["internal-error"] })),
    ],
    [
      "does not know the secret",
      () => Promise.resolve(Response.json({ success: false, "error-codes": ["invalid-input-secret"] })),
    ],
  ])("refuses with 503 where Cloudflare %s, and the page stays of use", async (_, answer) => {
    const browser = checkedBy();
    const to = newNumber();
    const first = await browser.open();
    const original = vi.mocked(fetch).getMockImplementation();
    vi.mocked(fetch).mockImplementationOnce(answer);
    const shown = await browser.press(first, "number", { number: to, ...tokenOf(first) });
    expect([shown.status, textOf(shown)]).toEqual([
      503,
      expect.stringContaining("no code was sent. Try again in a few minutes."),
    ]);
    expect(await messagesTo(deployment, to)).toEqual([]);
    expect(deployment.logLines.join()).toContain("Turnstile did not");
    expect(deployment.logLines.join()).not.toMatch(/DUMMY|1x0000/);
    vi.mocked(fetch).mockImplementation(original ?? fetch);
    const page = await browser.press(shown, "number", { number: to, ...tokenOf(shown) });
    expect(page.html).toContain('id="code"');
  });

  it("leads to the code in both of two forms sent at once with one token, and sends one message", async () => {
    const browser = checkedBy();
    const to = newNumber();
    const first = await browser.open();
    const fields = { number: to, ...tokenOf(first) };
    const pages = await Promise.all([1, 2].map(() => browser.press(first, "number", fields)));
    for (const page of pages) expect(page.html).toContain('id="code"');
    expect(await messagesTo(deployment, to)).toHaveLength(1);
  });

  it("takes one token for one number, whichever form of the flow is sent again", async () => {
    const browser = checkedBy();
    const [one, two] = [newNumber(), newNumber()];
    const first = await browser.open();
    const token = tokenOf(first);
    const page = await browser.press(first, "number", { number: one, ...token });
    expect((await browser.press(first, "number", { number: two, ...token })).status).toBe(403);
    expect((await browser.press(page, "number", { number: two })).status).toBe(403);
    const change = await browser.press(page, "number", { change: "1" });
    expect((await browser.press(change, "number", { number: two, ...tokenOf(change) })).status).toBe(200);
    expect(await messagesTo(deployment, two)).toHaveLength(1);
  });
});

it("a number that was asked for by a stranger a moment ago tells when to come back, and nothing else", async () => {
  const { to } = await codePage();
  const limited = new Provider([CLIENT], { NUMBER_LIMITS: { sends: "1 per 6 s, 10 per day" } });
  const browser = new Browser(limited);
  const shown = await browser.press(await browser.open(), "number", { number: to });
  expect(shown.status).toBe(429);
  expect(Number(shown.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(textOf(shown)).toContain("A code was sent to this number a short while ago. Try again at ");
});

it("a locked number is answered with one sentence, 429 and Retry-After", async () => {
  const to = newNumber();
  for (const purpose of ["login", "signup"]) {
    const { body } = await api("POST", "/v1/verifications", { to, purpose });
    const code = wrong(await codeSentTo(deployment, to));
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await api("POST", `/v1/verifications/${body.id}/check`, { code });
    }
  }
  const browser = new Browser(provider);
  const shown = await browser.press(await browser.open(), "number", { number: to });
  expect([shown.status, textOf(shown)]).toEqual([429, expect.stringContaining("Too many attempts.")]);
  expect(Number(shown.headers.get("retry-after"))).toBeGreaterThan(0);
});

describe("a number that WhatsApp refuses", () => {
  it("gets the page of one that it reaches, of the same size", async () => {
    const reached = await codePage();
    await deployment.simulator.app.request("/_sim/behaviour", {
      method: "PUT",
      body: JSON.stringify({ fail_next: [{ http_status: 400, code: 131026 }] }),
    });
    const refused = await codePage();
    const withoutFlow = ({ page, to }: typeof reached) =>
      page.html
        .replace(/name="flow" value="[\w-]+"/, "")
        .replaceAll(/<time.*?<\/time>/g, "<time>")
        .replaceAll(to.slice(6, 10), "1234")
        .replaceAll(to.slice(10), "5678");
    expect(refused.page.status).toBe(200);
    expect(textOf(refused.page)).toContain("Look in WhatsApp");
    expect(withoutFlow(refused)).toBe(withoutFlow(reached));
    expect(refused.page.html.length).toBe(reached.page.html.length);
    vi.setSystemTime(Date.now() + 7_000);
    const again = await refused.browser.press(refused.page, "resend");
    expectSignedIn(
      await refused.browser.press(again, "code", { code: await codeSentTo(deployment, refused.to) }),
    );
  });
});

it("nothing of a sign-in is in a log or an event: no number, code, flow, cookie, state, secret or token", async () => {
  const { browser, to, page } = await codePage();
  const { verificationId } = texts.open<Flow>("flow", flowOf(page), Date.now()) ?? {};
  const events = await divertEvents(verificationId ?? "");
  const code = await codeSentTo(deployment, to);
  const answer = expectSignedIn(await browser.press(page, "code", { code }));
  const tokens = await exchange(answer.get("code") ?? "");
  await provider.fetch(`${ORIGIN}/oauth/userinfo`, {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  });
  await vi.waitFor(() => expect(events).toHaveLength(1));
  const seen = [JSON.stringify(events), ...deployment.logLines].join("\n");
  for (const route of ["POST /oauth/authorize/code", "POST /oauth/token", "GET /oauth/userinfo"]) {
    expect(seen).toContain(route);
  }
  const cookie = (browser.cookies().cookie ?? "").split("=").at(-1) ?? "";
  const secrets = [
    to,
    to.slice(1),
    flowOf(page),
    cookie,
    answer.get("code"),
    REQUEST.state,
    SECRET,
    basic(CLIENT.id, SECRET).split(" ")[1],
    tokens.access_token,
    tokens.id_token,
    JSON.parse(tokens.id_token).claims.sub,
  ];
  expect(secrets.filter((secret) => seen.includes(secret ?? ""))).toEqual([]);
  expect(seen).not.toMatch(new RegExp(`\\b${code}\\b`));
});

it("at another origin than the issuer's there is nothing", async () => {
  const query = new URLSearchParams(REQUEST);
  expect((await provider.fetch(`https://other.example/oauth/authorize?${query}`)).status).toBe(404);
  expect((await provider.fetch("https://other.example/oauth/token", { method: "POST" })).status).toBe(404);
});
