import { describe, expect, it } from "vitest";
import { messagesTo, newNumber, useDeployment } from "../../deployment.ts";
import { call, recordStarts, sentAnswer } from "./rig.ts";

const deployment = useDeployment();

interface Expected {
  readonly code: string;
  readonly purpose?: string;
  readonly locale?: string;
  readonly ip?: string;
}

/** What a platform sends for a number, and what it means. */
type Row = readonly [title: string, body: (to: string) => unknown, expected: Expected];

const bare = (to: string) => to.slice(1);

const supabaseUser = {
  id: "0b7e2e64-7a5c-4f5e-8f35-3f1e3d4f9a01",
  aud: "authenticated",
  role: "authenticated",
  email: "",
  app_metadata: {},
  user_metadata: {},
  factors: [],
  identities: [],
  created_at: "2026-11-30T10:00:00Z",
  updated_at: "2026-11-30T10:00:00Z",
  is_anonymous: false,
};
const supabaseMetadata = {
  uuid: "2c1f0a59-4e0b-4a5f-9d0e-7b7a5f0c1d22",
  time: "2026-11-30T10:00:00Z",
  name: "send-sms",
  ip_address: "203.0.113.9",
};

const zitadelContext = (eventType: string, to: string) => ({
  eventType,
  provider: { id: "298374", description: "Sandi" },
  recipientPhoneNumber: to,
});

const kratosBody = (to: string, type: string, codes: object, text: string) => ({
  recipient: to,
  template_type: type,
  to,
  recovery_code: null,
  recovery_url: null,
  verification_url: null,
  verification_code: null,
  subject: "",
  body: text,
  ...codes,
});

const cognitoBody = (to: string, triggerSource: string, attributes: object = {}) => ({
  id: crypto.randomUUID(),
  triggerSource: `CustomSMSSender_${triggerSource}`,
  userName: "ana",
  code: "482913",
  userAttributes: { sub: "5d0e", phone_number: to, phone_number_verified: "false", ...attributes },
});

