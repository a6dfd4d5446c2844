import { GraphError } from "./errors.ts";

/**
 * Picks what the `fields` query parameter names from a node; `id` always comes along.
 * @param defaults the fields of an answer to a request that names none
 * @throws GraphError 100 for a field the node does not have
 */
export function selectFields(
  node: Record<string, unknown>,
  fields: string | undefined,
  defaults: readonly string[],
  nodeType: string,
): Record<string, unknown> {
  // `owner_business_info{id,name}` also picks within a field, which is answered whole.
  const names = fields
    ? fields
        .replaceAll(/\{[^{}]*\}/g, "")
        .split(",")
        .map((name) => name.trim())
    : defaults;
  for (const name of names) {
    if (!Object.hasOwn(node, name)) {
      throw new GraphError(100, {
        message: `(#100) Tried accessing nonexisting field (${name}) on node type (${nodeType})`,
      });
    }
  }
  return Object.fromEntries([...new Set([...names, "id"])].map((name) => [name, node[name]]));
}
