import { chooseLanguage } from "../numbering/locale.ts";
import { addressParameter, placeholdersIn, replacePlaceholders } from "./parameters.ts";
import type { Template, TemplateButton, TemplateLanguage } from "./template.ts";
import type { WhatsAppTemplates } from "./whatsapp/client.ts";

/** A template as the recipient sees it. */
export interface Preview {
  readonly template: string;
  readonly language: string;
  readonly header: string | null;
  readonly body: string;
  readonly footer: string | null;
  readonly buttons: readonly TemplateButton[];
}

/**
 * Previews a template in the language that suits the locale best, approved or not: an authentication template
 * in WhatsApp's own text, others with their example values. Null when the text is unknown.
 */
export async function preview(
  template: Template,
  locale: string,
  whatsApp: WhatsAppTemplates,
): Promise<Preview | null> {
  const available = Object.keys(template.languages);
  const language = chooseLanguage(locale, available) ?? available[0] ?? null;
  const texts = language === null ? undefined : template.languages[language];
  if (language === null || texts === undefined) return null;
  const shown = { template: template.name, language };
  if (template.category !== "authentication")
    return texts.body === null ? null : { ...shown, ...filled(texts, texts.body) };
  const text = await whatsApp.preview(language, template);
  if (text === null) return null;
  const { body, footer = null, buttons } = text;
  return {
    ...shown,
    header: null,
    body,
    footer,
    buttons: buttons.map(({ text }) => ({ type: "otp", text })),
  };
}

function filled({ header, footer, buttons, examples }: TemplateLanguage, body: string) {
  const fill = (text: string) => replacePlaceholders(text, (name) => examples[name] ?? `{{${name}}}`);
  const names = placeholdersIn(body);
  return {
    header: header && fill(header),
    body: fill(body),
    footer,
    buttons: buttons.map((button) => {
      const name = addressParameter(button.url, names, examples);
      if (name === null || button.url === undefined) return button;
      return { ...button, url: replacePlaceholders(button.url, () => examples[name] ?? `{{${name}}}`) };
    }),
  };
}
