import {
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
import type { NotificationContent, NotificationJob } from "./notification.ts";

/** A template with what to put into it, as somebody asks for it. */
export interface WordingRequest {
  readonly to: E164;
  readonly template: string;
  /** Null where nobody named the user's language: then their country's, or the deployment's. */
  readonly locale: string | null;
  readonly parameters: Readonly<Record<string, string>>;
}

export type Wording =
  | {
      readonly kind: "template";
      readonly name: string;
      readonly language: string;
      readonly components: readonly FilledComponent[];
    }
  /** Pointers begin at `/template` or `/parameters`. */
  | { readonly kind: "faults"; readonly faults: readonly Fault[] };

/** Finds the words for a recipient, or names everything that keeps WhatsApp from sending them. */
export async function wordingOf(
  { to, template: name, locale, parameters }: WordingRequest,
  templates: Pick<TemplateStore, "textsOf">,
  defaultLocale: string,
): Promise<Wording> {
  const tag = locale ?? localeOfCountry(countryOf(to)) ?? defaultLocale;
  const found = await templates.textsOf(name, tag);
  if (found === null) {
    return faulty(
      "No template of this name has a language that WhatsApp has approved and the user may read.",
    );
  }
  if (found.category === "authentication") {
    return faulty("This template carries codes, which only a verification sends.");
  }
  const filled = fillTemplate(found.texts, parameters);
  if (filled.kind === "faults") return filled;
  return { kind: "template", name, language: found.language, components: filled.components };
}

function faulty(detail: string): Wording {
  return { kind: "faults", faults: [{ pointer: "/template", detail }] };
}

/** Seals what a notification says, so that it opens for this notification only. */
export function sealContent(keyring: Keyring, id: NotificationId, content: NotificationContent): string {
  return keyring.seal(JSON.stringify(content), id);
}

/** Opens what {@link sealContent} made; null when its key is gone. */
export function openContent(
  keyring: Keyring,
  { id, sealed }: Pick<NotificationJob, "id" | "sealed">,
): NotificationContent | null {
  try {
    // What opens under our key is what we have sealed.
    return JSON.parse(keyring.open(sealed, id)) as NotificationContent;
  } catch (error) {
    log("error", "A notification cannot be opened", { error: String(error) });
    return null;
  }
}

/** A notification as WhatsApp takes it. Its id comes back with every status update. */
export function payloadOf(id: NotificationId, { to, says }: NotificationContent): Payload {
  const address = { to, callbackData: id };
  return says.kind === "text"
    ? textPayload(address, says.text)
    : templatePayload(address, says, says.components);
}
