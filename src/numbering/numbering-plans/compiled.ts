const known = new Map<string, RegExp>();

/**
 * A table's regular expression, compiled once an isolate: to make one takes longer than everything else that is
 * asked of a number. As many are kept as the tables have.
 */
export function compiled(pattern: string): RegExp {
  const before = known.get(pattern);
  if (before !== undefined) return before;
  const expression = new RegExp(pattern);
  known.set(pattern, expression);
  return expression;
}
