import { authenticationText, STARTING_LANGUAGES } from "./languages.ts";
import type { Template, TemplateComponent, TemplateStatus } from "./template.ts";

/** The options of an authentication template; WhatsApp fixes the rest. */
export interface AuthenticationTemplateChoice {
  name: string;
  language: string;
  securityRecommendation: boolean;
  /** 1 to 90; null leaves the footer out. */
  expirationMinutes: number | null;
  otpType: "COPY_CODE" | "ONE_TAP" | "ZERO_TAP";
  /** Null for WhatsApp's label in the template's language. */
  buttonText: string | null;
  sendTtlSeconds: number;
}

const EXAMPLE_CODE = "123456";

/** Builds a template as WhatsApp stores it. */
export function authenticationTemplate(
  id: string,
  choice: AuthenticationTemplateChoice,
  status: TemplateStatus,
): Template {
  const { securityRecommendation, expirationMinutes } = choice;
  const text = authenticationText(choice.language);
  const url = `https://www.whatsapp.com/otp/code/?otp_type=${choice.otpType}&code=otp`;
  const components: TemplateComponent[] = [
    {
      type: "BODY",
      text: authenticationBody(choice.language, securityRecommendation),
      add_security_recommendation: securityRecommendation,
      example: { body_text: [[EXAMPLE_CODE]] },
    },
  ];
  if (expirationMinutes !== null) {
    components.push({
      type: "FOOTER",
      text: authenticationFooter(choice.language, expirationMinutes),
      code_expiration_minutes: expirationMinutes,
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
    status,
    category: "AUTHENTICATION",
    parameter_format: "POSITIONAL",
    components,
    message_send_ttl_seconds: choice.sendTtlSeconds,
    rejected_reason: "NONE",
    quality_score: { score: "UNKNOWN" },
  };
}

/** The fixed body of a language; the asterisks make the code bold. */
export function authenticationBody(language: string, securityRecommendation: boolean): string {
  const text = authenticationText(language);
  const body = text.body.replace("{{1}}", "*{{1}}*");
  return securityRecommendation ? `${body} ${text.security}` : body;
}

/** The fixed footer of a language. */
export function authenticationFooter(language: string, expirationMinutes: number): string {
  return authenticationText(language).footer.replace("{{minutes}}", String(expirationMinutes));
}

/** The initial templates: `verification_code` in every language with a known wording. */
export function startingTemplates(): Template[] {
  return STARTING_LANGUAGES.map((language, index) =>
    authenticationTemplate(
      String(594_425_479_261_000 + index),
      {
        name: "verification_code",
        language,
        securityRecommendation: true,
        expirationMinutes: 5,
        otpType: "COPY_CODE",
        buttonText: null,
        sendTtlSeconds: 300,
      },
      "APPROVED",
    ),
  );
}
