import type { AuthenticationDraft } from "../drafts/authentication.ts";
import type { UtilityTexts } from "../drafts/utility-rules.ts";
import { settingsIn, type Texts, textsIn } from "./components.ts";
import type { ListedTemplate } from "./listing.ts";
import { asWhatsAppKeeps } from "./payloads.ts";

/**
 * Whether an authentication template is in a language as a team wants it. Which apps it knows is not listed, so
 * that only the button without any can be compared.
 */
export function isAsWanted(
  { components, message_send_ttl_seconds: ttl }: ListedTemplate,
  draft: AuthenticationDraft,
): boolean {
  const { add_security_recommendation: security, code_expiration_minutes: minutes } = settingsIn(components);
  const [button] = textsIn(components).buttons;
  return (
    draft.button === "copy_code" &&
    button?.url?.includes("otp_type=COPY_CODE") === true &&
    security === draft.add_security_recommendation &&
    minutes === draft.code_expiration_minutes &&
    ttl === draft.message_send_ttl_seconds
  );
}

/** Whether a utility template says in a language what a team wants it to. */
export function saysTheSame(
  { components, message_send_ttl_seconds: ttl }: ListedTemplate,
  texts: UtilityTexts,
  ttlSeconds: number | undefined,
): boolean {
  return summary(textsIn(components)) === summary(toTexts(texts)) && (ttlSeconds ?? ttl) === ttl;
}

/** What a team wants a template to say, as KV holds it. */
export function toTexts({ header, body, footer, buttons, examples }: UtilityTexts): Texts {
  return { header: header ?? null, body, footer: footer ?? null, buttons: [...buttons], examples };
}

function summary({ header, body, footer, buttons }: Texts): string {
  const plain = buttons.map(({ type, text, url = "", phone_number = "" }) => [
    type,
    text,
    asWhatsAppKeeps(url),
    phone_number,
  ]);
  return JSON.stringify([header, body, footer, plain]);
}
