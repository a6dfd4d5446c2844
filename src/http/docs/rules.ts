import { alternatives, type Schema, schemaIn, show } from "./schema.ts";

/** What a value has to fulfil besides its type: phrases, with code in backticks. */
export function rules(schema: Schema): string[] {
  const { of } = alternatives(schema);
  const [only] = of;
  // Where there are several, each is known by its type.
  if (of.length !== 1 || only === undefined) return [];
  return [
    ...("const" in only ? [`always \`${show(only.const)}\``] : []),
    ...(only.enum ? [`one of ${only.enum.map((value) => `\`${show(value)}\``).join(", ")}`] : []),
    ...range(only.minLength, only.maxLength, " characters"),
    ...range(withoutSafeBound(only.minimum), withoutSafeBound(only.maximum), ""),
    ...range(only.minItems, only.maxItems, " entries"),
    // A format's pattern is the format over again, at great length.
    ...(only.pattern && !only.format ? [`matches \`${only.pattern}\``] : []),
    ...rulesOfParts("each", only.items),
    ...rulesOfParts("keys:", only.propertyNames),
    ...rulesOfParts("values:", only.additionalProperties),
  ];
}

function rulesOfParts(which: string, parts: Schema["items"]): string[] {
  if (typeof parts !== "object") return [];
  const phrases = rules(schemaIn(parts));
  return phrases.length === 0 ? [] : [`${which} ${phrases.join(", ")}`];
}

function range(from: number | undefined, to: number | undefined, unit: string): string[] {
  if (from === undefined) return to === undefined ? [] : [`at most ${to}${unit}`];
  if (to === undefined) return [`at least ${from}${unit}`];
  return [from === to ? `${from}${unit}` : `${from} to ${to}${unit}`];
}

/** Every integer of zod's has the bounds of a safe one, which tell a reader nothing. */
function withoutSafeBound(bound: number | undefined): number | undefined {
  return bound !== undefined && Number.isSafeInteger(bound) && Math.abs(bound) < Number.MAX_SAFE_INTEGER
    ? bound
    : undefined;
}
