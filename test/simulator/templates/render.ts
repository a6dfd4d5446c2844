import { filled } from "./placeholders.ts";
import { buttonsOf, type Template, type TemplateButton, textOf } from "./template.ts";

/** The values of a template's variables, by name. */
export interface TemplateValues {
  header: ReadonlyMap<string, string>;
  body: ReadonlyMap<string, string>;
  /** By a button's index: the end of its URL, or the payload of a quick reply. */
  buttons: ReadonlyMap<number, string>;
}

/** A message as the phone shows it. */
export interface RenderedMessage {
  header: string | null;
  body: string;
  footer: string | null;
  buttons: ShownButton[];
}

export type ShownButton =
  | { type: "copy_code"; text: string }
  | { type: "quick_reply"; text: string; payload: string }
  /** WhatsApp's own, below a request for the user's number. */
  | { type: "share_number"; text: string }
  | { type: "url"; text: string; url: string }
  | { type: "phone_number"; text: string; phone_number: string };

/** Fills the variables of a template. */
export function render(template: Template, values: TemplateValues): RenderedMessage {
  const header = textOf(template, "HEADER");
  // WhatsApp adds the asterisks around the code of an authentication template for bold text.
  const body = (textOf(template, "BODY") ?? "").replace("*{{1}}*", "{{1}}");
  return {
    header: header === null ? null : filled(header, values.header),
    body: filled(body, values.body),
    footer: textOf(template, "FOOTER"),
    buttons:
      template.category === "AUTHENTICATION"
        ? buttonsOf(template).map(({ text }) => ({ type: "copy_code", text }))
        : buttonsOf(template).map((button, index) => shownButton(button, values.buttons.get(index))),
  };
}

/** The text of a message without its buttons. */
export function visibleText({ header, body, footer }: RenderedMessage): string {
  return [header, body, footer].filter((part) => part !== null).join("\n");
}

function shownButton(button: TemplateButton, value: string | undefined): ShownButton {
  const { text } = button;
  switch (button.type) {
    case "QUICK_REPLY":
      return { type: "quick_reply", text, payload: value ?? text };
    case "URL":
      return { type: "url", text, url: filled(button.url, new Map([["1", value ?? ""]])) };
    case "PHONE_NUMBER":
      return { type: "phone_number", text, phone_number: button.phone_number };
  }
}
