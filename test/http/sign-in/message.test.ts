import { env } from "cloudflare:workers";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Flow } from "../../../src/http/sign-in/flow.ts";
import { SealedTexts } from "../../../src/http/sign-in/sealed-texts.ts";
import { Keyring } from "../../../src/platform/keyring.ts";
import { api, codeSentTo, control, messagesTo, newNumber, useDeployment, wrong } from "../../deployment.ts";
import { GuardedService } from "../../guard/guarded-service.ts";
import { TEST_KEYS } from "../../simulator/turnstile.ts";
import { MINUTE, send, tokenIn, useMessageFirst, userMessage } from "../../verification/message-first-rig.ts";
import { basic, CLIENT, ISSUER, REQUEST, SECRET, VERIFIER } from "./fixtures.ts";
import { Browser, flowOf, ORIGIN, Provider, type Shown, textOf } from "./page-rig.ts";

const deployment = useDeployment();
const rig = useMessageFirst(deployment);

/** Clients of purposes that allow message first: the number is learned, has to be named, or pays. */
const SHOP = { ...CLIENT, id: "cli_signup", purpose: "signup" };
const NAMED = { ...CLIENT, id: "cli_named", purpose: "open" };
const PAYER = {
  ...CLIENT,
  id: "cli_pay",
  purpose: "pay",
  authorizationDetailsTypes: ["payment" as const],
};

const provider = new Provider([CLIENT, SHOP, NAMED, PAYER]);
const texts = new SealedTexts(new Keyring(env.SECRET_KEY));

const FIRST_STEP = { step: "number" };

const flowIn = (page: Shown) => texts.open<Flow>("flow", flowOf(page), Date.now());
const idOn = (page: Shown) => flowIn(page)?.message?.id ?? "";

/** The link's text, as WhatsApp would take it out of the address. */
function draftOn({ html }: Shown): string {
  const [, url = ""] = /<a class="main" href="(https:\/\/wa\.me\/[^"]+)"/.exec(html) ?? [];
  return new URL(url.replaceAll("&amp;", "&")).searchParams.get("text") ?? "";
}

/** A browser that is asked for a message from any number. */
async function asked(client = SHOP, browser = new Browser(provider)) {
  const first = await browser.open({ client_id: client.id });
  const page = await browser.press(first, "message", FIRST_STEP);
  expect(page.status, textOf(page)).toBe(200);
  return { browser, first, page, text: draftOn(page), to: newNumber() };
}

/** A browser that is asked for a message from the number that a code was sent to. */
async function askedAfterCode() {
  const browser = new Browser(provider);
  const to = newNumber();
  const first = await browser.open({ client_id: SHOP.id });
  const code = await browser.press(first, "number", { number: to });
  const page = await browser.press(code, "message");
  expect(page.status, textOf(page)).toBe(200);
  return { browser, to, code, page, text: draftOn(page) };
}

function expectSignedIn(shown: Shown): URLSearchParams {
  expect(shown.status, textOf(shown)).toBe(303);
  expect([...(shown.location?.searchParams.keys() ?? [])]).toEqual(["code", "state", "iss"]);
  return shown.location?.searchParams ?? new URLSearchParams();
}

async function exchange(answer: URLSearchParams, client = SHOP) {
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code: answer.get("code") ?? "",
    redirect_uri: REQUEST.redirect_uri ?? "",
    code_verifier: VERIFIER,
  });
  const headers = { authorization: basic(client.id, SECRET) };
  const { status, html } = await provider.fetch(`${ORIGIN}/oauth/token`, { method: "POST", body, headers });
  return { status, body: JSON.parse(html) };
}

afterEach(() => vi.useRealTimers());

