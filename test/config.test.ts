import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConfigError, readConfig } from "../src/config.ts";
import { TEST_KEYS } from "./simulator/turnstile.ts";

const REAL = {
  SECRET_KEY: "Zk3vX0mQ8rT5yB2nW7pL4sD1fG6hJ9cA-current",
  ADMIN_KEY: "Pq9wE8rT7yU6iO5pA4sD3fG2hJ1kL0zX-admin",
  WHATSAPP_ACCESS_TOKEN: "EAAG-access-token",
  WHATSAPP_APP_SECRET: "9f8e7d6c5b4a",
  WHATSAPP_VERIFY_TOKEN: "any string",
  WHATSAPP_BASE_URL: "https://graph.facebook.com",
  WHATSAPP_API_VERSION: "v26.0",
  WHATSAPP_PHONE_NUMBER_ID: "106540352242922",
  WHATSAPP_BUSINESS_ACCOUNT_ID: "102290129340398",
  DEFAULT_LOCALE: "en-US",
  PURPOSES: { login: {} },
};
const APPLICATION_ID = "78d335fa-323d-0114-9c3d-d6f0d48968cf";
/** The key of a pair that was made for this test; its private key was not kept. */
const PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA4ygtlZgfWeLFDwZcVsSm
3mad7GGc1iKtDwTqKx0rOzZP5sSwG88ePXH8o1rr5eT4be9A5X4aierL9BnvGU1y
kw1tPVe1Wu+8R7lDClBP7FCXhMn2SyJeG04ZKTesUppe0qeaTwYqBXyMeK0O+8Oe
7hmXprFbtypKid/MX2BjKvrnowpMSFYWUUoVETCnalMm6XuSrvXyol6LnEQBRMg1
9IzNu7Z3eJN6sViKJ+is6V16xIT+E2clqOunoKYbPdLIox7zY3/0iQGn6zpWF+VS
CNFCiVzyxZjqOtIiS/aMrAWgN64DbJOuaQgQ/2LqHDt23k2Tn7vk/mHJeEYgzsj3
MQIDAQAB
-----END PUBLIC KEY-----`;
type Name = keyof typeof REAL;
const NAMES = Object.keys(REAL) as Name[];

const logLines: string[] = [];

beforeEach(() => {
  logLines.length = 0;
  vi.spyOn(console, "warn").mockImplementation((line) => void logLines.push(line));
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** The error message of an environment; null when it is valid. */
function errorOf(changes: Readonly<Record<string, unknown>>): string | null {
  try {
    readConfig({ ...REAL, ...changes });
    return null;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message;
  }
}

const withPolicy = (policy: object) => ({ PURPOSES: { login: policy } });
const policyOf = (policy: object) => readConfig({ ...REAL, ...withPolicy(policy) }).policies.get("login");

describe("The configuration", () => {
  it("the environments of the tests and of a real deployment are valid", () => {
    const purposes = [...readConfig(env).policies.keys()];
    expect(purposes).toEqual(expect.arrayContaining(["login", "signup", "recovery", "transaction"]));
    expect(readConfig(env).policies.get("transaction")?.bindRequired).toBe(true);
    expect(readConfig(REAL)).toMatchObject({
      adminKey: REAL.ADMIN_KEY,
      defaultLocale: "en-US",
      whatsapp: {
        baseUrl: "https://graph.facebook.com",
        apiVersion: "v26.0",
        accessToken: "EAAG-access-token",
        appSecret: "9f8e7d6c5b4a",
        verifyToken: "any string",
      },
      senders: [{ phoneNumberId: "106540352242922", messagesPerSecond: 80 }],
    });
    expect(logLines).toEqual([]);
  });

  it("the base URL may end in slashes", () => {
    const { whatsapp } = readConfig({ ...REAL, WHATSAPP_BASE_URL: "https://graph.test/path//" });
    expect(whatsapp.baseUrl).toBe("https://graph.test/path");
  });

  it("the previous SECRET_KEY still verifies what was made with it", () => {
    const previous = "Former0mQ8rT5yB2nW7pL4sD1fG6hJ9cA-key";
    const before = readConfig({ ...REAL, SECRET_KEY: previous }).keyring;
    const { keyring } = readConfig({ ...REAL, SECRET_KEY_PREVIOUS: previous });
    expect(keyring.mac("number", "text")).toEqual([
      ...readConfig(REAL).keyring.mac("number", "text"),
      ...before.mac("number", "text"),
    ]);
  });

  it.each(NAMES)("an environment without %s is rejected by that name only", (name) => {
    const message = errorOf({ [name]: undefined }) ?? "";
    expect(NAMES.filter((other) => message.includes(other))).toEqual([name]);
  });

  it.each<[string, unknown]>([
    ["SECRET_KEY", ""],
    ["SECRET_KEY", "Zk3vX0mQ8rT5yB2nW7pL4sD1fG6hJ9c"],
    ["SECRET_KEY", "abcdefg".repeat(10)],
    ["SECRET_KEY_PREVIOUS", "Former0mQ8"],
    ["ADMIN_KEY", "Pq9wE8rT7yU6iO5pA4sD3fG2hJ1kL0z"],
    ["ADMIN_KEY", "x".repeat(64)],
    ["WHATSAPP_ACCESS_TOKEN", ""],
    ["WHATSAPP_APP_SECRET", ""],
    ["WHATSAPP_VERIFY_TOKEN", ""],
    ["ADMIN_KEY", "Pq9wE8rT7yU6iO5pA4sD3 fG2hJ1kL0zXcV"],
    ["WHATSAPP_BASE_URL", "http://graph.facebook.com"],
    ["WHATSAPP_BASE_URL", "graph.facebook.com"],
    ["WHATSAPP_BASE_URL", "ftp://graph.facebook.com"],
    ["WHATSAPP_BASE_URL", ""],
    ["WHATSAPP_API_VERSION", "26.0"],
    ["WHATSAPP_API_VERSION", "v26"],
    ["WHATSAPP_API_VERSION", "v26.0/me"],
    ["PURPOSES", { signup: {} }],
    ["WHATSAPP_PHONE_NUMBER_ID", 106540352242922],
    ["WHATSAPP_PHONE_NUMBER_ID", ""],
    ["WHATSAPP_PHONE_NUMBER_ID", "+14155552671"],
    ["WHATSAPP_PHONE_NUMBER_ID", "123/messages"],
    ["WHATSAPP_BUSINESS_ACCOUNT_ID", "1234"],
    ["DEFAULT_LOCALE", "en_US"],
    ["DEFAULT_LOCALE", "english!"],
    ["PURPOSES", []],
    ["PURPOSES", { Login: {} }],
    ["PURPOSES", { "": {} }],
    ["PURPOSES", { login: "strict" }],
  ])("the value %s = %j is rejected by its name, and the message contains no secret", (name, value) => {
    const message = errorOf({ [name]: value });
    expect(message).toMatch(new RegExp(`^${name}[. ].*\\.$`));
    if (name.includes("KEY") && value !== "") expect(message).not.toContain(value);
  });

  it("all faults of an environment are named in one message", () => {
    const faults = {
      ...Object.fromEntries(NAMES.map((name) => [name, undefined])),
      SECRET_KEY_PREVIOUS: "x",
    };
    for (const name of Object.keys(faults)) expect(errorOf(faults)).toContain(name);
    const three = errorOf({ ADMIN_KEY: "x", PURPOSES: { a: { max_sends: 0, max_attempts: 0 } } });
    expect(three).toMatch(/ADMIN_KEY.*max_attempts.*max_sends/);
  });
});

describe("The first reply of a conversation", () => {
  it("the first reply is optional", () => {
    expect(readConfig(REAL).firstReply).toBeNull();
    expect(readConfig({ ...REAL, CONVERSATION: {} }).firstReply).toBeNull();
    expect(readConfig({ ...REAL, CONVERSATION: { first_reply: "Thanks!" } }).firstReply).toBe("Thanks!");
  });

  it.each([{ first_reply: "" }, { first_reply: "x".repeat(4097) }, { first_answer: "Thanks!" }])(
    "a first reply that WhatsApp would reject, or a misspelled field, is rejected",
    (conversation) => {
      expect(errorOf({ CONVERSATION: conversation })).toContain("CONVERSATION");
    },
  );
});

describe("The secrets of .dev.vars.example", () => {
  const example = { SECRET_KEY: "local-development-only-secret-key-0123456789" };

  it.each(["http://127.0.0.1:8788", "http://localhost:8788", "http://[::1]:8788"])(
    "example secrets are accepted with %s",
    (url) => {
      expect(errorOf({ ...example, WHATSAPP_BASE_URL: url })).toBeNull();
    },
  );

  it.each([
    "https://graph.facebook.com",
    "https://localhost.example.com",
    "https://127.0.0.1.example.com",
    "https://localhost@graph.facebook.com",
    "https://graph.facebook.com/localhost",
  ])("example secrets are rejected with %s", (url) => {
    expect(errorOf({ ...example, WHATSAPP_BASE_URL: url })).toMatch(/^SECRET_KEY: .*public/);
  });

  it.each([
    "SECRET_KEY",
    "SECRET_KEY_PREVIOUS",
    "ADMIN_KEY",
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_VERIFY_TOKEN",
  ])("the example value of %s is rejected on its own", (name) => {
    expect(errorOf({ [name]: "local-development-only-value-0123456789" })).toMatch(new RegExp(`^${name}: `));
  });
});

describe("The policy of a purpose", () => {
  it("a policy has the defaults of the standards", () => {
    expect(policyOf({})).toEqual({
      codeLength: 6,
      codeAlphabet: "digits",
      expiresInSeconds: 300,
      maxAttempts: 5,
      maxSends: 5,
      messageFirst: "off",
      messageFirstLearnsNumber: false,
      resendAfterSeconds: [30, 60, 120, 300],
      resend: "same",
      channels: ["whatsapp"],
      fallbackAfterSeconds: 45,
      template: "verification_code",
      bindRequired: false,
      fallbackTemplate: "verification_code",
      blockAfterFailures: null,
      blockSeconds: 900,
    });
  });

  it.each([
    ["code_length", 4, 10],
    ["expires_in_seconds", 30, 600],
    ["max_attempts", 1, 10],
    ["max_sends", 1, 10],
    ["fallback_after_seconds", 10, 300],
  ])("a policy accepts integers for %s from %i to %i", (field, least, most) => {
    for (const value of [least, most]) expect(errorOf(withPolicy({ [field]: value }))).toBeNull();
    for (const value of [least - 1, most + 1, least + 0.5, String(least), null]) {
      expect(errorOf(withPolicy({ [field]: value }))).toMatch(new RegExp(`^PURPOSES\\.login\\.${field} `));
    }
  });

  it.each<[string, unknown[], unknown[]]>([
    ["code_alphabet", ["digits", "letters_digits"], ["letters", "", 6]],
    [
      "resend_after_seconds",
      [[6], [3600], Array(10).fill(30)],
      [[], [5], [30, 5], [3601], Array(11).fill(30), 30],
    ],
    ["resend", ["same", "new"], ["other", true]],
    ["channels", [["whatsapp"], ["sms"], ["sms", "whatsapp"]], [[], ["voice"], "whatsapp"]],
    ["template", ["a", "otp_2", "x".repeat(512)], ["", "Otp", "o-t-p", "x".repeat(513)]],
    ["bind_required", [true, false], ["true", 1]],
  ])("a policy accepts %s within its bounds only", (field, good, bad) => {
    for (const value of good) expect(errorOf(withPolicy({ [field]: value }))).toBeNull();
    for (const value of bad) {
      expect(errorOf(withPolicy({ [field]: value }))).toMatch(new RegExp(`^PURPOSES\\.login\\.${field}[. ]`));
    }
  });

  it("a policy with an unknown field is rejected by the name of the field", () => {
    expect(errorOf(withPolicy({ max_atempts: 3 }))).toMatch(/^PURPOSES\.login .*"max_atempts"/);
  });

  it("a warning is logged for each purpose whose codes are shorter than the six digits of NIST", () => {
    readConfig({
      ...REAL,
      PURPOSES: { login: { code_length: 5 }, signup: { code_length: 6 }, pin: { code_length: 4 } },
    });
    expect(logLines).toHaveLength(2);
    expect(logLines[0]).toMatch(/login.*6/);
    expect(logLines[1]).toMatch(/pin.*6/);
  });

  it("the apps are those of APPS, and always the default one", () => {
    expect([...readConfig(REAL).apps]).toEqual([
      ["default", { brand: null, logo: null, accent: null, links: {} }],
    ]);
    const shop = {
      brand: "Example Shop",
      logo: "https://example.com/logo.svg",
      accent: "#0a7cff",
      links: { privacy: "https://example.com/privacy" },
    };
    const { apps } = readConfig({ ...REAL, APPS: { shop, default: { brand: "Example" } } });
    expect([...apps.keys()]).toEqual(["default", "shop"]);
    expect([...apps.values()]).toEqual([{ brand: "Example", logo: null, accent: null, links: {} }, shop]);
  });

  it.each([
    [{ Shop: {} }, "APPS.Shop"],
    [{ [`a${"b".repeat(32)}`]: {} }, "is not an app's name"],
    [{ shop: { brand: "" } }, "APPS.shop.brand is empty."],
    [{ shop: { accent: "blue" } }, "APPS.shop.accent is not a color such as #0a7cff."],
    [{ shop: { logo: "http://example.com/logo.svg" } }, "APPS.shop.logo is neither the path of an svg,"],
    [{ shop: { logo: "../logo.svg" } }, "APPS.shop.logo is neither the path of an svg,"],
    [{ shop: { logo: "/etc/logo.svg" } }, "APPS.shop.logo is neither the path of an svg,"],
    [{ shop: { logo: "logo.html" } }, "APPS.shop.logo is neither the path of an svg,"],
    [{ shop: { links: { terms: "ftp://example.com" } } }, "APPS.shop.links.terms is not an https address."],
    [{ shop: { links: { "Privacy policy": "https://example.com" } } }, "is not a name such as privacy"],
    [{ shop: { color: "#0a7cff" } }, "APPS.shop"],
  ])("the apps %j stop the Worker with a sentence", (APPS, sentence) => {
    expect(errorOf({ APPS })).toContain(sentence);
  });

  it("the services of Twilio are those of COMPATIBILITY, and none without it", () => {
    const sid = `VA${"0a".repeat(16)}`;
    const twilio = { account_sid: `AC${"1b".repeat(16)}`, services: { [sid]: "login" } };
    const { compatibility } = readConfig({ ...REAL, COMPATIBILITY: { twilio } });
    expect(compatibility.twilio).toEqual({
      accountSid: twilio.account_sid,
      services: new Map([[sid, "login"]]),
    });
    expect(readConfig(REAL).compatibility.twilio).toEqual({ accountSid: null, services: new Map() });
  });

  it("the applications of Vonage and the purpose of CAMARA are those of COMPATIBILITY, in JSON as well", () => {
    expect(readConfig(REAL).compatibility).toMatchObject({
      vonage: { applications: new Map() },
      camara: { purpose: "login" },
    });
    const application = { purpose: "signup", public_key: PUBLIC_KEY };
    const COMPATIBILITY = {
      vonage: { applications: { [APPLICATION_ID]: application } },
      camara: { purpose: "signup" },
    };
    const PURPOSES = { login: {}, signup: {} };
    for (const value of [COMPATIBILITY, JSON.stringify(COMPATIBILITY)]) {
      const { vonage, camara } = readConfig({ ...REAL, PURPOSES, COMPATIBILITY: value }).compatibility;
      expect(vonage.applications.get(APPLICATION_ID)).toMatchObject({
        purpose: "signup",
        publicKeys: { length: 1 },
      });
      expect(camara).toEqual({ purpose: "signup" });
    }
  });

  it.each([
    [{ telnyx: {} }, "COMPATIBILITY"],
    ["{", "COMPATIBILITY"],
    [{ camara: { purpose: "log-in" } }, "COMPATIBILITY.camara.purpose names no purpose: log-in."],
    [
      { vonage: { applications: { [APPLICATION_ID]: { purpose: "log-in", public_key: PUBLIC_KEY } } } },
      `COMPATIBILITY.vonage.applications.${APPLICATION_ID}.purpose names no purpose: log-in.`,
    ],
    [
      { vonage: { applications: { [APPLICATION_ID]: { public_key: "MIIB" } } } },
      `COMPATIBILITY.vonage.applications.${APPLICATION_ID}.public_key.0 is not a public key in PEM`,
    ],
    [{ twilio: { account_sid: "AC1" } }, "COMPATIBILITY.twilio.account_sid is not an account SID"],
    [{ twilio: { services: { VA1: "login" } } }, "COMPATIBILITY.twilio.services.VA1 is not a service SID"],
    [
      { twilio: { services: { [`VA${"0".repeat(32)}`]: "log-in" } } },
      `COMPATIBILITY.twilio.services.VA${"0".repeat(32)} names no purpose: log-in.`,
    ],
  ])("the compatible APIs %j stop the Worker with a sentence", (COMPATIBILITY, sentence) => {
    expect(errorOf({ COMPATIBILITY })).toContain(sentence);
  });

  it("without a table SIGN_IN there is no issuer, and .dev.vars may hold the table as JSON", () => {
    const none = { issuer: null, name: null, supportUrl: null, privacyUrl: null, turnstile: null };
    expect(readConfig(REAL).signIn).toEqual(none);
    const issuer = "https://login.example.com";
    expect(readConfig({ ...REAL, SIGN_IN: { issuer } }).signIn).toEqual({ ...none, issuer });
    expect(readConfig({ ...REAL, SIGN_IN: JSON.stringify({ issuer }) }).signIn).toEqual({ ...none, issuer });
    const more = { name: "Login", support_url: "https://a.example", privacy_url: "https://b.example" };
    expect(readConfig({ ...REAL, SIGN_IN: more }).signIn).toEqual({
      issuer: null,
      name: "Login",
      supportUrl: "https://a.example",
      privacyUrl: "https://b.example",
      turnstile: null,
    });
  });

  it.each([
    [{ issuer: "login.example.com" }, "SIGN_IN.issuer is not a URL."],
    [{ issuer: "http://login.example.com" }, "SIGN_IN.issuer would send secrets or codes unencrypted"],
    [{ issuer: "https://login.example.com/" }, "SIGN_IN.issuer is not an origin such as"],
    [{ issuer: "https://login.example.com/oauth" }, "SIGN_IN.issuer is not an origin such as"],
    [{ issuer: "https://login.example.com:443" }, "SIGN_IN.issuer is not an origin such as"],
    [{ issuer: "https://Login.example.com" }, "SIGN_IN.issuer is not an origin such as"],
    [{ issuer: "https://user@login.example.com" }, "SIGN_IN.issuer is not an origin such as"],
    [{ issuer: 1 }, "SIGN_IN.issuer"],
    [{ isuer: "https://login.example.com" }, "SIGN_IN"],
    [{ name: "" }, "SIGN_IN.name is empty."],
    [{ support_url: "http://a.example" }, "SIGN_IN.support_url is not an https address."],
    [{ privacy_url: "javascript:alert(1)" }, "SIGN_IN.privacy_url is not an https address."],
    ["{", "SIGN_IN"],
  ])("the table %j of SIGN_IN stops the Worker with a sentence", (SIGN_IN, sentence) => {
    expect(errorOf({ SIGN_IN })).toContain(sentence);
  });

  it("Turnstile needs both its keys, and test keys and another address only with a simulator", () => {
    const site = (turnstile_site_key: string) => ({ SIGN_IN: { turnstile_site_key } });
    const keys = { ...site("0x4AAAAAAADnPIDROrmt1Wwj"), TURNSTILE_SECRET_KEY: `0x4${"A".repeat(32)}` };
    expect(readConfig(REAL).signIn.turnstile).toBeNull();
    expect(readConfig({ ...REAL, ...keys }).signIn.turnstile).toEqual({
      siteKey: "0x4AAAAAAADnPIDROrmt1Wwj",
      secretKey: `0x4${"A".repeat(32)}`,
      simulatorUrl: null,
    });
    expect(errorOf({ ...keys, TURNSTILE_SECRET_KEY: "" })).toBe(
      "TURNSTILE_SECRET_KEY is missing: Turnstile needs both its keys.",
    );
    expect(errorOf({ ...keys, SIGN_IN: {} })).toBe(
      "SIGN_IN.turnstile_site_key is missing: Turnstile needs both its keys.",
    );
    const secret = "whsec_of another service";
    expect(errorOf({ ...keys, TURNSTILE_SECRET_KEY: secret })).toMatch(
      /^TURNSTILE_SECRET_KEY is not a secret/,
    );
    expect(errorOf({ ...keys, ...site("cli_1") })).toMatch(/^SIGN_IN.turnstile_site_key is not a site key/);
    const simulated = { TURNSTILE_BASE_URL: "http://127.0.0.1:8788" };
    const development = { WHATSAPP_BASE_URL: "http://127.0.0.1:8788" };
    const { passes, fails, third } = TEST_KEYS;
    for (const [changed, sentence] of [
      [site(passes.siteKey), "SIGN_IN.turnstile_site_key is a test key"],
      [site(third.siteKey), "SIGN_IN.turnstile_site_key is a test key"],
      [{ TURNSTILE_SECRET_KEY: passes.secretKey }, "TURNSTILE_SECRET_KEY is a test key"],
      [{ TURNSTILE_SECRET_KEY: fails.secretKey }, "TURNSTILE_SECRET_KEY is a test key"],
      [{ TURNSTILE_SECRET_KEY: third.secretKey }, "TURNSTILE_SECRET_KEY is a test key"],
      [simulated, "TURNSTILE_BASE_URL is the address of a simulator"],
    ] as const) {
      expect(errorOf({ ...keys, ...changed })).toContain(sentence);
      expect(errorOf({ ...keys, ...changed, ...development })).toBeNull();
    }
    const elsewhere = { TURNSTILE_BASE_URL: "https://challenges.example" };
    expect(errorOf({ ...keys, ...development, ...elsewhere })).toMatch(
      /^TURNSTILE_BASE_URL is not an address/,
    );
  });

  it("the prices are the team's, then Meta's rate card, in caps and statistics alike", () => {
    const { prices, guard } = readConfig({ ...REAL, PRICES: { ID: { authentication: 0.02 } } });
    expect(prices.ID?.authentication).toBe(0.02);
    expect(prices.BR?.authentication).toBe(0.0068);
    expect(guard.caps.prices).toBe(prices);
  });

  it("the prices of GUARD.caps still hold where PRICES is missing, and a log line says where they belong", () => {
    const GUARD = { caps: { prices: { ID: { authentication: 0.03 } } } };
    expect(readConfig({ ...REAL, GUARD }).prices.ID?.authentication).toBe(0.03);
    expect(logLines.join()).toContain("GUARD.caps.prices has moved to PRICES");
    const PRICES = { ID: { authentication: 0.02 } };
    expect(readConfig({ ...REAL, GUARD, PRICES }).prices.ID?.authentication).toBe(0.02);
  });

  it.each([
    [{ Indonesia: { authentication: 1 } }, "is neither a country's code such as GB nor default"],
    [{ ID: { "WhatsApp!": 1 } }, "is not a price category"],
    [{ ID: { authentication: -1 } }, "PRICES.ID.authentication is negative."],
  ])("the prices %j stop the Worker with a sentence", (PRICES, sentence) => {
    expect(errorOf({ PRICES })).toContain(sentence);
  });
});
