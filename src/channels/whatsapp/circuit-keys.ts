import type { Scope } from "./errors.ts";

/** The circuit of everything that the business account sends. */
export const ACCOUNT_KEY = "account";

/** What a message depends on. Null where it is unknown, or for a message without a template. */
export interface CircuitSubject {
  readonly phoneNumberId: string | null;
  readonly country: string | null;
  readonly template: { readonly name: string; readonly language: string } | null;
}

/**
 * The circuit that an error of a scope concerns; null where it concerns one recipient, or the subject does not
 * say which circuit. A country's circuit is per sender, because senders may have different rights there.
 */
export function circuitKey(
  scope: Scope,
  { phoneNumberId, country, template }: CircuitSubject,
): string | null {
  switch (scope) {
    case "recipient":
      return null;
    case "account":
      return ACCOUNT_KEY;
    case "template":
      return template === null ? null : `template/${template.name}/${template.language}`;
    case "sender":
      return phoneNumberId === null ? null : `sender/${phoneNumberId}`;
    case "country":
      return phoneNumberId === null ? null : `sender/${phoneNumberId}/country/${country}`;
  }
}