const clerkSms = (to: string, fields: object) => ({
  object: "event",
  type: "sms.created",
  timestamp: 1_795_341_600_000,
  instance_id: "ins_2",
  data: {
    object: "sms_message",
    id: `sms_${crypto.randomUUID()}`,
    from_phone_number: "+15550100",
    to_phone_number: to,
    phone_number_id: "idn_1",
    user_id: "user_1",
    message: "482913 is your verification code for Example.\n\n@example.com #482913",
    status: "queued",
    slug: "verification_code",
    data: { otp_code: "482913" },
    delivered_by_clerk: false,
    ...fields,
  },
});

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  supabase: [
    [
      "a sign-in",
      (to) => ({
        metadata: supabaseMetadata,
        user: { ...supabaseUser, phone: bare(to), user_metadata: { locale: "pt-BR" } },
        sms: { otp: "561166", phone: bare(to) },
      }),
      { code: "561166", purpose: "login", locale: "pt-BR", ip: "203.0.113.9" },
    ],
    [
      "a second factor",
      (to) => ({
        metadata: { ...supabaseMetadata, uuid: crypto.randomUUID() },
        user: { ...supabaseUser, phone: "6281200000000" },
        sms: { otp: "0123456789", phone: bare(to), sms_type: "mfa" },
      }),
      { code: "0123456789", purpose: "login", ip: "203.0.113.9" },
    ],
    [
      "a server older than v2.187",
      (to) => ({ user: supabaseUser, sms: { otp: "561166", phone: bare(to) } }),
      { code: "561166", purpose: "login" },
    ],
  ],
  zitadel: [
    [
      "a one-time password of a session",
      (to) => ({
        contextInfo: zitadelContext("session.otp.sms.challenged", to),
        templateData: { title: "", text: "64883313 is your code.\n@id.test #64883313", subject: "" },
        args: { verifiedPhone: to, oTP: "64883313", origin: "https://id.test", expiry: 300_000_000_000 },
      }),
      { code: "64883313", purpose: "login" },
    ],
    [
      "a one-time password with both names",
      (to) => ({
        contextInfo: zitadelContext("user.human.mfa.otp.sms.code.added", to),
        args: { oTP: "64883313", code: "other" },
      }),
      { code: "64883313", purpose: "login" },
    ],
    [
      "a new phone",
      (to) => ({
        contextInfo: zitadelContext("user.human.phone.code.added", to),
        args: { code: "R3T5Z9" },
      }),
      { code: "R3T5Z9", purpose: "signup" },
    ],
    [
      "a password reset whose code is in the text only",
      (to) => ({
        contextInfo: zitadelContext("user.human.password.code.added", to),
        templateData: { text: "Your code: 7788\n\n@id.test #K4MPA2" },
        args: {},
      }),
      { code: "K4MPA2", purpose: "recovery" },
    ],
  ],
  kratos: [
    [
      "a log-in by docs/compatibility/kratos.jsonnet",
      (to) => ({
        recipient: to,
        template_type: "login_code_valid",
        template_data: {
          to,
          login_code: "482913",
          identity: { id: "1" },
          request_url: "https://id.test",
          transient_payload: { locale: "id" },
          expires_in_minutes: 60,
        },
        body: "Your login code is: 482913",
      }),
      { code: "482913", purpose: "login", locale: "id" },
    ],
    [
      "a registration by docs/compatibility/kratos.jsonnet",
      (to) => ({
        recipient: to,
        template_type: "registration_code_valid",
        template_data: { registration_code: "113355" },
      }),
      { code: "113355", purpose: "signup" },
    ],
    [
      "a recovery by docs/compatibility/kratos.jsonnet",
      (to) => ({
        recipient: to,
        template_type: "recovery_code_valid",
        template_data: { verification_code: "224466" },
      }),
      { code: "224466", purpose: "recovery" },
    ],
    [
      "a recovery with the code of e-mail",
      (to) => ({
        recipient: to,
        template_type: "recovery_code_valid",
        template_data: { recovery_code: "224467" },
      }),
      { code: "224467", purpose: "recovery" },
    ],
    [
      "a verification by the default body",
      (to) => kratosBody(to, "verification_code_valid", { verification_code: "135791" }, "Your code"),
      { code: "135791", purpose: "signup" },
    ],
    [
      "a recovery by the default body",
      (to) => kratosBody(to, "recovery_code_valid", { recovery_code: "135792" }, "Your code"),
      { code: "135792", purpose: "recovery" },
    ],
    [
      "a log-in by the default body, whose text ends with a domain and the code",
      (to) => kratosBody(to, "login_code_valid", {}, "Your login code is: 1\n\n@id.test #482914\n"),
      { code: "482914", purpose: "login" },
    ],
    [
      "a log-in by the default body without a domain",
      (to) => kratosBody(to, "login_code_valid", {}, "Your login code is: 482915\n"),
      { code: "482915", purpose: "login" },
    ],
  ],
  logto: [
    ...(
      [
        ["SignIn", "login"],
        ["Register", "signup"],
        ["BindNewIdentifier", "signup"],
        ["BindMfa", "signup"],
        ["ForgotPassword", "recovery"],
        ["Generic", "login"],
        ["MfaVerification", "login"],
        ["UserPermissionValidation", "login"],
      ] as const
    ).map(
      ([type, purpose]): Row => [
        type,
        (to) => ({
          to: bare(to),
          type,
          payload: { code: "482913", locale: "pt-BR", uiLocales: "pt-BR en", application: { id: "a" } },
          ip: "2001:db8::1",
        }),
        { code: "482913", purpose, locale: "pt-BR", ip: "2001:db8::1" },
      ],
    ),
    [
      "a number with its plus",
      (to) => ({ to, type: "SignIn", payload: { code: "482913" } }),
      { code: "482913", purpose: "login" },
    ],
  ],
  fusionauth: [
    [
      "an SMS",
      (to) => ({
        type: "SMS",
        code: "482913",
        phoneNumber: to,
        textMessage: "Your code is 482913",
        userId: "b0",
      }),
      { code: "482913", purpose: "login" },
    ],
    [
      "a call",
      (to) => ({ type: "Voice", code: "482913", locale: "de_CH", message: "4 8 2", phoneNumber: to }),
      { code: "482913", purpose: "login", locale: "de-CH" },
    ],
  ],
  auth0: (
    [
      ["otp_verify", "login"],
      ["otp_enroll", "signup"],
      ["change_password", "recovery"],
      ["blocked_account", "login"],
    ] as const
  ).map(([type, purpose]) => [
    type,
    (to) => ({
      recipient: to,
      code: "482913",
      message_type: type,
      delivery_method: "text",
      locale: "en_US",
      ip: "203.0.113.7",
    }),
    { code: "482913", purpose, locale: "en-US", ip: "203.0.113.7" },
  ]),
  cognito: (
    [
      ["SignUp", "signup"],
      ["ResendCode", "signup"],
      ["VerifyUserAttribute", "signup"],
      ["UpdateUserAttribute", "signup"],
      ["ForgotPassword", "recovery"],
      ["Authentication", "login"],
      ["AdminCreateUser", "login"],
    ] as const
  ).map(([trigger, purpose]) => [
    trigger,
    (to) => cognitoBody(to, trigger, { locale: "id" }),
    { code: "482913", purpose, locale: "id" },
  ]),
  clerk: [
    ["a verification", (to) => clerkSms(to, {}), { code: "482913", purpose: "login" }],
    [
      "a password reset whose code is in the text only",
      (to) => clerkSms(to, { slug: "reset_password_code", data: null }),
      { code: "482913", purpose: "recovery" },
    ],
  ],
  authgear: (
    [
      ["authenticate_primary_oob_sms.txt", "login"],
      ["authenticate_secondary_oob_sms.txt", "login"],
      ["setup_primary_oob_sms.txt", "signup"],
      ["setup_secondary_oob_sms.txt", "signup"],
      ["verification_sms.txt", "signup"],
      ["forgot_password_oob_sms.txt", "recovery"],
    ] as const
  ).map(([template, purpose]) => [
    template,
    (to) => ({
      to,
      body: "482913 is your code",
      app_id: "example",
      template_name: template,
      language_tag: "zh-HK",
      template_variables: { code: "482913", app_name: "Example" },
    }),
    { code: "482913", purpose, locale: "zh-HK" },
  ]),
};

describe.each(Object.entries(ROWS))("POST /hooks/%s", (platform, rows) => {
  it.each(rows)("sends the code of: %s", async (_, body, expected) => {
    const starts = recordStarts();
    const to = newNumber();
    const answer = await call(platform, body(to));
    expect([answer.status, answer.text]).toEqual([200, sentAnswer(platform)]);
    expect(answer.headers.get("content-type")).toBe("application/json");
    const { code, purpose = "login", locale = null, ip = null } = expected;
    expect(starts).toMatchObject([
      { to, code, purpose, locale, via: platform, codeCheckedBy: "caller", asker: { client: { ip } } },
    ]);
    expect((await messagesTo(deployment, to)).map((message) => message.code)).toEqual([code]);
  });
});

describe("POST /hooks/clerk", () => {
  it.each([
    ["a message that Clerk delivers", (to: string) => clerkSms(to, { delivered_by_clerk: true })],
    ["another event", (to: string) => ({ ...clerkSms(to, {}), type: "user.created" })],
  ])("sends nothing for %s", async (_, body) => {
    expect((await call("clerk", body(newNumber()))).status).toBe(200);
    expect(deployment.graphCalls).toEqual([]);
  });
});
