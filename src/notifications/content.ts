import {
  buttonsPayload,
  type FilledComponent,
  type Payload,
  templatePayload,
  textPayload,
} from "../channels/whatsapp/payload.ts";
import type { NotificationId } from "../ids/notification-id.ts";
import { countryOf, type E164 } from "../numbering/e164.ts";
import { localeOfCountry } from "../numbering/locale.ts";
import type { Keyring } from "../platform/keyring.ts";
import { log } from "../platform/log.ts";
import type { Fault } from "../platform/problem.ts";
import { fillTemplate } from "../templates/parameters.ts";
import type { TemplateStore } from "../templates/store.ts";
import { fromFormerContent } from "./former-state.ts";
import type { NotificationContent, NotificationJob } from "./notification.ts";

/** A template and its parameters, as requested. */
export interface TemplateRequest {
  readonly to: E164;
  readonly template: string;
  /** The user's language; null selects that of their country, else the deployment's default. */
  readonly locale: string | null;
  readonly parameters: Readonly<Record<string, string>>;
}

export type ComposedTemplate =
  | {
      readonly kind: "template";
      readonly name: string;
      readonly language: string;
      readonly components: readonly FilledComponent[];
    }
  /** JSON pointers start with `/template` or `/parameters`. */
  | { readonly kind: "faults"; readonly faults: readonly Fault[] };

/**
 * Chooses the template's language and fills its parameters, or lists every fault that would keep WhatsApp
 * from sending it.
 */
export async function composeFromTemplate(
  { to, template: name, locale, parameters }: TemplateRequest,
  templates: Pick<TemplateStore, "textsOf">,
  defaultLocale: string,
): Promise<ComposedTemplate> {
  const tag = locale ?? localeOfCountry(countryOf(to)) ?? defaultLocale;
  const found = await templates.textsOf(name, tag);
  if (found === null) {
    return faulty("No template of this name has an approved language that suits the user.");
  }
  if (found.category === "authentication") {
    return faulty("This is an authentication template, which only a verification can send.");
  }
  const filled = fillTemplate(found.texts, parameters);
  if (filled.kind === "faults") return filled;
  return { kind: "template", name, language: found.language, components: filled.components };
}

function faulty(detail: string): ComposedTemplate {
  return { kind: "faults", faults: [{ pointer: "/template", detail }] };
}

/** Encrypts a notification's content, bound to its id. */
export function sealContent(keyring: Keyring, id: NotificationId, content: NotificationContent): string {
  return keyring.seal(JSON.stringify(content), id);
}

/** Decrypts content; null when its key is no longer configured. */
export function openContent(
  keyring: Keyring,
  { id, sealed }: Pick<NotificationJob, "id" | "sealed">,
): NotificationContent | null {
  try {
    // Content that decrypts under our key was written by sealContent.
    return fromFormerContent(JSON.parse(keyring.open(sealed, id)));
  } catch (error) {
    log("error", "Notification content cannot be decrypted", { error: String(error) });
    return null;
  }
}

/** The WhatsApp payload of a notification. Its id is the callback data. */
export function payloadOf(id: NotificationId, { to, message }: NotificationContent): Payload {
  const address = { to, callbackData: id };
  if (message.kind === "template") return templatePayload(address, message, message.components);
  const { text, buttons = [] } = message;
  return buttons.length === 0 ? textPayload(address, text) : buttonsPayload(address, text, buttons);
}
