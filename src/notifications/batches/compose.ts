import type { AppName } from "../../ids/app-name.ts";
import type { BatchId } from "../../ids/batch-id.ts";
import { notificationIdFor } from "../../ids/notification-id.ts";
import { namesOf } from "../../ids/phone-number-name.ts";
import type { E164 } from "../../numbering/e164.ts";
import { type Subscriber, subscriberOf } from "../../numbering/subscriber.ts";
import type { Keyring } from "../../platform/keyring.ts";
import { type Fault, pointerTo } from "../../platform/problem.ts";
import type { TemplateStore } from "../../templates/store.ts";
import { type ComposedTemplate, composeFromTemplate, sealContent } from "../content.ts";
import type { NotificationContent } from "../notification.ts";
import type { SealedRecipient } from "./pages.ts";

/** A batch request, validated except for template and parameters. */
export interface BatchRequest {
  readonly app: AppName;
  readonly template: string;
  readonly recipients: readonly {
    readonly to: E164;
    /** The user's language; null selects that of their country, else the deployment's default. */
    readonly locale: string | null;
    readonly parameters: Readonly<Record<string, string>>;
    readonly metadata: Readonly<Record<string, string>>;
  }[];
}

export interface ComposeDependencies {
  readonly keyring: Keyring;
  readonly templates: TemplateStore;
  readonly defaultLocale: string;
}

export type Composed =
  | { readonly kind: "composed"; readonly recipients: readonly SealedRecipient[] }
  /** JSON pointers start with `/template` or `/recipients`. */
  | { readonly kind: "faults"; readonly faults: readonly Fault[] };

/**
 * Composes and encrypts each recipient's notification, or lists every fault. A notification's id is derived
 * from batch and ordinal, so that the contact object recognizes repeats.
 */
export async function compose(
  batch: BatchId,
  { app, template, recipients }: BatchRequest,
  { keyring, templates, defaultLocale }: ComposeDependencies,
): Promise<Composed> {
  const texts = cachedByLocale(templates);
  const messages: ComposedTemplate[] = [];
  for (const recipient of recipients) {
    messages.push(await composeFromTemplate({ ...recipient, template }, texts, defaultLocale));
  }
  const faults = [...faultsOf(messages), ...repeatedNumbers(recipients)];
  if (faults.length > 0) return { kind: "faults", faults };
  const sealed = recipients.map(({ to, metadata }, ordinal): SealedRecipient => {
    const [name] = namesOf(keyring, to);
    const id = notificationIdFor(name, `${batch}.${ordinal}`);
    // Without faults every message is a template.
    const content = { app, to, metadata, message: messages[ordinal] as NotificationContent["message"] };
    return { id, sealed: sealContent(keyring, id, content) };
  });
  return { kind: "composed", recipients: sealed };
}

/** Choosing a template's language dominates the cost, and a batch has few locales. */
function cachedByLocale(templates: TemplateStore): Pick<TemplateStore, "textsOf"> {
  const known = new Map<string, ReturnType<TemplateStore["textsOf"]>>();
  return {
    textsOf(name, locale) {
      const found = known.get(locale) ?? templates.textsOf(name, locale);
      known.set(locale, found);
      return found;
    },
  };
}

/** A template fault that every recipient has is reported once. */
function faultsOf(messages: readonly ComposedTemplate[]): readonly Fault[] {
  const byRecipient = messages.map((message) => (message.kind === "faults" ? message.faults : []));
  const [first] = byRecipient;
  if (first !== undefined && byRecipient.every((faults) => faults.some(isTemplateFault))) return first;
  return byRecipient.flatMap((faults, ordinal) =>
    faults.map((fault) => {
      const pointer =
        pointerTo(["recipients", ordinal]) + (isTemplateFault(fault) ? "/locale" : fault.pointer);
      return { ...fault, pointer };
    }),
  );
}

function isTemplateFault({ pointer }: Fault): boolean {
  return pointer === "/template";
}

/**
 * A number may occur once per batch: a duplicate is a mistake in the list, and WhatsApp limits messages per
 * user.
 */
function repeatedNumbers(recipients: BatchRequest["recipients"]): readonly Fault[] {
  const first = new Map<Subscriber, number>();
  return recipients.flatMap(({ to }, ordinal) => {
    const subscriber = subscriberOf(to);
    const former = first.get(subscriber);
    if (former === undefined) first.set(subscriber, ordinal);
    const detail = `This is the number of ${pointerTo(["recipients", former ?? 0, "to"])}.`;
    return former === undefined ? [] : [{ pointer: pointerTo(["recipients", ordinal, "to"]), detail }];
  });
}