describe("a message instead of a code", () => {
  it("from any number signs that number in, and its approval is redeemed once", async () => {
    const { browser, first, page, text, to } = await asked();
    expect(textOf(first)).toContain("Write to us instead");
    expect(textOf(page)).toContain("You sign in with the number it comes from.");
    expect(page.html).toMatch(/<a class="main" href="https:\/\/wa\.me\/12065550100\?text=/);
    expect(page.html).toContain('<bdi dir="ltr">+1 206 555 0100</bdi>');
    expect(page.html).toContain(`<bdi>${text}</bdi>`);
    await send(deployment, { to, text });
    const answer = expectSignedIn(await browser.press(page, "check"));
    const { status, body } = await exchange(answer);
    expect(status).toBe(200);
    expect(JSON.parse(body.id_token).claims).toMatchObject({
      sub: await ISSUER.subjectOf(to as never, null),
      phone_number: to,
      amr: ["otp", "whatsapp"],
    });
    const headers = { authorization: `Bearer ${body.access_token}` };
    const info = await provider.fetch(`${ORIGIN}/oauth/userinfo`, { headers });
    expect(JSON.parse(info.html)).toMatchObject({ phone_number: to, phone_number_verified: true });
    const again = await exchange(expectSignedIn(await browser.press(page, "check")));
    expect([again.status, again.body.error]).toEqual([400, "invalid_grant"]);
    expect(await messagesTo(deployment, to)).toEqual([]);
  });

  it("from the number that a code was sent to signs it in, and uses no code", async () => {
    const { browser, to, code, page, text } = await askedAfterCode();
    expect(code.html).toMatch(/<details>.*Write to us instead.*<\/details>/s);
    expect(textOf(page)).toContain(`Send the message from +62 ${to.slice(3, 6)}`);
    await send(deployment, { to, text });
    const { body } = await exchange(expectSignedIn(await browser.press(page, "check")));
    expect(JSON.parse(body.id_token).claims).toMatchObject({ phone_number: to });
    const { body: verification } = await api("GET", `/v1/verifications/${idOn(page)}`);
    expect(verification).toMatchObject({
      method: "message",
      via: "sign_in",
      purpose: "signup",
      metadata: { client_id: SHOP.id },
    });
  });

  it("is shown as a QR code on white, with its quiet zone and a text alternative", async () => {
    const { page } = await asked();
    const [svg = ""] = /<svg class="qr".*?<\/svg>/s.exec(page.html) ?? [];
    expect(svg).toContain('role="img" aria-label="QR code that opens WhatsApp with the message"');
    const [, side = ""] = /viewBox="0 0 (\d+) \1"/.exec(svg) ?? [];
    expect(svg).toContain(`<rect width="${side}" height="${side}" fill="#fff"/>`);
    expect(svg).toMatch(/<path fill="#000" d="M4 4h7v1h-7z/);
  });

  it("takes at most 24 KB with the page around it, style and script, where its text is encoded longest", async () => {
    const { page } = await asked(SHOP, new Browser(provider, { "accept-language": "hi" }));
    const addresses = [...page.html.matchAll(/(?:href|src)="(\/oauth\/[^"]+)"/g)].map(
      ([, path]) => ORIGIN + path,
    );
    expect(addresses).toHaveLength(2);
    const files = await Promise.all(addresses.map((address) => provider.fetch(address)));
    const bytes = [page, ...files].map(({ html }) => gzipSync(html).length);
    expect(bytes.reduce((sum, part) => sum + part)).toBeLessThan(24 * 1024);
  });

  it("has not arrived until it has, and can still be sent then", async () => {
    const { browser, page, text, to } = await asked();
    const waiting = await browser.press(page, "check");
    expect([waiting.status, textOf(waiting)]).toEqual([
      200,
      expect.stringContaining("The message has not arrived yet."),
    ]);
    expect(draftOn(waiting)).toBe(text);
    await send(deployment, { to, text });
    expectSignedIn(await browser.press(waiting, "check"));
  });

  it("completes in the browser and the tab that began it, and in no other", async () => {
    const { browser, page, text, to } = await asked();
    const tab = await asked(SHOP, browser);
    const stranger = await asked(SHOP, new Browser(provider));
    expect(new Set([text, tab.text, stranger.text]).size).toBe(3);
    await send(deployment, { to, text });
    for (const other of [tab, stranger]) {
      expect(textOf(await other.browser.press(other.page, "check"))).toContain("not arrived yet");
    }
    const stolen = await stranger.browser.press(page, "check");
    expect([stolen.status, stolen.location]).toEqual([403, null]);
    expect((await stranger.browser.press(page, "state")).status).toBe(403);
    expectSignedIn(await browser.press(page, "check"));
  });

  it("is one for a form that is sent twice, and completes by its reload after the approval", async () => {
    const { browser, first, page, text, to } = await asked();
    const twice = await Promise.all([1, 2].map(() => browser.press(first, "message", FIRST_STEP)));
    expect(twice.map(idOn)).toEqual([idOn(page), idOn(page)]);
    await send(deployment, { to, text });
    expectSignedIn(await browser.press(first, "message", FIRST_STEP));
  });

  it("gives way to the code, on the page of the code or of the number, and is found again", async () => {
    const { browser, to, page, text } = await askedAfterCode();
    const code = await browser.press(page, "instead");
    expect(code.html).toContain('id="code"');
    expect(draftOn(await browser.press(code, "message"))).toBe(text);
    expectSignedIn(await browser.press(code, "code", { code: await codeSentTo(deployment, to) }));
    const learned = await asked();
    expect((await learned.browser.press(learned.page, "instead")).html).toContain('id="number"');
  });

  it("approves nothing once the user has canceled", async () => {
    const { browser, to, page, text } = await askedAfterCode();
    expect((await browser.press(page, "cancel")).location?.searchParams.get("error")).toBe("access_denied");
    await send(deployment, { to, text });
    const late = await browser.press(page, "check");
    expect([late.status, late.location]).toEqual([400, null]);
    expect((await api("GET", `/v1/verifications/${idOn(page)}`)).body.status).toBe("canceled");
  });

  it("is told to the page's script when it has come, and not before", async () => {
    const { browser, page, text, to } = await asked();
    const state = async () => JSON.parse((await browser.press(page, "state")).html);
    expect(await state()).toEqual({ note: "" });
    await send(deployment, { to, text });
    expect(await state()).toEqual({ note: "", todo: "check" });
  });

  it("is in the language of the page, which can be changed while its text stays", async () => {
    const browser = new Browser(provider);
    const first = await browser.open({ client_id: SHOP.id });
    const german = await browser.press(first, "language", { language: "de" });
    const page = await browser.press(german, "message", FIRST_STEP);
    expect(draftOn(page)).toMatch(/^Ich bestätige meine Registrierung/);
    const spanish = await browser.press(page, "language", { language: "es" });
    expect(textOf(spanish)).toContain("Envía un mensaje en WhatsApp");
    expect(draftOn(spanish)).toBe(draftOn(page));
  });
});

describe("a message that does not sign in", () => {
  it("from another number is said to be that, and a new one can be sent", async () => {
    const { browser, to, page, text } = await askedAfterCode();
    const stranger = newNumber();
    await send(deployment, { to: stranger, text });
    const shown = await browser.press(page, "check");
    expect([shown.status, textOf(shown)]).toEqual([
      400,
      expect.stringContaining("The message came from another number."),
    ]);
    expect(shown.html).not.toContain("wa.me");
    expect(textOf(shown)).not.toContain(stranger.slice(-2).padStart(3, " "));
    const renewed = await browser.press(shown, "message");
    expect(tokenIn(draftOn(renewed))).not.toBe(tokenIn(text));
    await send(deployment, { to, text: draftOn(renewed) });
    expectSignedIn(await browser.press(renewed, "check"));
  });

  it("because it is too old is said to be that, and a new one can be sent", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const { browser, page, text, to } = await asked();
    vi.setSystemTime(Date.now() + 7 * MINUTE);
    await send(deployment, { to, text });
    const shown = await browser.press(page, "check");
    expect([shown.status, textOf(shown)]).toEqual([
      400,
      expect.stringContaining("This message is too old. Get a new one."),
    ]);
    const renewed = await browser.press(shown, "message");
    await send(deployment, { to, text: draftOn(renewed) });
    expectSignedIn(await browser.press(renewed, "check"));
  });

  it('because its owner taps "It wasn\'t me" is said to be stopped, and its tokens end', async () => {
    const { browser, page, text, to } = await asked();
    await send(deployment, { to, text });
    const { body } = await exchange(expectSignedIn(await browser.press(page, "check")));
    await rig().work();
    const [answer] = (await messagesTo(deployment, to)) as unknown as [
      { id: string; buttons: [{ payload: string }] },
    ];
    const tap = { from: to, button_payload: answer.buttons[0].payload, context_id: answer.id };
    await control(deployment, "POST", "/inbound", tap);
    const shown = await browser.press(page, "check");
    expect([shown.status, textOf(shown)]).toEqual([
      400,
      expect.stringContaining("The owner of this number said they asked for no code."),
    ]);
    expect(textOf(shown)).not.toContain("New message");
    const headers = { authorization: `Bearer ${body.access_token}` };
    expect((await provider.fetch(`${ORIGIN}/oauth/userinfo`, { headers })).status).toBe(401);
  });

  it("because the guard excludes the number that it shows is said to be refused", async () => {
    const { browser, page, text, to } = await asked();
    const service = new GuardedService({ destinations: { countries_denied: ["ID"] } });
    await service.webhook(userMessage(to, { text: { body: text }, type: "text" }));
    const shown = await browser.press(page, "check");
    expect(textOf(shown)).toContain("This number cannot be used here.");
  });

  it("because the app's hint names another user ends at the app", async () => {
    vi.spyOn(ISSUER, "verify").mockResolvedValue({ aud: SHOP.id, sub: "subject-of-another" });
    const browser = new Browser(provider);
    const first = await browser.open({ client_id: SHOP.id, id_token_hint: "token" });
    const page = await browser.press(first, "message", FIRST_STEP);
    await send(deployment, { to: newNumber(), text: draftOn(page) });
    const { location } = await browser.press(page, "check");
    expect(location?.searchParams.get("error")).toBe("login_required");
    expect(location?.searchParams.get("code")).toBeNull();
  });
});

