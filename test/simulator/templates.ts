import { authenticationText, STARTING_LANGUAGES } from "./languages.ts";

/** What the Graph API knows as a template's status, as far as a send depends on it. */
export type TemplateStatus = "APPROVED" | "PENDING" | "REJECTED" | "PAUSED" | "DISABLED";

/** An authentication template as the Graph API reads it back: its OTP button has become a URL button. */
export interface Template {
  id: string;
  name: string;
  language: string;
  status: TemplateStatus;
  category: "AUTHENTICATION";
  parameter_format: "POSITIONAL";
  components: TemplateComponent[];
  message_send_ttl_seconds: number;
}

export type TemplateComponent =
  | { type: "BODY"; text: string; add_security_recommendation: boolean; example: { body_text: string[][] } }
  | { type: "FOOTER"; text: string; code_expiration_minutes: number }
  | { type: "BUTTONS"; buttons: { type: "URL"; text: string; url: string; example: string[] }[] };

/** What a business may choose of an authentication template; the rest is WhatsApp's. */
export interface AuthenticationTemplateChoice {
  name: string;
  language: string;
  securityRecommendation: boolean;
  /** 1 to 90; null leaves the footer out. */
  expirationMinutes: number | null;
  otpType: "COPY_CODE" | "ONE_TAP" | "ZERO_TAP";
  /** Null takes WhatsApp's label in the template's language. */
  buttonText: string | null;
  sendTtlSeconds: number;
}

const EXAMPLE_CODE = "123456";

/** Builds a template as WhatsApp stores it, approved at once. */
export function authenticationTemplate(id: string, choice: AuthenticationTemplateChoice): Template {
  const text = authenticationText(choice.language);
  const body = text.body.replace("{{1}}", "*{{1}}*");
  const url = `https://www.whatsapp.com/otp/code/?otp_type=${choice.otpType}&code=otp`;
  const components: TemplateComponent[] = [
    {
      type: "BODY",
      text: choice.securityRecommendation ? `${body} ${text.security}` : body,
      add_security_recommendation: choice.securityRecommendation,
      example: { body_text: [[EXAMPLE_CODE]] },
    },
  ];
  if (choice.expirationMinutes !== null) {
    components.push({
      type: "FOOTER",
      text: text.footer.replace("{{minutes}}", String(choice.expirationMinutes)),
      code_expiration_minutes: choice.expirationMinutes,
    });
  }
  components.push({
    type: "BUTTONS",
    buttons: [
      {
        type: "URL",
        text: choice.buttonText ?? text.button,
        url: `${url}{{1}}`,
        example: [`${url}${EXAMPLE_CODE}`],
      },
    ],
  });
  return {
    id,
    name: choice.name,
    language: choice.language,
    status: "APPROVED",
    category: "AUTHENTICATION",
    parameter_format: "POSITIONAL",
    components,
    message_send_ttl_seconds: choice.sendTtlSeconds,
  };
}

/** The templates a fresh simulator has: `verification_code` in every language it has wording for. */
export function startingTemplates(): Template[] {
  return STARTING_LANGUAGES.map((language, index) =>
    authenticationTemplate(String(594_425_479_261_000 + index), {
      name: "verification_code",
      language,
      securityRecommendation: true,
      expirationMinutes: 5,
      otpType: "COPY_CODE",
      buttonText: null,
      sendTtlSeconds: 300,
    }),
  );
}

/** What the user's phone shows of one message. */
export interface RenderedMessage {
  body: string;
  footer: string | null;
  button: string;
}

/** Fills a template with the code, as the user will see it. */
export function render(template: Template, code: string): RenderedMessage {
  const rendered: RenderedMessage = { body: "", footer: null, button: "" };
  for (const component of template.components) {
    if (component.type === "BODY") {
      // A function, because a code may contain `$&`, which a replacement string would interpret.
      rendered.body = component.text.replace("*{{1}}*", () => code);
    } else if (component.type === "FOOTER") {
      rendered.footer = component.text;
    } else {
      rendered.button = component.buttons[0]?.text ?? "";
    }
  }
  return rendered;
}
