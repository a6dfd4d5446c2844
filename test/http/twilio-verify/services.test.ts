import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../../src/config.ts";
import { accountSidOf } from "../../../src/http/twilio-verify/spelling.ts";
import { DEFAULT_APP } from "../../../src/ids/app-name.ts";
import type { Caller } from "../../../src/keys/caller.ts";
import { newNumber, useDeployment } from "../../deployment.ts";
import { ACCOUNT, basic, CONFIGURED_SERVICE, create, twilio } from "./rig.ts";

useDeployment();

/** By `printf 'sandi service login' | sha256sum`. */
const DERIVED = {
  login: "VA6b5322710689946a0796fd9c86939044",
  signup: "VAd442c52478e62840877cf1ec14abe294",
};

describe("The services of Twilio", () => {
  it.each(["login", DERIVED.login, CONFIGURED_SERVICE])(
    "a purpose is the service %s, and answers spell it alike",
    async (sid) => {
      const { status, body } = await twilio("GET", `/Services/${sid}`);
      expect([status, body]).toEqual([
        200,
        {
          sid,
          account_sid: ACCOUNT,
          friendly_name: "login",
          code_length: 6,
          psd2_enabled: false,
          custom_code_enabled: true,
          lookup_enabled: false,
          skip_sms_to_landlines: false,
          dtmf_input_required: false,
          do_not_share_warning_enabled: false,
          verify_event_subscription_enabled: false,
          tts_name: null,
          default_template_sid: null,
          push: {},
          totp: {},
          whatsapp: {},
          passkeys: {},
          date_created: null,
          date_updated: null,
          url: `https://sandi.test/twilio/v2/Services/${sid}`,
          links: {},
        },
      ]);
      const started = await create({ To: newNumber() }, sid);
      expect([started.status, started.body.service_sid]).toEqual([201, sid]);
    },
  );

  it("a list has every purpose on one page, by its configured SID or else the derived one", async () => {
    const { status, body } = await twilio("GET", "/Services?PageSize=20&Page=0");
    expect(status).toBe(200);
    const names = [...readConfig(env).policies.keys()];
    expect(body.services.map((service: Record<string, unknown>) => service.friendly_name)).toEqual(names);
    const [login, signup, , transaction] = body.services;
    expect([login.sid, signup.sid]).toEqual([CONFIGURED_SERVICE, DERIVED.signup]);
    expect(transaction.psd2_enabled).toBe(true);
    const url = "https://sandi.test/twilio/v2/Services?PageSize=20&Page=0";
    expect(body.meta).toEqual({
      key: "services",
      page: 0,
      page_size: 20,
      first_page_url: url,
      previous_page_url: null,
      url,
      next_page_url: null,
    });
  });

  it("a service that is no purpose is not found", async () => {
    const { status, body } = await twilio("GET", `/Services/VA${"0".repeat(32)}`);
    expect([status, body.code]).toEqual([404, 20404]);
  });

  it.each([
    ["POST", "/Services", "PURPOSES"],
    ["POST", "/Services/login", "PURPOSES"],
    ["DELETE", "/Services/login", "PURPOSES"],
    ["POST", "/Services/login/RateLimits", "GUARD.named_limits"],
    ["GET", "/Services/login/RateLimits/RK0/Buckets", "GUARD.named_limits"],
    ["GET", "/Services/login/MessagingConfigurations/ID", "wrangler.toml"],
    ["GET", "/SafeList/Numbers", "wrangler.toml"],
    ["GET", "/Templates", "/v1/templates"],
    ["POST", "/Services/login/Webhooks", "/v1/webhook-endpoints"],
    ["GET", "/Services/login/Entities/e1/Factors", "codes over WhatsApp and SMS"],
    ["POST", "/Services/login/Passkeys/Factors", "codes over WhatsApp and SMS"],
    ["POST", "/Services/login/AccessTokens", "codes over WhatsApp and SMS"],
    ["GET", `/Attempts/VL${"0".repeat(32)}`, "/Attempts?VerificationSid="],
    ["GET", "/Forms/form-push", "There is no GET here."],
  ] as const)("%s %s is not found, and the error names what serves the need", async (method, path, named) => {
    const { status, body } = await twilio(method, path, method === "POST" ? {} : undefined);
    expect([status, body.code]).toEqual([404, 20404]);
    expect(body.message).toContain(named);
  });
});

describe("The account that answers show", () => {
  const caller: Caller = {
    id: "key_1",
    name: "k",
    scopes: [],
    app: DEFAULT_APP,
    reach: DEFAULT_APP,
  };
  const request = (user: string) => new Request("https://sandi.test", { headers: basic("k", user) });
  const configured = `AC${"1".repeat(32)}`;

  it("is the user name where that is the SID of an account", () => {
    expect(accountSidOf(request(ACCOUNT), configured, caller)).toBe(ACCOUNT);
  });

  it.each(["SK1", "", "AC<script>", "sandi"])("is the configured one for the user name %j", (user) => {
    expect(accountSidOf(request(user), configured, caller)).toBe(configured);
  });

  it("is derived from the key where none is configured", () => {
    const derived = accountSidOf(request("SK1"), null, caller);
    expect(derived).toMatch(/^AC[0-9a-f]{32}$/);
    expect(accountSidOf(request("SK2"), null, caller)).toBe(derived);
    expect(accountSidOf(request("SK1"), null, { ...caller, id: "key_2" })).not.toBe(derived);
  });
});