describe("a payment by a message", () => {
  async function pushed(to: string) {
    const details = [{ type: "payment", amount: "150000.00", currency: "IDR", payee: "Toko Maju" }];
    const body = new URLSearchParams({
      ...REQUEST,
      client_id: PAYER.id,
      login_hint: to,
      authorization_details: JSON.stringify(details),
    });
    const headers = { authorization: basic(PAYER.id, SECRET) };
    const { html } = await provider.fetch(`${ORIGIN}/oauth/par`, { method: "POST", body, headers });
    const { request_uri } = JSON.parse(html);
    const browser = new Browser(provider);
    const first = await browser.open({ client_id: PAYER.id, request_uri });
    return { browser, first, page: await browser.press(first, "message", FIRST_STEP) };
  }

  it("has amount and payee on the page and in the text, and confirms both", async () => {
    const to = newNumber();
    const { browser, first, page } = await pushed(to);
    expect(textOf(first)).toContain("Write to us instead");
    expect(textOf(page)).toContain("You pay IDR 150,000.00 to Toko Maju.");
    expect(page.html).toContain('aria-describedby="how payment"');
    expect(draftOn(page)).toContain("150000.00 IDR");
    expect(draftOn(page)).toContain("Toko Maju");
    expect(textOf(page)).toContain(`+62•••••••••${to.slice(-2)}`);
    await send(deployment, { to, text: draftOn(page) });
    const { body } = await exchange(expectSignedIn(await browser.press(page, "check")), PAYER);
    expect(body.authorization_details).toMatchObject([{ payee: "Toko Maju", amount: "150000.00" }]);
  });

  it("has to come from the number that the app names", async () => {
    const { browser, page } = await pushed(newNumber());
    await send(deployment, { to: newNumber(), text: draftOn(page) });
    const shown = await browser.press(page, "check");
    expect([shown.status, shown.location]).toEqual([400, null]);
    expect(textOf(shown)).toContain("The message came from another number.");
  });
});

