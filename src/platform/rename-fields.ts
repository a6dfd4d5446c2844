/**
 * Renames fields of a stored value at any depth.
 *
 * @param names The new name by the former one.
 * @param opaque Fields whose content is the callers' own, with names that are left alone.
 */
export function renameFields(
  value: unknown,
  names: Readonly<Record<string, string>>,
  opaque: readonly string[] = [],
): unknown {
  if (Array.isArray(value)) return value.map((item) => renameFields(item, names, opaque));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      Object.hasOwn(names, name) ? names[name] : name,
      opaque.includes(name) ? field : renameFields(field, names, opaque),
    ]),
  );
}

/** A Map, as the records of ranges have one, is left as it is. */
function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
