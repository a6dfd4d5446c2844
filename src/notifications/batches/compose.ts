import type { BatchId } from "../../ids/batch-id.ts";
import { notificationIdFor } from "../../ids/notification-id.ts";
import { namesOf } from "../../ids/phone-number-name.ts";
import type { E164 } from "../../numbering/e164.ts";
import type { Keyring } from "../../platform/keyring.ts";
import { type Fault, pointerTo } from "../../platform/problem.ts";
import type { TemplateStore } from "../../templates/store.ts";
import { sealContent, type Wording, wordingOf } from "../content.ts";
import type { NotificationContent } from "../notification.ts";
import type { SealedRecipient } from "./pages.ts";

/** Whom a batch is for, and what they are told; everything in it has been validated but the words. */
export interface BatchRequest {
  readonly template: string;
  readonly recipients: readonly {
    readonly to: E164;
    /** Null where nobody named the user's language. */
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
  /** Pointers begin at `/template` or `/recipients`. */
  | { readonly kind: "faults"; readonly faults: readonly Fault[] };

/**
 * Finds the words for each recipient and seals them, or names everything that is wrong with any of them. A
 * notification's id follows from its batch and its place there, so that its recipient's object knows it again.
 */
export async function compose(
  batch: BatchId,
  { template, recipients }: BatchRequest,
  { keyring, templates, defaultLocale }: ComposeDependencies,
): Promise<Composed> {
  const texts = onceALocale(templates);
  const wordings: Wording[] = [];
  for (const recipient of recipients) {
    wordings.push(await wordingOf({ ...recipient, template }, texts, defaultLocale));
  }
  const faults = [...faultsOf(wordings), ...repeatedNumbers(recipients)];
  if (faults.length > 0) return { kind: "faults", faults };
  const sealed = recipients.map(({ to, metadata }, ordinal): SealedRecipient => {
    const [name] = namesOf(keyring, to);
    const id = notificationIdFor(name, `${batch}.${ordinal}`);
    // Without a fault every wording is a template's.
    const content = { to, metadata, says: wordings[ordinal] as NotificationContent["says"] };
    return { id, sealed: sealContent(keyring, id, content) };
  });
  return { kind: "composed", recipients: sealed };
}

/** To find the language that suits a locale takes as long as all the rest, and few locales are asked for. */
function onceALocale(templates: TemplateStore): Pick<TemplateStore, "textsOf"> {
  const known = new Map<string, ReturnType<TemplateStore["textsOf"]>>();
  return {
    textsOf(name, locale) {
      const found = known.get(locale) ?? templates.textsOf(name, locale);
      known.set(locale, found);
      return found;
    },
  };
}

/** A template that nobody can be sent is one fault, however many recipients it has. */
function faultsOf(wordings: readonly Wording[]): readonly Fault[] {
  const byRecipient = wordings.map((wording) => (wording.kind === "faults" ? wording.faults : []));
  const [first] = byRecipient;
  if (first !== undefined && byRecipient.every((faults) => faults.some(isOfTemplate))) return first;
  return byRecipient.flatMap((faults, ordinal) =>
    faults.map((fault) => {
      const pointer = pointerTo(["recipients", ordinal]) + (isOfTemplate(fault) ? "/locale" : fault.pointer);
      return { ...fault, pointer };
    }),
  );
}

function isOfTemplate({ pointer }: Fault): boolean {
  return pointer === "/template";
}

/** Nobody is written to twice by one call: that would be a mistake in the list, and WhatsApp limits it besides. */
function repeatedNumbers(recipients: BatchRequest["recipients"]): readonly Fault[] {
  const first = new Map<E164, number>();
  return recipients.flatMap(({ to }, ordinal) => {
    const former = first.get(to);
    if (former === undefined) first.set(to, ordinal);
    const detail = `This is the number of ${pointerTo(["recipients", former ?? 0, "to"])}.`;
    return former === undefined ? [] : [{ pointer: pointerTo(["recipients", ordinal, "to"]), detail }];
  });
}
