import { addressParameter, isPositional, placeholdersIn, replacePlaceholders } from "./parameters.ts";

/** The texts of a utility template in one language. */
export interface UtilityTexts {
  readonly header?: string | undefined;
  readonly body: string;
  readonly footer?: string | undefined;
  readonly buttons: readonly UtilityButton[];
  /** An example value by parameter name. */
  readonly examples: Readonly<Record<string, string>>;
}

export type UtilityButton =
  | { readonly type: "url"; readonly text: string; readonly url: string }
  | { readonly type: "quick_reply"; readonly text: string }
  | { readonly type: "phone_number"; readonly text: string; readonly phone_number: string };

/** A fault that WhatsApp's API or reviewer would reject. */
export interface TextFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * Maximum buttons per type and in all. These, like the grouping rule, are taken from other template builders;
 * Meta's pages do not confirm them.
 */
const MOST_BUTTONS = { all: 10, url: 2, phone_number: 1, quick_reply: 10 } as const;

/** Named parameters: Meta shows lower case and underscores only; that digits are allowed is unconfirmed. */
const PARAMETER_NAME = /^([a-z][a-z0-9_]*|[1-9]\d*)$/;

/**
 * Finds faults in a template's texts other than their lengths. How many words a text needs per parameter
 * (error 2388293) is undocumented, so only WhatsApp can judge it.
 */
export function findTextFaults(texts: UtilityTexts): readonly TextFault[] {
  return [...textFaults(texts), ...buttonFaults(texts), ...exampleFaults(texts)];
}

function textFaults({ header = "", body, footer = "" }: UtilityTexts): TextFault[] {
  const names = placeholdersIn(header + body);
  return [
    ...(placeholdersIn(header).length > 1 ? [fault("A header takes at most one parameter.", "header")] : []),
    ...(/[{}]{2}/.test(footer) ? [fault("A footer takes no parameters.", "footer")] : []),
    ...badPlaceholders(header, "header"),
    ...badPlaceholders(body, "body"),
    ...(names.some(isPositional) && !names.every(isPositional)
      ? [fault("Use names or numbers for parameters, not both.", "body")]
      : []),
    ...(isInOrder(placeholdersIn(body)) ? [] : [fault("Number the parameters 1, 2, 3.", "body")]),
    ...(isInOrder(placeholdersIn(header)) ? [] : [fault("A header's parameter is {{1}}.", "header")]),
    // Meta's error 2388299.
    ...(/^\s*\{\{|\}\}\s*$/.test(body)
      ? [fault("The text must not start or end with a parameter.", "body")]
      : []),
  ];
}

function isInOrder(names: readonly string[]): boolean {
  return names.every((name, index) => !isPositional(name) || name === String(index + 1));
}

function buttonFaults({ buttons }: UtilityTexts): TextFault[] {
  const kinds = Object.entries(MOST_BUTTONS).flatMap(([kind, most]) => {
    const count = buttons.filter(({ type }) => kind === "all" || type === kind).length;
    const what = kind === "all" ? "buttons" : `buttons of type ${kind}`;
    return count > most ? [fault(`A template has at most ${most} ${what}.`, "buttons")] : [];
  });
  const each = buttons.flatMap((button, index) => [
    ...(/[{}]{2}/.test(button.text)
      ? [fault("A button's text takes no parameters.", "buttons", index, "text")]
      : []),
    ...(button.type === "url" ? urlFaults(button.url, index) : []),
  ]);
  const groups = buttons.filter(
    ({ type }, index) => type === "quick_reply" && buttons[index - 1]?.type !== "quick_reply",
  );
  const apart = groups.length > 1 ? [fault("Put quick replies side by side.", "buttons")] : [];
  return [...kinds, ...apart, ...each];
}

function urlFaults(url: string, index: number): TextFault[] {
  const path = ["buttons", index, "url"] as const;
  const fixed = url.replace(/\{\{\w+\}\}$/, "");
  const isWeb = /^https?:\/\/\S+$/.test(fixed) && URL.canParse(fixed);
  return [
    ...(isWeb ? [] : [fault("Give an http or https address.", ...path)]),
    ...(/[{}]{2}/.test(fixed) ? [fault("An address takes one parameter, at its end.", ...path)] : []),
    ...badPlaceholders(url, ...path),
  ];
}

function exampleFaults({ header = "", body, buttons, examples }: UtilityTexts): TextFault[] {
  const inBody = placeholdersIn(body);
  const inAddresses = buttons.map((button) =>
    button.type === "url" ? addressParameter(button.url, inBody, examples) : null,
  );
  const names = new Set([
    ...placeholdersIn(header),
    ...inBody,
    ...inAddresses.filter((name) => name !== null),
  ]);
  return [
    ...[...names]
      .filter((name) => !Object.hasOwn(examples, name))
      .map((name) => fault("This parameter needs an example.", "examples", name)),
    ...Object.keys(examples)
      .filter((name) => !names.has(name))
      .map((name) => fault("There is no such parameter.", "examples", name)),
  ];
}

function badPlaceholders(text: string, ...path: readonly (string | number)[]): TextFault[] {
  const bad = placeholdersIn(text).find(
    (name) => !PARAMETER_NAME.test(name) || !text.includes(`{{${name}}}`),
  );
  const rest = replacePlaceholders(text, () => "");
  return bad !== undefined || /\{\{|\}\}/.test(rest)
    ? [fault("Write parameters as {{name}}, in lower case, with digits and underscores, or {{1}}.", ...path)]
    : [];
}

function fault(message: string, ...path: readonly (string | number)[]): TextFault {
  return { path, message };
}