describe("the offer of a message", () => {
  it("is on no page of a purpose that has it off, and a form of one's own gets none", async () => {
    const browser = new Browser(provider);
    const first = await browser.open();
    const code = await browser.press(first, "number", { number: newNumber() });
    for (const shown of [first, code]) expect(shown.html).not.toContain("/oauth/authorize/message");
    const refused = await browser.press(first, "message", { ...FIRST_STEP, number: newNumber() });
    expect(refused.status).toBe(403);
    expect(refused.html).not.toContain("wa.me");
  });

  it("is on the first page only where the number is learned; on the code's page always", async () => {
    const browser = new Browser(provider);
    const first = await browser.open({ client_id: NAMED.id });
    expect(first.html).not.toContain("/oauth/authorize/message");
    const code = await browser.press(first, "number", { number: newNumber() });
    expect(textOf(code)).toContain("Write to us instead");
  });

  it("comes first where WhatsApp did not carry the code, on the page and for its script", async () => {
    const browser = new Browser(provider);
    const to = newNumber();
    const first = await browser.open({ client_id: SHOP.id });
    const page = await browser.press(first, "number", { number: to });
    const [sent] = await messagesTo(deployment, to);
    await control(deployment, "POST", `/messages/${sent?.id}/status`, {
      status: "failed",
      error_code: 131026,
    });
    const { note, todo } = JSON.parse((await browser.press(page, "state")).html);
    expect([note, todo]).toEqual([expect.stringContaining("The code did not reach this number."), "help"]);
    const shown = await browser.press(page, "code", { code: "111111" });
    expect(shown.html).toContain('<button class="main" formaction="/oauth/authorize/message"');
    expect(shown.html).not.toContain('<button class="main" formaction="/oauth/authorize/resend"');
    const message = await browser.press(shown, "message");
    await send(deployment, { to, text: draftOn(message) });
    expectSignedIn(await browser.press(message, "check"));
  });

  it("comes first for a number that is locked, is about the number that was typed, and is its way in", async () => {
    const to = newNumber();
    for (const purpose of ["login", "recovery"]) {
      const { body } = await api("POST", "/v1/verifications", { to, purpose });
      const code = wrong(await codeSentTo(deployment, to));
      for (let attempt = 0; attempt < 5; attempt += 1) {
        await api("POST", `/v1/verifications/${body.id}/check`, { code });
      }
    }
    const browser = new Browser(provider);
    const first = await browser.open({ client_id: NAMED.id });
    const locked = await browser.press(first, "number", { number: to });
    expect([locked.status, textOf(locked)]).toEqual([429, expect.stringContaining("Too many attempts.")]);
    expect(locked.html).toContain(
      '<button class="main" name="step" value="number" formaction="/oauth/authorize/message"',
    );
    const untyped = await browser.press(locked, "message", FIRST_STEP);
    expect([untyped.status, textOf(untyped)]).toEqual([
      400,
      expect.stringContaining("Enter your phone number."),
    ]);
    const page = await browser.press(locked, "message", { ...FIRST_STEP, number: to });
    await send(deployment, { to, text: draftOn(page) });
    expectSignedIn(await browser.press(page, "check"));
  });

  it("comes first where Turnstile does not answer, and is no way around it", async () => {
    const settings = {
      SIGN_IN: { turnstile_site_key: TEST_KEYS.passes.siteKey },
      TURNSTILE_SECRET_KEY: TEST_KEYS.passes.secretKey,
    };
    const browser = new Browser(new Provider([NAMED], settings));
    const to = newNumber();
    const first = await browser.open({ client_id: NAMED.id });
    vi.mocked(fetch).mockRejectedValueOnce(new TypeError("Network connection lost."));
    const shown = await browser.press(first, "number", { number: to, "cf-turnstile-response": "token" });
    expect(shown.status).toBe(503);
    expect(shown.html).toMatch(/<button class="main" name="step" value="number" formaction="[^"]*\/message"/);
    const page = await browser.press(shown, "message", { ...FIRST_STEP, number: to });
    const back = await browser.press(page, "instead");
    expect(back.html).toContain(`value="+62 ${to.slice(3, 6)}`);
    expect((await browser.press(back, "number", { number: to })).status).toBe(403);
    expect(await messagesTo(deployment, to)).toEqual([]);
    await send(deployment, { to, text: draftOn(page) });
    expectSignedIn(await browser.press(page, "check"));
  });
});

it("neither the text nor the token of a message is logged", async () => {
  const { browser, page, text, to } = await asked();
  await send(deployment, { to, text });
  expectSignedIn(await browser.press(page, "check"));
  const log = deployment.logLines.join("\n");
  expect(log).toContain("/oauth/authorize/check");
  for (const secret of [tokenIn(text), tokenIn(text).replaceAll("-", ""), to, flowOf(page)]) {
    expect(log).not.toContain(secret);
  }
});
