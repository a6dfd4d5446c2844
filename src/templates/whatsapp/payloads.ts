import type { AuthenticationDraft } from "../draft.ts";
import { addressParameter, isPositional, placeholdersIn, replacePlaceholders } from "../parameters.ts";
import type { TemplateButton } from "../template.ts";
import type { UtilityTexts } from "../utility-rules.ts";
import { type ListedTemplate, settingsIn, type Texts, textsIn } from "./listing.ts";

/** The body of `upsert_message_templates`. The button has no text here, because WhatsApp supplies it. */
export function upsertPayload(name: string, draft: AuthenticationDraft) {
  const { button, supported_apps: apps, code_expiration_minutes: minutes } = draft;
  const otp = {
    type: "OTP",
    otp_type: button.toUpperCase(),
    ...(button === "copy_code" ? {} : { supported_apps: apps }),
    ...(button === "zero_tap" ? { zero_tap_terms_accepted: draft.zero_tap_terms_accepted } : {}),
  };
  return {
    name,
    category: "AUTHENTICATION",
    languages: draft.languages,
    message_send_ttl_seconds: draft.message_send_ttl_seconds,
    components: [
      { type: "BODY", add_security_recommendation: draft.add_security_recommendation },
      ...(minutes === null ? [] : [{ type: "FOOTER", code_expiration_minutes: minutes }]),
      { type: "BUTTONS", buttons: [otp] },
    ],
  };
}

/** The body of `message_templates`. */
export function createPayload(name: string, language: string, texts: UtilityTexts, ttlSeconds?: number) {
  return { name, language, category: "UTILITY", ...editPayload(texts, ttlSeconds) };
}

/**
 * The body of an edit, which replaces all components. That an edit accepts the other two fields is
 * unconfirmed.
 */
export function editPayload(texts: UtilityTexts, ttlSeconds?: number) {
  const { header = "", body } = texts;
  const positional = placeholdersIn(header + body).every(isPositional);
  return {
    parameter_format: positional ? "POSITIONAL" : "NAMED",
    ...(ttlSeconds === undefined ? {} : { message_send_ttl_seconds: ttlSeconds }),
    components: toComponents(texts),
  };
}

/** A template's components (Cloud API, "Template components"). */
function toComponents({ header, body, footer, buttons, examples }: UtilityTexts) {
  const inBody = placeholdersIn(body);
  return [
    ...(header === undefined
      ? []
      : [{ type: "HEADER", format: "TEXT", text: header, ...exampleOf("header", header, examples) }]),
    { type: "BODY", text: body, ...exampleOf("body", body, examples) },
    ...(footer === undefined ? [] : [{ type: "FOOTER", text: footer }]),
    ...(buttons.length === 0
      ? []
      : [{ type: "BUTTONS", buttons: buttons.map((button) => toButton(button, inBody, examples)) }]),
  ];
}

type Examples = UtilityTexts["examples"];

function exampleOf(part: "header" | "body", text: string, examples: Examples): { example?: object } {
  const names = placeholdersIn(text);
  if (names.length === 0) return {};
  if (!names.every(isPositional)) {
    const named = names.map((name) => ({ param_name: name, example: examples[name] }));
    return { example: { [`${part}_text_named_params`]: named } };
  }
  const values = names.toSorted((a, b) => Number(a) - Number(b)).map((name) => examples[name]);
  // `body_text` is a list of example sets.
  return { example: { [`${part}_text`]: part === "body" ? [values] : values } };
}

function toButton({ type, url, ...rest }: TemplateButton, inBody: readonly string[], examples: Examples) {
  const button = { type: type.toUpperCase(), ...rest };
  if (url === undefined) return button;
  const name = addressParameter(url, inBody, examples);
  if (name === null) return { ...button, url };
  const example = replacePlaceholders(url, () => examples[name] ?? "");
  return { ...button, url: withUrlPlaceholder(url), example: [example] };
}

/** The URL as WhatsApp stores it: its parameter is always called `{{1}}`. */
export function withUrlPlaceholder(url: string): string {
  return replacePlaceholders(url, () => "{{1}}");
}

/**
 * Whether a listed authentication template matches the draft. WhatsApp does not list a template's apps, so
 * only templates with a copy-code button can be compared.
 */
export function matchesDraft(
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

/** Whether a listed utility template has the same texts and time to live. */
export function hasSameTexts(
  { components, message_send_ttl_seconds: ttl }: ListedTemplate,
  texts: UtilityTexts,
  ttlSeconds: number | undefined,
): boolean {
  return summary(textsIn(components)) === summary(textsFromDraft(texts)) && (ttlSeconds ?? ttl) === ttl;
}

/** A draft's texts in the form stored in KV. */
export function textsFromDraft({ header, body, footer, buttons, examples }: UtilityTexts): Texts {
  return { header: header ?? null, body, footer: footer ?? null, buttons: [...buttons], examples };
}

function summary({ header, body, footer, buttons }: Texts): string {
  const plain = buttons.map(({ type, text, url = "", phone_number = "" }) => [
    type,
    text,
    withUrlPlaceholder(url),
    phone_number,
  ]);
  return JSON.stringify([header, body, footer, plain]);
}
