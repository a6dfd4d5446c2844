import type { Answers } from "./example.ts";

const UNRATED = { quality: "UNKNOWN", rejected_reason: null, header: null };
const PARAMETERS = { name: "Ana", order: "A-77" };
const ENGLISH = "Hi {{name}}, your order {{order}} has been shipped and is on its way to you.";

const SHIPPING_UPDATE = {
  name: "shipping_update",
  category: "utility",
  time_to_live_seconds: 2_592_000,
  add_security_recommendation: null,
  code_expiration_minutes: null,
  languages: {
    en_US: {
      status: "APPROVED",
      id: "700002830339124",
      ...UNRATED,
      body: ENGLISH,
      footer: null,
      buttons: [],
      examples: PARAMETERS,
    },
  },
  parameters: ["name", "order"],
};

const COPY_CODE = {
  type: "url",
  text: "Copy code",
  url: "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
};
const CODE = {
  name: "login_code",
  category: "authentication",
  time_to_live_seconds: 600,
  add_security_recommendation: true,
  code_expiration_minutes: 5,
  languages: {
    en_US: {
      status: "PENDING",
      id: "700003950054477",
      ...UNRATED,
      body: "*{{1}}* is your verification code. For your security, do not share this code.",
      footer: "This code expires in 5 minutes.",
      buttons: [COPY_CODE],
      examples: { "1": "123456" },
    },
  },
  parameters: [],
};

export const templateAnswers = {
  listTemplates: { 200: { data: [SHIPPING_UPDATE], next: null } },
  syncTemplates: {
    200: {
      added: [],
      changed: [{ template: "shipping_update", language: "en_US", before: "PENDING", after: "APPROVED" }],
      removed: [],
    },
  },
  setUpTemplates: {
    200: {
      data: [
        {
          template: "shipping_update",
          language: "en_US",
          asked: true,
          waiting: false,
          status: "PENDING",
          detail: null,
        },
      ],
    },
  },
  getTemplate: { 200: SHIPPING_UPDATE },
  putTemplate: { 200: CODE },
  deleteTemplate: {
    200: {
      name: "shipping_update",
      warning:
        "If it was approved, WhatsApp does not accept its name for 30 days. Create its successor under another name.",
    },
  },
  previewTemplate: {
    200: {
      template: "shipping_update",
      language: "en_US",
      header: null,
      body: "Hi Ana, your order A-77 has been shipped and is on its way to you.",
      footer: null,
      buttons: [],
    },
  },
} satisfies Answers;
