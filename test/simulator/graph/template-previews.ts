import * as z from "zod";
import { authenticationBody, authenticationFooter } from "../templates/authentication.ts";
import { authenticationText, STARTING_LANGUAGES } from "../templates/languages.ts";
import { validated } from "./request-body.ts";
import { templateLanguage, word } from "./template-request.ts";

/** Languages by comma. Meta's page has `language` in its syntax and `languages` in its example. */
const languages = z
  .string()
  .transform((list) => list.split(",").map((language) => language.trim()))
  .pipe(z.array(templateLanguage))
  .optional();

const previewQuery = z.object({
  category: word("AUTHENTICATION"),
  language: languages,
  languages,
  add_security_recommendation: z.stringbool().default(false),
  code_expiration_minutes: z.coerce.number().int().min(1).max(90).optional(),
  button_types: word("OTP"),
});

/** `data` of `GET /{business account}/message_template_previews`: what Meta's fixed words would be. */
export function templatePreviews(query: Record<string, string>): object[] {
  const asked = validated(query, previewQuery);
  return (asked.languages ?? asked.language ?? STARTING_LANGUAGES).map((language) => {
    const { autofill, button } = authenticationText(language);
    const minutes = asked.code_expiration_minutes;
    return {
      body: authenticationBody(language, asked.add_security_recommendation),
      buttons: [{ autofill_text: autofill, text: button }],
      footer: minutes === undefined ? undefined : authenticationFooter(language, minutes),
      language,
    };
  });
}
