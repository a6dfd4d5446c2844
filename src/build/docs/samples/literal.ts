const LONGEST_LINE = 64;

/**
 * A value as JavaScript source: on one line if it is short, else a property a line.
 *
 * @param before How many characters stand before it on its line.
 */
export function literal(value: unknown, before: number, indent = ""): string {
  const flat = onOneLine(value);
  const isEmpty = flat === "{}" || flat === "[]";
  if (typeof value !== "object" || value === null || isEmpty || before + flat.length <= LONGEST_LINE) {
    return flat;
  }
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return `[\n${value.map((entry) => `${inner}${literal(entry, inner.length, inner)},\n`).join("")}${indent}]`;
  }
  const properties = Object.entries(value).map(
    ([name, property]) =>
      `${inner}${nameOf(name)}: ${literal(property, inner.length + name.length, inner)},\n`,
  );
  return `{\n${properties.join("")}${indent}}`;
}

function onOneLine(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(", ")}]`;
  const properties = Object.entries(value).map(
    ([name, property]) => `${nameOf(name)}: ${onOneLine(property)}`,
  );
  return properties.length === 0 ? "{}" : `{ ${properties.join(", ")} }`;
}

function nameOf(property: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(property) ? property : JSON.stringify(property);
}
